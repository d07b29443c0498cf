import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const PATIENCE_MS = 180_000

t.test(
  'the bench of orders, made small: every bill is written off, and it tells whose CPU it took',
  { timeout: PATIENCE_MS },
  async (t) => {
    const child = spawn(process.execPath, [RUN, '--orders', '--count', '24'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    t.equal(code, 0, `${out} ${errors}`)
    t.match(out, /^24 bills through both channels/m)
    for (const name of ['hub', 'company and channels']) t.match(out, new RegExp(`^${name} +\\d+\\.\\d\\d +\\d+\\.\\d\\d$`, 'm'), name)
    t.match(out, /^orders per second: \d+\.\d$/m)
  },
)
