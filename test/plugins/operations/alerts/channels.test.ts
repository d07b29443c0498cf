import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import t, { type Test } from 'tap'
import type { AlertSettings } from '../../../../config/alerts.ts'
import { signatureOf } from '../../../../plugins/messages/channels/webhook.ts'
import { openChannels } from '../../../../plugins/operations/alerts/channels/index.ts'
import { failover } from '../../../../plugins/operations/alerts/channels/several.ts'
import type { Notification } from '../../../../plugins/operations/alerts/tell.ts'

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ID = '5b0c1111-1111-4111-8111-111111111111'
const MAIL = { MESSAGE_MAIL_URL: '', MESSAGE_MAIL_FROM: 'hub@example.org', MESSAGE_SMS_URL: '', MESSAGE_SMS_KEY: '' }
const gas = { id: ID, target: 'gas', name: '燃气', words: '对方系统状况：中断', since: 1_800_000_000_000 }
const notification: Notification = {
  ...{ telling: 'firing', rule: 'agency-down', title: '对方系统中断', severity: 'critical', at: 1_800_000_120_000 },
  alerts: [gas, { ...gas, target: 'water', name: '供水' }],
}

type Mood = number | 'hang' | `to ${string}`

/** Somebody's receiver, as moody as told. */
async function startReceiver(t: Test, mood: Mood = 200) {
  const receiver = { mood, taken: [] as { headers: IncomingMessage['headers']; body: string }[], url: '' }
  const server = createServer(async (request, response) => {
    receiver.taken.push({ headers: request.headers, body: await text(request) })
    if (receiver.mood === 'hang') return
    if (typeof receiver.mood === 'string') response.writeHead(302, { location: receiver.mood.slice(3) })
    else response.writeHead(receiver.mood)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`
  return receiver
}

async function channelsOf(t: Test, settings: AlertSettings, own: Partial<typeof MAIL> = {}) {
  const opened = await openChannels(settings, { ...MAIL, ...own }, { source: 'https://hub.example', timeoutMs: 500 })
  const [channels = []] = opened.values()
  t.teardown(() => {
    for (const channel of channels) channel.close()
  })
  return channels.map((channel) =>
    channel.send(ID, notification).then(
      () => null,
      ({ code, passing }: { code: string; passing: boolean }) => ({ code, passing }),
    ),
  )
}

const webhookTo = (url: string, internal = true): AlertSettings => ({
  receivers: [{ name: '值班', channels: [{ kind: 'webhook', url, key: KEY, internal }] }],
})

t.test('a signature is that of the Standard Webhooks', async (t) => {
  const key = Buffer.from(KEY.slice('whsec_'.length), 'base64')
  // The vector of the specification’s reference implementation.
  t.equal(
    signatureOf(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}'),
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

t.test('a webhook is a signed CloudEvent', async (t) => {
  const receiver = await startReceiver(t)
  t.same(await Promise.all(await channelsOf(t, webhookTo(receiver.url))), [null])
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.taken
  t.match(headers, { 'content-type': 'application/cloudevents+json; charset=utf-8', 'webhook-id': ID })
  const signed = createHmac('sha256', Buffer.from(KEY.slice(6), 'base64')).update(`${ID}.${headers['webhook-timestamp']}.${body}`)
  t.equal(headers['webhook-signature'], `v1,${signed.digest('base64')}`)
  t.match(JSON.parse(body), {
    specversion: '1.0',
    id: ID,
    source: 'https://hub.example',
    type: 'hub.alert.firing',
    subject: 'agency-down',
    time: '2027-01-15T08:02:00.000Z',
    datacontenttype: 'application/json',
    data: {
      ...{ rule: 'agency-down', title: '对方系统中断', severity: 'critical' },
      alerts: [{ target: 'gas', name: '燃气', since: '2027-01-15T08:00:00.000Z' }, { target: 'water' }],
    },
  })
})

t.test('one that never answers, refuses, is busy, or leads elsewhere', async (t) => {
  const inside = await startReceiver(t)
  for (const [mood, code, passing] of [
    ['hang', 'TIMEOUT', true],
    [410, 'STATUS-410', false],
    [429, 'STATUS-429', true],
    [503, 'STATUS-503', true],
    [`to ${inside.url}`, 'STATUS-302', false],
  ] as const) {
    const receiver = await startReceiver(t, mood)
    t.same(await Promise.all(await channelsOf(t, webhookTo(receiver.url))), [{ code, passing }], String(mood))
  }
  t.same(inside.taken, [], 'no redirect is followed')
})

t.test('an address inside is not called, by number or by name, unless the operator says that it is inside', async (t) => {
  const receiver = await startReceiver(t)
  const { port } = new URL(receiver.url)
  for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254', 'localhost']) {
    const [outcome] = await Promise.all(await channelsOf(t, webhookTo(`https://${host}:${port}/`, false)))
    t.match(outcome, { code: 'ERR_ADDRESS_CLOSED' }, host)
  }
  t.same(receiver.taken, [])
})

