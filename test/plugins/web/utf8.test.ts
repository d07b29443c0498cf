import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { OnePieceResponse, utf8 } from '../../../plugins/web/utf8.ts'

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\ud800', '许昌\udc00x', ''),
)

t.test('a text has the bytes that Node gives it, whatever its length', async (t) => {
  fc.assert(fc.property(texts, fc.constantFrom(1, 1000), (text, times) => utf8(text.repeat(times)).equals(Buffer.from(text.repeat(times)))))
  const [first, second] = [utf8('许昌'), utf8('公积金')]
  t.equal(first.toString(), '许昌', 'bytes are not those of the next text')
  t.equal(second.toString(), '公积金')
})

t.test('bytes arrive as they are, short or long, with and without a length, alone or after others', async (t) => {
  const answers: Record<string, { head: boolean; parts: (Buffer | string)[] }> = {
    '/short': { head: true, parts: [Buffer.from('许昌\u0000\u00ff')] },
    '/long': { head: true, parts: [Buffer.alloc(100_000, '许')] },
    '/chunked': { head: false, parts: [Buffer.from('许'), Buffer.from([0, 255, 128])] },
    '/text': { head: true, parts: ['许昌'] },
    '/empty': { head: true, parts: [Buffer.alloc(0)] },
  }
  const bytesOf = (parts: readonly (Buffer | string)[]) => Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)))
  const server = createServer({ ServerResponse: OnePieceResponse }, ({ url = '' }, response) => {
    const { head, parts } = answers[url] as (typeof answers)[string]
    if (head) response.writeHead(200, { 'content-length': bytesOf(parts).length })
    for (const part of parts.slice(0, -1)) response.write(part)
    response.end(parts.at(-1))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const [path, { parts }] of Object.entries(answers)) {
    const response = await fetch(origin + path)
    t.ok(Buffer.from(await response.arrayBuffer()).equals(bytesOf(parts)), path)
    t.equal(await (await fetch(origin + path, { method: 'HEAD' })).text(), '', `${path}, its head alone`)
  }
})
