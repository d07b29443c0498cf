import { fork } from 'node:child_process'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { CODE } from '../../../core/base/code.ts'
import type { Order, Report } from './host.ts'
import { ORIGIN_HEADER, type Registration } from './registration.ts'

/** The agencies' authorization servers of one sandbox, in the other process. */
export interface AgencyProcess {
  /** Forks it where it is not there, at the first request or after it died. Rejects where it dies before it has answered. */
  ask(call: { method: string; path: string; headers: OutgoingHttpHeaders; body: string }): Promise<AgencyReply>
  /** null before the first request and after it died. */
  pid(): number | null
  close(): Promise<void>
}

export interface AgencyReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sandboxes of one process share the other: it is two dozen megabytes of library, loaded once. */
interface Host {
  readonly pid: number
  readonly port: Promise<number>
  readonly agent: Agent
  /** Origin of a sandbox → that its agencies are open there. */
  readonly opened: Map<string, Promise<void>>
  /** Resolves once it is done there, or the process has ended. */
  tell(origin: string, order: Order): Promise<void>
  end(): void
}

/** How long it outlives the last sandbox that used it, should another begin. */
const LINGER_MS = 3000

/** What the other process is told of this one's environment: nothing secret. */
const PASSED_ON = ['NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE', 'NODE_OPTIONS', 'PATH', 'TZ']

let host: Host | null = null
let users = 0
let lingering: NodeJS.Timeout | undefined

function hostOfNow(): Host {
  clearTimeout(lingering)
  host ??= begin()
  return host
}

function begin(): Host {
  const env = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  const child = fork(new URL(`./host${CODE}`, import.meta.url), [], { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<string, () => void>()
  const { promise: port, resolve, reject } = Promise.withResolvers<number>()
  port.catch(() => undefined)
  child.on('message', (report: Report) => {
    if ('port' in report) resolve(report.port)
    else waiting.get(report.done)?.()
  })
  /** It keeps no hub from ending, and ends with the channel; but an answer is waited for. */
  const hold = (waits: boolean) => {
    for (const handle of [child, child.channel]) waits ? handle?.ref() : handle?.unref()
  }
  const agent = new Agent({ keepAlive: true })
  const started: Host = {
    port,
    agent,
    opened: new Map(),
    async tell(origin, order) {
      const told = new Promise<void>((done) => waiting.set(origin, done))
      child.send(order, (error) => error && waiting.get(origin)?.())
      hold(true)
      await told
      waiting.delete(origin)
      if (waiting.size === 0) hold(false)
    },
    pid: child.pid ?? 0,
    end() {
      if (host === started) host = null
      if (child.connected) child.disconnect()
    },
  }
  const gone = () => {
    if (host === started) host = null
    agent.destroy()
    reject(new Error('the process of the agencies’ authorization servers has ended'))
    for (const settle of waiting.values()) settle()
  }
  child.once('exit', gone).once('error', gone)
  hold(false)
  return started
}

/** `registration` is made when it is first needed. */
export function createAgencyProcess(registration: () => Registration): AgencyProcess {
  let using = false
  let own: Registration | null = null

  async function ready(): Promise<{ host: Host; origin: string }> {
    if (!using) users++
    using = true
    const current = hostOfNow()
    own ??= registration()
    const { origin } = own
    let open = current.opened.get(origin)
    if (!open) {
      const order: Order = { open: own }
      open = current.port.then(() => current.tell(origin, order))
      current.opened.set(origin, open)
    }
    await open
    return { host: current, origin }
  }

  return {
    async ask({ method, path, headers, body }) {
      const { host: at, origin } = await ready()
      const { promise, resolve, reject } = Promise.withResolvers<AgencyReply>()
      const whole = { ...headers, [ORIGIN_HEADER]: origin, 'content-length': Buffer.byteLength(body) }
      const asked = request({ host: '127.0.0.1', port: await at.port, method, path, headers: whole, agent: at.agent }, (reply) => {
        text(reply).then((read) => resolve({ status: reply.statusCode ?? 502, headers: reply.headers, text: read }), reject)
      })
      asked.once('error', reject).end(body)
      return promise
    },
    pid: () => host?.pid ?? null,
    async close() {
      if (!using) return
      using = false
      users--
      const origin = own?.origin ?? ''
      const current = host
      // What is being opened is open before it is closed: both are answered under one name.
      await current?.opened.get(origin)?.catch(() => undefined)
      if (current?.opened.delete(origin)) await current.tell(origin, { close: origin })
      if (users > 0 || !current) return
      lingering = setTimeout(current.end, LINGER_MS).unref()
    },
  }
}