t.test('a letter to each, through a real mail server', async (t) => {
  const letters: { to: string[]; text: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
    onData(stream, { envelope }, done) {
      text(stream).then((letter) => {
        letters.push({ to: envelope.rcptTo.map(({ address }) => address), text: letter })
        done()
      }, done)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  const to = ['a@example.org', 'gone@example.org', 'b@example.org']
  const settings: AlertSettings = { receivers: [{ name: '值班', channels: [{ kind: 'mail', to }] }] }
  t.same(await Promise.all(await channelsOf(t, settings, { MESSAGE_MAIL_URL: url })), [{ code: 'SMTP-550', passing: false }])
  t.same(
    letters.map(({ to }) => to),
    [['a@example.org'], ['b@example.org']],
    'one that is gone keeps it from nobody else',
  )
  const subject = /^Subject: ((?:.|\n )+)/m.exec(letters[0]?.text.replaceAll('\r', '') ?? '')?.[1] ?? ''
  t.equal(decodeWords(subject), '【严重】告警：对方系统中断（2 项）')
  t.match(letters[0]?.text, /^Auto-Submitted: auto-generated/m)
})

t.test('a text goes through the second gateway where the first is silent', async (t) => {
  const [silent, second] = [await startReceiver(t, 'hang'), await startReceiver(t)]
  const settings: AlertSettings = {
    receivers: [{ name: '值班', channels: [{ kind: 'sms', to: ['13800000001'] }] }],
    smsGateways: [silent, second].map(({ url }) => ({ url, key: 'a key of sixteen.', internal: true })),
  }
  t.same(await Promise.all(await channelsOf(t, settings)), [null])
  t.equal(silent.taken.length, 1)
  t.match(JSON.parse(second.taken[0]?.body ?? '{}'), {
    ...{ to: '13800000001', urgent: true },
    text: '【严重】告警：对方系统中断（2 项）。燃气 对方系统状况：中断；供水 对方系统状况：中断',
  })
  second.mood = 400
  silent.mood = 503
  t.same(await Promise.all(await channelsOf(t, settings)), [{ code: 'STATUS-400', passing: true }], 'the first may be back')
})

t.test('what a channel goes by must be there', async (t) => {
  const open = (settings: AlertSettings) => openChannels(settings, MAIL, { source: '' })
  const [mail, sms] = [
    { kind: 'mail' as const, to: ['a@example.org'] },
    { kind: 'sms' as const, to: ['13800000001'] },
  ]
  await t.rejects(open({ receivers: [{ name: '值班', channels: [mail] }] }), /MESSAGE_MAIL_URL: required for mail/)
  await t.rejects(open({ receivers: [{ name: '值班', channels: [sms] }] }), /smsGateways or MESSAGE_SMS_URL/)
  const twice = { name: '值班', channels: [{ kind: 'webhook' as const, url: 'https://example.org', key: KEY }] }
  await t.rejects(open({ receivers: [twice, twice] }), /two receivers/)
  await t.rejects(failover([]).send({ id: ID, to: '', title: '', text: '', urgent: true }), { code: 'NO-CHANNEL' })
})

/** RFC 2047, as much of it as a subject needs. */
function decodeWords(subject: string): string {
  return subject.replace(/\s+(?==\?)/g, '').replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_all, form: string, word: string) =>
    form.toUpperCase() === 'B'
      ? Buffer.from(word, 'base64').toString()
      : Buffer.from(
          word.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_hex, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
          'latin1',
        ).toString(),
  )
}
