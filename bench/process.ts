import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'
import type { Profiler } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'
import type { Answers } from './meter.ts'

const ROOT = new URL('../', import.meta.url)
const PATIENCE_MS = 60_000
/** On a line of its own, or where Fastify logs it. */
const ADDRESS = /(?:^|listening at )(http:\/\/127\.0\.0\.1:\d+)\D/m

/** A process of the run: plain node, nothing of the caller's environment but `env`. */
export interface Measured {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  /** Milliseconds from its start until it listened. */
  readonly startedIn: number
  /** Microseconds of CPU time that the process has used since its start, all threads together. */
  cpu(): Promise<number>
  /** Profiles the process while `work` runs. */
  profile(work: () => Promise<unknown>): Promise<Profiler.Profile>
  /** Sends a question and waits for `{ answer }`. */
  ask<T>(question: string | object): Promise<T>
  /** Asks the process to end (SIGTERM) and waits until it has; kills it when it doesn't. */
  stop(): Promise<void>
}

/** What `npm start` gives the hub; the proxy gets the same, so that only what the two do differs. */
const NODE_OPTIONS = ['--max-semi-space-size=64']

/** Starts a module, given by its path in the repository; resolves when it has printed the address it listens on. */
export async function startProcess(module: string, env: Record<string, string>, cwd: string): Promise<Measured> {
  const begun = performance.now()
  const child = fork(fileURLToPath(new URL(module, ROOT)), {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    execArgv: [...NODE_OPTIONS, '--import', new URL('bench/meter.ts', ROOT).href],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const origin = await addressOf(child, module)
  const startedIn = performance.now() - begun

  async function ask<T>(question: string | object): Promise<T> {
    const reply = answerOf(child)
    child.send(question)
    return (await Promise.race([reply, exited.then(() => Promise.reject(new Error(`${module} ended early`)))])) as T
  }
  const meter = <Q extends keyof Answers>(question: Q) => ask<Answers[Q]>(question)

  return {
    origin,
    startedIn,
    ask,
    cpu: () => meter('cpu'),
    async profile(work) {
      await meter('profile')
      await work()
      return meter('profiled')
    },
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      child.kill('SIGTERM')
      await exited
      clearTimeout(late)
    },
  }
}

/** The next answer; a hub also says of itself what is on, unasked. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for await (const [message] of on(child, 'message', { signal })) if (Object.hasOwn(message, 'answer')) return message.answer
  return null
}

/** The first address in what the process prints; the rest is read and dropped, so that it never blocks on its output. */
function addressOf(child: ChildProcess, module: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    child.once('exit', () => reject(new Error(`${module} did not start:\n${text}`)))
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text = `${text}${chunk}`.slice(-4000)
      const [, address] = ADDRESS.exec(text) ?? []
      if (!address) return
      clearTimeout(late)
      resolve(address)
    })
  })
}
