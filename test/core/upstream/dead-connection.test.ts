import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Outgoing, RawReply } from '../../../core/upstream/dialect.ts'
import { createUpstream } from '../../../core/upstream/upstream.ts'

const BODY = '{"ok":true}'
const REPLY = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`

type Trouble = (socket: Socket) => void

/** A gateway that answers the first request of a connection and treats a later one to `trouble`. → how many arrived. */
async function gateway(t: Test, trouble: Trouble, from = 2) {
  let arrived = 0
  const server = createServer((socket) => {
    let own = 0
    socket.on('error', () => undefined)
    socket.on('data', () => {
      arrived++
      if (++own >= from) trouble(socket)
      else socket.write(REPLY)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as { port: number }
  let signed = 0
  const upstream = createUpstream({
    agency: '示例单位',
    baseUrl: `http://127.0.0.1:${port}`,
    maxConcurrent: 1,
    createSigner: () => ({
      sign: ({ method }) => ({ method, path: '/', headers: { 'x-nonce': String(++signed) }, body: method === 'GET' ? null : '{}' }),
      refused: () => false,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
  })
  t.teardown(async () => {
    await upstream.close()
    server.close()
  })
  const call = (method: Outgoing['method'], asks: boolean) =>
    upstream.call({ sid: 's', method, params: {} }, (reply: RawReply) => ({ rows: [{ text: String(reply.body) }], total: null }), {
      deadline: performance.now() + 3000,
      retries: 0,
      cacheSeconds: 0,
      asks,
    })
  return { call, arrived: () => arrived, signed: () => signed }
}

const troubles: Readonly<Record<string, Trouble>> = {
  ended: (socket) => socket.end(),
  destroyed: (socket) => socket.destroy(),
  reset: (socket) => socket.resetAndDestroy(),
}

for (const [name, trouble] of Object.entries(troubles)) {
  t.test(`a question that meets a connection just ${name} is sent once more, signed anew`, async (t) => {
    const { call, arrived, signed } = await gateway(t, trouble)
    await call('POST', true)
    t.equal((await call('POST', true)).status, 200)
    t.strictSame([arrived(), signed()], [3, 3])
    t.equal((await call('GET', false)).status, 200, 'a GET changes nothing either')
  })

  t.test(`what is filed or done is sent once (${name})`, async (t) => {
    const { call, arrived } = await gateway(t, trouble)
    await call('POST', false)
    await t.rejects(call('POST', false), { code: 'HUB_UPSTREAM_UNREACHABLE', delivery: 'unknown' })
    t.equal(arrived(), 2)
  })
}

t.test('a gateway that hangs up on everybody is asked twice and no more', async (t) => {
  const { call, arrived } = await gateway(t, (socket) => socket.resetAndDestroy(), 1)
  await t.rejects(call('POST', true), { code: 'HUB_UPSTREAM_UNREACHABLE' })
  t.ok(arrived() <= 2)
})

t.test('an answer that breaks off has begun', async (t) => {
  const { call, arrived } = await gateway(t, (socket) => void socket.write(REPLY.slice(0, -4), () => socket.destroy()))
  await call('POST', true)
  await t.rejects(call('POST', true), { code: 'HUB_UPSTREAM_UNREACHABLE' })
  t.equal(arrived(), 2)
})
