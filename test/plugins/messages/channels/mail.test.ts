import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { ChannelError } from '../../../../plugins/messages/channels/channel.ts'
import { mail } from '../../../../plugins/messages/channels/mail.ts'

const FROM = 'hub@example.org'
const parcel = {
  id: '5b0c1111-1111-4111-8111-111111111111',
  to: 'jia@example.org',
  title: '办件进度',
  text: '您的事项有新进展。',
  urgent: false,
}

/** As much of a server (RFC 5321) as takes one letter, or says `answer` to its recipient. */
async function startServer(answer = '250 ok') {
  const letters: { to: string[]; text: string }[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let letter = { to: [] as string[], text: '' }
    let reading = false
    socket.setEncoding('utf8').write('220 test\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n').slice(0, -1)) {
        if (reading && line === '.') {
          reading = false
          letters.push(letter)
          letter = { to: [], text: '' }
          socket.write('250 taken\r\n')
        } else if (reading) letter.text += `${line}\n`
        else if (/^RCPT TO/i.test(line)) {
          letter.to.push(line)
          socket.write(`${answer}\r\n`)
        } else if (/^DATA/i.test(line)) {
          reading = true
          socket.write('354 go on\r\n')
        } else socket.write(/^STARTTLS/i.test(line) ? '502 no\r\n' : '250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    letters,
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

t.test('a letter: one recipient, one subject, whatever stands in either', async (t) => {
  const server = await startServer()
  const transport = mail({ url: server.url, from: FROM, plain: true, timeoutMs: 2000 })
  t.teardown(async () => {
    transport.close()
    await server.close()
  })
  await transport.send({ ...parcel, title: '标题\r\nBcc: yi@example.org\r\n\r\n正文', to: 'jia@example.org' })
  const [letter] = server.letters
  t.equal(letter?.to.length, 1)
  const [head = ''] = letter?.text.split('\n\n') ?? []
  t.notMatch(head, /^bcc:/im)
  t.match(head, /^Message-ID: <5b0c1111-1111-4111-8111-111111111111@example\.org>$/m)
  t.match(head, /^Auto-Submitted: auto-generated$/m)
})

t.test('a server that refuses for good, for now, or offers no TLS', async (t) => {
  for (const [answer, plain, code, passing] of [
    ['550 no such user', true, 'SMTP-550', false],
    ['450 later', true, 'SMTP-450', true],
    ['250 ok', false, 'SMTP-502', false],
  ] as const) {
    const server = await startServer(answer)
    const transport = mail({ url: server.url, from: FROM, plain, timeoutMs: 2000 })
    const error = await transport.send(parcel).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    t.ok(error instanceof ChannelError)
    t.match(error, { code, passing }, answer)
    t.same(server.letters, [])
    transport.close()
    await server.close()
  }
})
