import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { build, type Hub } from '../helper/hub.ts'
import { organisation, steps } from '../helper/partner.ts'
import { targets } from '../helper/targets.ts'

const servers = targets.find(({ name }) => name === 'servers')
/** Applications that one network may begin in a while. */
const RATE = 5

/** What a line does to those who speak over it. */
interface Line {
  delayMs: number
  silent: boolean
}

/** A line to Redis that can be slow, silent or away. */
async function lineTo(t: Test, redisUrl: string, line: Partial<Line>) {
  const { hostname, port } = new URL(redisUrl)
  const sockets = new Set<Socket>()
  const state: Line = { delayMs: 0, silent: false, ...line }
  const server = createServer((near) => {
    const far = connect(Number(port || 6379), hostname)
    for (const socket of [near, far]) sockets.add(socket.on('error', () => socket.destroy()))
    near.on('data', (data) => setTimeout(() => state.silent || far.write(data), state.delayMs))
    far.on('data', (data) => state.silent || near.write(data))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const leave = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  t.teardown(leave)
  return { state, leave, url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const begin = async (hub: Hub, n: number) => (await steps(hub).begin(organisation(`n${n}@rent.example`), '198.51.100.7')).statusCode
const expected = (calls: number) => Array.from({ length: calls }, (_, n) => (n < RATE ? 201 : 429))

t.test('no rate falls away with Redis', { skip: !servers }, async (t) => {
  if (!servers) return
  const open = async (t: Test, line: Partial<Line>) => {
    const { settings, drop } = await servers.create()
    t.teardown(drop)
    const { state, leave, url } = await lineTo(t, settings.REDIS_URL, line)
    const hub = await build(t, { store: { ...settings, REDIS_URL: url } })
    return { hub, state, leave, settings }
  }
  const ask = async (hub: Hub, from: number, to: number) => {
    const answers = []
    for (let n = from; n < to; n++) answers.push(await begin(hub, n))
    return answers
  }

  t.test('Redis is slow to begin: the first call is counted as the others are', async (t) => {
    const { hub, state, settings } = await open(t, { delayMs: 100 })
    state.delayMs = 0
    t.same(await ask(hub, 0, 3), expected(3))
    const other = await build(t, { store: settings })
    t.same(await ask(other, 3, 7), expected(7).slice(3), 'in another process, too')
  })

  t.test('it was never there', async (t) => {
    const { settings, drop } = await servers.create()
    t.teardown(drop)
    const hub = await build(t, { store: { ...settings, REDIS_URL: 'redis://127.0.0.1:9' } })
    t.same(await ask(hub, 0, 7), expected(7))
  })

  t.test('it goes away in between', async (t) => {
    const { hub, leave } = await open(t, {})
    t.same(await ask(hub, 0, 3), expected(3))
    leave()
    t.same(await ask(hub, 3, 7), expected(7).slice(3), 'the process goes on from what it last heard')
  })

  t.test('it says nothing any more: no call waits for it long', async (t) => {
    const { hub, state } = await open(t, {})
    t.same(await ask(hub, 0, 3), expected(3))
    state.silent = true
    t.same(
      await Promise.race([ask(hub, 3, 7), new Promise((resolve) => setTimeout(resolve, 5000, 'still waiting').unref())]),
      expected(7).slice(3),
    )
  })
})
