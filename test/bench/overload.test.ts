import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const PATIENCE_MS = 180_000

// Too small to say anything of the hub: whether it runs through, tells its figures and loses no row.
t.test('the overload bench, made small, tells its figures and whether they meet the bar', { timeout: PATIENCE_MS }, async (t) => {
  const child = spawn(process.execPath, [RUN, '--overload', '--scale', '30', '--months', '1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  t.ok(code === 0 || /^MISSED /m.test(out), `${code} ${errors}`)
  for (const name of ['64 / 200', '64 / 1000', '64 / 3000', '256 / 3000', '4 / 3000'])
    t.match(out, new RegExp(`^${name} +\\d+ +\\d+ +0 `, 'm'), `${name}: nothing but 200 and 503`)
  for (const bar of ['goodput at 1,000 ÷ at 200', 'goodput at 3,000 ÷ at 200', 'p99 with 256 under way', 'refusal ÷ good call'])
    t.match(out, new RegExp(`^(ok {4}|MISSED) ${bar}`, 'm'))
  t.match(out, /^A bare server of Node that answers 503 .*: \d+ µs, \d+\.\d\d of a good call$/m)
  t.notMatch(out, /FAILED/, 'one audit row an answer')
})
