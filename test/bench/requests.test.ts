import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const PATIENCE_MS = 120_000

t.test('requests made from OpenAPI, well and badly: no 5xx, no hang, one audit row each', { timeout: PATIENCE_MS }, async (t) => {
  const child = spawn(process.execPath, [RUN, '--requests', '--count', '1500'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  t.equal(code, 0, `${out.match(/^FAILED.*$/gm)?.join('\n')} ${errors}`)
  t.match(out, /^requests generated: 1500, faults: 0$/m)
  // Whether something made is answered with 201 or 202 is for the seed, which every new operation changes.
  for (const answer of ['200', '20[12]', '401 HUB_TOKEN_INVALID', '400 HUB_VALIDATION', '404 HUB_NO_RECORD'])
    t.match(out, new RegExp(`^${answer} +\\d`, 'm'), answer)
})
