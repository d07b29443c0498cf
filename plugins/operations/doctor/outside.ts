import type { Settings } from '../../../config/settings.ts'
import { lookAtServer } from './agencies.ts'
import { ailing, type Finding, skipped, well } from './finding.ts'

/** What is set up beside agencies: the public address, ways to tell people, the scanner of files, the seal. */
export async function lookAtSettings(settings: Settings): Promise<Finding[]> {
  return [await publicAddress(settings), ...channels(settings), scanner(settings), seal(settings), production(settings)]
}

async function publicAddress({ PUBLIC_URL }: Settings): Promise<Finding> {
  const subject = { id: 'public-url', title: '公网地址（PUBLIC_URL）' }
  if (!PUBLIC_URL.startsWith('https:')) return skipped(subject, '没有设置 https 的公网地址')
  return lookAtServer(subject, PUBLIC_URL)
}

function channels({ MESSAGE_PUSH_URL, MESSAGE_SMS_URL, MESSAGE_MAIL_URL, MESSAGE_CHANNELS, sandbox }: Settings): Finding[] {
  const ways = [
    ['push', '推送', MESSAGE_PUSH_URL, 'MESSAGE_PUSH_URL'],
    ['sms', '短信', MESSAGE_SMS_URL, 'MESSAGE_SMS_URL'],
    ['mail', '邮件', MESSAGE_MAIL_URL, 'MESSAGE_MAIL_URL'],
  ] as const
  return ways
    .filter(([channel]) => MESSAGE_CHANNELS.split(',').includes(channel))
    .map(([channel, title, address, name]) => {
      const subject = { id: `channel:${channel}`, title: `${title}网关` }
      if (address !== '') return well(subject, '已设置')
      if (sandbox) return skipped(subject, '由沙箱收下')
      return ailing(subject, 'warn', '没有设置，消息不会经这条路发出', `请设置 ${name}，或从 MESSAGE_CHANNELS 里去掉 ${channel}`)
    })
}

function scanner({ FILE_SCANNER, sandbox }: Settings): Finding {
  const subject = { id: 'scanner', title: '上传文件的病毒扫描' }
  if (FILE_SCANNER === 'off') return ailing(subject, 'warn', '特意关掉了', '请用 FILE_SCANNER 指明 clamd，除非别处已在扫描')
  if (FILE_SCANNER !== '') return well(subject, '已设置')
  if (sandbox) return skipped(subject, '沙箱里不扫描')
  return ailing(subject, 'warn', '没有设置，不接受上传', '请用 FILE_SCANNER 指明 clamd')
}

function seal({ SEAL_KEY_FILE, sandbox }: Settings): Finding {
  const subject = { id: 'seal', title: '电子印章' }
  if (SEAL_KEY_FILE !== '') return well(subject, '已设置；到期前 /health 和消息会提醒')
  return sandbox ? skipped(subject, '由沙箱自签') : skipped(subject, '没有设置：不出具带章的证明')
}

function production({ NODE_ENV, sandbox }: Settings): Finding {
  const subject = { id: 'environment', title: '运行环境' }
  if (NODE_ENV === 'production') return well(subject, 'production')
  return ailing(subject, 'warn', `${NODE_ENV}，沙箱${sandbox ? '开着' : '关着'}`, '正式运行请设 NODE_ENV=production')
}
