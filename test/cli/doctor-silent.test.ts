import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

const MASTER_KEY = 'main:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const target = targets.at(-1) as Target

/** Servers of a test's own, that never end a connection by themselves. → the port of one. */
async function listening(t: { teardown(work: () => void): void }, greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    greet(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A database server that stops in the middle of its work: what is asked from this word on gets no answer. */
function freezingAt(word: string, port: number): (socket: Socket) => void {
  return (socket) => {
    const server = connect(port, '127.0.0.1')
    let frozen = false
    server.on('error', () => undefined).on('data', (data) => frozen || socket.write(data))
    socket.on('close', () => server.destroy())
    socket.on('data', (data) => {
      frozen ||= data.includes(word)
      if (!frozen) server.write(data)
    })
  }
}

t.test('servers that accept and then say nothing, or never end saying it, do not keep the command', async (t) => {
  const { settings, drop } = await target.create()
  t.teardown(drop)
  await (await build({ teardown: () => undefined }, { store: { ...settings, MASTER_KEY } })).app.close()
  const silent = await listening(t, () => undefined)
  const slow = await listening(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx: ')
    const drip = setInterval(() => socket.write('a'), 500)
    socket.on('close', () => clearInterval(drip))
  })
  const file = join(settings.DATA_DIR, 'connectors.json')
  writeFileSync(file, JSON.stringify({ gas: { baseUrl: `http://127.0.0.1:${slow}`, credentials: {} } }))
  const server = settings['DATABASE_URL'] ? new URL(settings['DATABASE_URL']) : null
  if (server) server.port = String(await listening(t, freezingAt('version()', Number(server.port || 3306))))

  const own = {
    MASTER_KEY,
    CONNECTORS_FILE: file,
    REDIS_URL: `redis://127.0.0.1:${silent}`,
    ...(server ? { DATABASE_URL: server.href } : {}),
  }
  const command = spawn(process.execPath, ['bin/hub.js', 'doctor', '--json'], {
    env: { ...process.env, NODE_ENV: 'test', ...settings, ...own },
  })
  const overdue = setTimeout(() => command.kill('SIGKILL'), 90_000)
  t.teardown(() => clearTimeout(overdue))
  let out = ''
  command.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const [code] = await once(command, 'close')
  t.equal(code, 1, 'it ends by itself')
  const { findings } = JSON.parse(out) as { findings: { id: string; state: string; todo: string | null }[] }
  const wrong = findings.filter(({ state }) => state === 'fail').map(({ id }) => id)
  t.same(wrong, [...(server ? ['database'] : []), 'redis', 'agency:gas', 'agency:gas:server'], 'and says who was silent')
})
