import t from 'tap'
import { webhook } from '../../plugins/messages/channels/webhook.ts'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

t.test('what the sandbox caught is shown beside a hub that runs', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const run = cli(settings)
  t.match(await run('messages'), { code: 0, out: '沙箱没有收到这样的消息' })
  const hub = await build(t, { store: settings })
  const { messages } = hub.app.sandbox as Sandbox
  const send = async (channel: string, id: string, to: string, title: string) => {
    const transport = webhook({ url: messages.urlOf(channel), key: messages.key })
    await transport.send({ id, to, title, text: `${title}：请查看`, urgent: false })
    transport.close?.()
  }
  await send('sms', 'first', '13800000001', '还款提醒')
  await send('push', 'second', 'person-2', '办理进度')
  await send('push', 'second', 'person-2', '办理进度')

  const find = async (...args: string[]) => JSON.parse((await run('messages', ...args, '--json')).out)
  t.match(await find(), {
    total: 2,
    messages: [
      { channel: 'push', to: 'person-2', title: '办理进度', times: 2 },
      { channel: 'sms', to: '13800000001', text: '还款提醒：请查看', times: 1 },
    ],
  })
  t.match(await run('messages'), { code: 0, out: /推送 {2}person-2 {2}送来 2 次\n {2}办理进度\n[\s\S]*短信 {2}13800000001/ })
  for (const [args, total] of [
    [['--channel', 'sms'], 1],
    [['--to', 'person'], 1],
    [['--text', '还款'], 1],
    [['--channel', 'mail'], 0],
  ] as const)
    t.equal((await find(...args)).total, total, args.join(' '))
  t.match(await find('--limit', '1', '--page', '2'), { total: 2, messages: [{ channel: 'sms' }] })
  t.match((await run('messages', '--limit', '1')).out, /还有 1 条：加 --page 2/)
  t.match(await run('messages', '--channel', 'fax'), { code: 2 })
  t.match(await run('messages', '--help'), { code: 0, out: /--channel[\s\S]*--json/ })
})
