import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** In a folder that is not on everybody's path. */
const PLACES = ['/usr/sbin/haproxy', '/usr/bin/haproxy', '/usr/local/sbin/haproxy']
export const haproxy = PLACES.find((place) => existsSync(place))
const CONFIGURATION = fileURLToPath(new URL('../docs/deployment/haproxy.cfg', import.meta.url))

/** What the proxy's log says of a request. */
export interface Passed {
  /** Port from which its client connected. */
  clientPort: number
  server: string
  status: number
  /** How it ended: `--` in good order. */
  ending: string
}

export interface Balancer {
  readonly port: number
  /** What was passed so far, in the order of its ends. */
  passed(): Passed[]
  /** What it says of its servers: which is up or down, and why. */
  states(): string[]
  close(): Promise<void>
}

/** Runs the HAProxy of docs/deployment before one server or two, on a port that was free; its certificate is made for the run. */
export async function startHaproxy([first, second]: readonly [first: string, second?: string | undefined]): Promise<Balancer> {
  if (!haproxy) throw new Error('haproxy is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'hub-haproxy-'))
  const [port, plain] = [await freePort(), await freePort()]
  const lines: string[] = []
  const child = spawn(haproxy, ['-db', '-f', configure(folder)], {
    env: {
      HUB_LOG: 'stdout',
      HUB_CERTIFICATE: makeCertificate(folder),
      HUB_HTTPS: `127.0.0.1:${port}`,
      HUB_HTTP: `127.0.0.1:${plain}`,
      HUB1: first,
      // Nobody is there, which it sees.
      HUB2: second ?? `127.0.0.1:${await freePort()}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    lines.push(...said.split('\n').slice(0, -1))
    said = said.slice(said.lastIndexOf('\n') + 1)
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  while (!(await answers(port))) if (child.exitCode !== null) throw new Error(`haproxy did not start: ${complaint}`)
  return {
    port,
    passed: () => lines.flatMap((line) => readLine(line) ?? []),
    states: () => lines.filter((line) => line.includes(' is UP') || line.includes(' is DOWN')),
    async close() {
      await end(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The file as it is, but that only root becomes somebody else, and that a machine which runs other tests may take its time. */
function configure(folder: string): string {
  const text = readFileSync(CONFIGURATION, 'utf8')
  const patient = text.replace('timeout check 3s', 'timeout check 20s').replace(/^ {4}(user|group) haproxy\n/gm, '')
  if (patient === text) throw new Error(`${CONFIGURATION} has changed`)
  const path = join(folder, 'haproxy.cfg')
  writeFileSync(path, patient)
  return path
}

/** Waits until it has ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Certificate and key of an invented host, in one file. → its path. */
export function makeCertificate(folder: string): string {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=hub.example', '-days', '2', '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  const both = join(folder, 'hub.pem')
  writeFileSync(both, execFileSync('cat', [certificate, key]))
  return both
}

/** `127.0.0.2:40000 [27/Nov/2026:10:00:00.000] https~ hub/hub1 0/0/0/5/5 202 900 -- POST` */
function readLine(line: string): Passed | null {
  const found = /127\.0\.0\.\d:(\d+) \[[^\]]+\] hub\/(\S+) \S+ (-?\d+) \d+ (\S+) [A-Z]+$/.exec(line)
  if (!found) return null
  const [, clientPort, server = '', status, ending = ''] = found
  return { clientPort: Number(clientPort), server, status: Number(status), ending }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => setTimeout(resolve, 20, false))
    socket.once('connect', () => socket.destroy())
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}
