import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const RUN = fileURLToPath(new URL('run.ts', import.meta.url))
const STRAYS = fileURLToPath(new URL('fixtures/strays.ts', import.meta.url))

t.test('what a test throws where nobody catches it fails that test and no other', async (t) => {
  const child = spawn(process.execPath, [RUN, STRAYS], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  t.equal(code, 1)
  const failed = new Set([...out.matchAll(/^ *not ok \d+ - ((?:good|bad).*?) #/gm)].map(([, name = '']) => name))
  t.strictSame([...failed].sort(), [
    'bad: a promise',
    'bad: a timer',
    'bad: behind what others wait for',
    'bad: inside',
    'bad: itself',
    'bad: outside',
  ])
  for (const words of ['in a timer', 'rejected', 'deep', 'behind', 'at once']) t.match(out, new RegExp(`not ok \\d+ - ${words}$`, 'm'))
})
