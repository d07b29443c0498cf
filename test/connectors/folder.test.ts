import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { copyTree } from '../helper/tree-copy.ts'

/** Asks the hub of the copy for everything that a new folder should have brought about. */
const VISIT = `
  import { buildApp } from './app.ts'
  import { readSettings } from './config/settings.ts'
  import { issueSandboxToken } from './plugins/sandbox/issuer.ts'
  const settings = readSettings()
  const app = await buildApp({ settings, logger: false })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const origin = 'http://127.0.0.1:' + app.server.address().port
  const token = await issueSandboxToken({ person: 1, dataDir: settings.DATA_DIR, audience: settings.TOKEN_AUDIENCE })
  const get = async (path) => (await fetch(origin + path, { headers: { authorization: 'Bearer ' + token } })).json()
  const answers = { loans: await get('/v1/library/loans'), catalog: await get('/v1/catalog'), openapi: await get('/docs/json') }
  await app.close()
  process.stdout.write(JSON.stringify(answers))
`

/** Those that stay in the copy: the others' start is not what is tried. */
const KEPT = ['registry', 'housing-fund']

t.test('a connector is added by its folder alone', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  // Each part is a process or two of its own.
  t.jobs = 2
  const connectors = join(tree.folder, 'connectors')
  for (const id of readdirSync(connectors)) if (!KEPT.includes(id)) rmSync(join(connectors, id), { recursive: true })
  cpSync(fileURLToPath(new URL('../library', import.meta.url)), join(connectors, 'library'), { recursive: true })

  t.test('the common test of all folders and the folder’s own pass', { buffered: true }, async (t) => {
    t.match(await tree.node(['test/connectors/declaration.test.ts']), /^ok \d+ - library/m)
    t.match(await tree.node(['connectors/library/test/rows.test.ts']), /^# \{ total: 6, pass: 6 \}$/m)
    const include = (await tree.node(['-p', 'fs.globSync(process.argv[1]).join()', 'connectors/*/test/**/*.test.ts'])).trim()
    t.ok(include.includes('connectors/library/test/rows.test.ts'), 'npm test finds it')
  })

  t.test('the lint rule for connectors holds there', { buffered: true }, async (t) => {
    const lint = () => tree.node(['node_modules/@biomejs/biome/bin/biome', 'lint', '--vcs-enabled=false', 'connectors/library'])
    await lint()
    writeFileSync(join(tree.folder, 'connectors/library/reach.ts'), "export { readFileSync } from 'node:fs'\n")
    const refusal = await lint().catch(({ stderr }: { stderr: string }) => stderr)
    t.match(refusal, /A connector imports only core\/connector\.ts/)
  })

  t.test('the hub starts, its route answers, the catalogue and the interface document name it', { buffered: true }, async (t) => {
    const { loans, catalog, openapi } = JSON.parse(await tree.node(['--input-type=module', '-e', VISIT], { LOG_LEVEL: 'silent' }))
    t.match(loans, { data: [{ title: '许昌方志辑要', readerIdNumber: '411***********000X' }, { state: { name: '逾期' } }] })
    t.match(JSON.stringify(catalog), /"library"/)
    t.ok('/v1/library/loans' in openapi.paths)
  })

  t.test('the command line lists and tries it', { buffered: true }, async (t) => {
    const services = JSON.parse(await tree.node(['cli/hub.ts', 'services'])) as { connector: string }[]
    t.ok(services.some(({ connector }) => connector === 'library'))
    const report = JSON.parse(await tree.node(['cli/hub.ts', 'connector', 'check', 'library', '--json']))
    t.match(report, { tier: 'gold', checks: [] })
    t.same(
      report.checks.filter(({ result }: { result: string }) => result === 'fail'),
      [],
    )
  })
})
