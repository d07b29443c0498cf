import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { build } from '../helper/hub.ts'

const folder = fileURLToPath(new URL('../../docs/monitoring/', import.meta.url))
const isThere = spawnSync('promtool', ['--version']).status === 0
/** CI has it (`.ci/run`); elsewhere it is not asked for. */
const skip = isThere || process.env['CI'] === 'true' ? false : 'promtool is not installed (Debian: prometheus)'

t.test('promtool takes the alert rules', { skip }, async (t) => {
  t.match(execFileSync('promtool', ['check', 'rules', 'rules.yaml'], { cwd: folder, encoding: 'utf8' }), /SUCCESS: \d\d rules found/)
  t.match(execFileSync('promtool', ['check', 'config', 'prometheus.yaml'], { cwd: folder, encoding: 'utf8' }), /SUCCESS/)
})

t.test('promtool takes the metrics', { skip }, async (t) => {
  const hub = await build(t, { env: { METRICS_PORT: '0' } })
  await hub.app.listen({ port: 0 })
  await hub.get('/v1/social-security/benefit-eligibility')
  const text = await (await fetch(String(await hub.app.metricsUrl))).text()
  // Those of prom-client have names that nobody can change any more.
  const own = text.split('\n\n').filter((metric) => metric.startsWith('# HELP hub_'))
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: `${own.join('\n')}\n`, encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})
