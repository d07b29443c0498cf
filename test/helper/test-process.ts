import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  pass: number
  fail: number
  seconds: number
  /** Of the processors, which only this file took; reading what the first file of a process needs is in it. */
  processor: number
  said: string
}

interface Work {
  /** → the next file; undefined when none is left. */
  take(): string | undefined
  done(file: string, outcome: Outcome): void
  /** Of a process that ended badly when its last file had already been counted. */
  spoilt(file: string, said: string): void
}

const IN_TURN = fileURLToPath(new URL('in-turn.ts', import.meta.url))
/** How a process closes a file; what comes before is what that file said. */
const ENDED = /^# ended (\{.*\})\n/m
const GRACE_SECONDS = 20
/** As in production (`npm start`): what the start of a hub throws away is collected in few goes. */
const NODE_OPTIONS = ['--max-semi-space-size=64']

/** One process after the other: each runs files until none is left, it has grown too large or a file ends it. */
export async function runInTurn(work: Work, env: NodeJS.ProcessEnv, timeoutSeconds: number): Promise<void> {
  for (let file = work.take(); file !== undefined; )
    file = await runProcess(
      file,
      work,
      fork(IN_TURN, [String(timeoutSeconds)], { env, execArgv: NODE_OPTIONS, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
      timeoutSeconds,
    )
}

/** → the file that it was not there to run any more. */
function runProcess(first: string, { take, done, spoilt }: Work, child: ChildProcess, timeoutSeconds: number): Promise<string | undefined> {
  let waiting: string | undefined = first
  let running: string | undefined
  let last = first
  let failed = 0
  let said = ''
  let start = performance.now()
  // tap reports by itself what it waited for; this is for one that cannot.
  const overdue = setTimeout(() => child.kill('SIGKILL'), (timeoutSeconds + GRACE_SECONDS) * 1000)
  const finish = (pass: number, fail: number, processor: number, text: string) => {
    failed += fail
    done(last, { pass, fail, seconds: (performance.now() - start) / 1000, processor, said: text })
    running = undefined
  }
  const hear = (text: string) => {
    said += text
    const ended = ENDED.exec(said)
    if (!ended) return
    const { pass, fail, processor } = JSON.parse(ended[1] ?? '') as Outcome
    // A file without an assertion tried nothing.
    finish(pass, pass + fail === 0 ? 1 : fail, processor, said.slice(0, ended.index))
    said = said.slice(ended.index + ended[0].length)
  }
  child.stdout?.setEncoding('utf8').on('data', hear)
  child.stderr?.setEncoding('utf8').on('data', hear)
  const give = () => {
    if (!child.connected) return
    // What it printed may come after what it sent.
    if (running !== undefined) return void setTimeout(give, 5)
    waiting ??= take()
    running = waiting
    waiting = undefined
    last = running ?? last
    start = performance.now()
    overdue.refresh()
    child.send(running ?? 'no more')
  }
  // tap sends word of its own, too.
  child.on('message', (word) => void (word === 'next file' && give()))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(overdue)
      const ending = `${said}\n# ended with ${signal ?? code}`
      if (running !== undefined) finish(0, 1, 0, ending)
      else if (code !== 0 && failed === 0) spoilt(last, ending)
      resolve(waiting ?? take())
    })
  })
}
