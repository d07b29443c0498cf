import { beijing } from '../core/base/time.ts'
import { readCaught } from '../plugins/sandbox/caught.ts'
import { command } from './command.ts'
import { present } from './kit.ts'
import { countOf } from './paging.ts'
import { UsageError } from './usage.ts'

const CHANNELS = { push: '推送', sms: '短信', mail: '邮件' } as const
type Channel = keyof typeof CHANNELS

export const messages = command({
  usage: 'messages',
  describe: '显示沙箱收下的推送、短信和邮件，新的在前；沙箱不发给任何人，收下的写在数据目录里',
  examples: [
    ['messages', '最近 20 条'],
    ['messages --channel sms --to 8613', '发往某个号码的短信'],
    ['messages --limit 50 --page 2 --json', '再早的 50 条，供程序读取'],
  ],
  options: (own) =>
    own
      .option('channel', { choices: Object.keys(CHANNELS) as Channel[], describe: '只看一种：push 推送，sms 短信，mail 邮件' })
      .option('to', { type: 'string', describe: '收件号码或地址里含有这些字' })
      .option('text', { type: 'string', describe: '标题或内容里含有这些字' })
      .option('limit', { type: 'number', default: 20, describe: '每页条数，1 至 500' })
      .option('page', { type: 'number', default: 1, describe: '第几页' }),
  async run({ channel, to, text, limit, page, json }, io) {
    const { sandbox, DATA_DIR } = io.settings()
    if (!sandbox) throw new UsageError('沙箱没有开启：消息发给了真实的人，请查 /admin/messages/deliveries')
    const size = countOf(limit, '--limit', 500)
    const from = (countOf(page, '--page', 100_000) - 1) * size
    const all = readCaught(DATA_DIR)
      .map(({ channel, at, times, parcel }) => ({ channel, at: beijing(at), times, ...told(parcel) }))
      .filter((message) => channel === undefined || message.channel === channel)
      .filter((message) => to === undefined || message.to.includes(to))
      .filter((message) => text === undefined || `${message.title}\n${message.text}`.includes(text))
    const shown = all.slice(from, from + size)
    const lines = shown.flatMap((message) => [
      `${message.at}  ${CHANNELS[message.channel as Channel] ?? message.channel}  ${message.to}${message.times > 1 ? `  送来 ${message.times} 次` : ''}`,
      `  ${message.title}`,
      `  ${message.text}`,
    ])
    const left = all.length - from - shown.length
    const rest = left > 0 ? [`还有 ${left} 条：加 --page ${page + 1}`] : []
    present(io, json, { messages: shown, total: all.length }, shown.length === 0 ? ['沙箱没有收到这样的消息'] : [...lines, ...rest])
    return 0
  },
})

function told(parcel: Readonly<Record<string, unknown>>): { to: string; title: string; text: string } {
  const word = (name: string) => (typeof parcel[name] === 'string' ? (parcel[name] as string) : '')
  return { to: word('to'), title: word('title'), text: word('text') }
}
