import { flushCompileCache, registerHooks } from 'node:module'
import { resolve } from 'node:path'
import type { Test } from 'tap'
import { processorSeconds } from './processor-time.ts'
import { ROOT } from './test-files.ts'

/**
 * A process of `npm test`: the files that it is sent, one after the other. Most of the time of a small test goes into reading
 * what a hub is made of; here it is read once. Each file is a subtest, and whatever it does with tap's `t` it does with that one.
 */
const TIMEOUT = Number(process.argv[2]) * 1000
const ROOM = 1024 ** 3
const HOOKS = ['test', 'teardown', 'before', 'beforeEach', 'after', 'afterEach', 'testdir', 'comment'] as const
const ASSERTIONS = ['ok', 'notOk', 'equal', 'not', 'same', 'notSame', 'match', 'notMatch', 'pass', 'fail', 'throws', 'rejects'] as const

const plain = { url: new URL('plain-domain.ts', import.meta.url).href, format: 'module-typescript', shortCircuit: true }
registerHooks({ resolve: (name, context, next) => (name === 'async-hook-domain' ? plain : next(name, context)) })
const { default: t } = await import('tap')
const subtest = t.test.bind(t)
t.setTimeout(0)
for (let file = await next(); file !== null; file = await next()) {
  const { pass, fail } = t.counts
  const before = processorSeconds()
  await subtest(file, { timeout: TIMEOUT }, async (own) => {
    lend(own)
    await import(resolve(ROOT, String(file)))
  })
  // Past tap, which would keep it until something follows.
  const processor = processorSeconds() - before
  // Before the process ends: hubs in processes of their own start in half the time.
  flushCompileCache()
  process.stdout.write(`# ended ${JSON.stringify({ pass: t.counts.pass - pass, fail: t.counts.fail - fail, processor })}\n`)
}

function lend(own: Test): void {
  for (const name of [...HOOKS, ...ASSERTIONS]) Object.defineProperty(t, name, { value: own[name].bind(own), configurable: true })
  Object.defineProperty(t, 'jobs', { get: () => own.jobs, set: (jobs: number) => Object.assign(own, { jobs }), configurable: true })
}

/** The next file; null when there is none left, or no room: what tests have left behind goes with the process. */
async function next(): Promise<string | null> {
  const file = process.memoryUsage.rss() > ROOM ? null : await asked()
  if (file === null) process.disconnect()
  return file
}

function asked(): Promise<string | null> {
  // tap lets a process end that waits for nothing but a message.
  process.channel?.ref()
  return new Promise((done) => {
    process.once('message', (file: string) => done(file === 'no more' ? null : file))
    process.send?.('next file')
  })
}
