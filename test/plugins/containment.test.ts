import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import { issueSandboxToken } from '../../plugins/sandbox/issuer.ts'
import { type Target, targets } from '../helper/targets.ts'

/** What a newcomer's package holds: a list of one field, in JavaScript, by the name under which the hub offers its API. */
const declaration = (id: string, more = '', services = '') => `
import { apiKey, defineConnector, envelope, field, service } from 'xuchang-hub'
const titles = service({
  id: 'titles', name: '书目', kind: 'list', inputs: {}, fields: { title: field.text('书名', { code: 'tm', required: true }) },
})
${services}
export default defineConnector({
  id: ${JSON.stringify(id)}, name: '书店', agency: '示例书店',
  upstream: { dialect: apiKey(), envelope: envelope.rest(), subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 4 },
  defaults: { audience: 'public', identity: 'none', timeoutMs: 3000, rate: { max: 60, perSeconds: 60 } },
  services: [${services ? 'titles, odd' : 'titles'}], health: { service: 'titles', intervalSeconds: 60 },
  sandbox: { titles: () => [{ tm: '许昌方志辑要' }] },
  ${more}
})
`
/** A service whose own code goes wrong in the answer. */
const ODD = `
const odd = service({
  id: 'odd', name: '怪', kind: 'list', inputs: {}, fields: { title: field.text('书名', { code: 'tm', required: true }) },
}).via({ map() { throw new TypeError('own code') } })
`

/** A folder with node_modules, into which npm has installed these packages from their tarballs. */
function installed(t: Test, packages: Readonly<Record<string, { text: string; api?: unknown; entry?: string }>>): string {
  const root = mkdtempSync(join(tmpdir(), 'hub-packages-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'deployment', private: true }))
  const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const folders = Object.entries(packages).map(([name, { text, api = 1, entry = 'index.js' }]) => {
    const folder = join(root, 'sources', name)
    mkdirSync(join(folder, dirname(entry)), { recursive: true })
    const manifest = { name, version: '1.2.3', type: 'module', exports: `./${entry}`, 'xuchang-hub': { api } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, entry), text)
    return folder
  })
  const tarballs = npm(['pack', ...folders, '--json'], root)
  const files = (JSON.parse(tarballs) as { filename: string }[]).map(({ filename }) => `./${filename}`)
  npm(['install', ...files, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], root)
  return root
}

/** A hub of the connectors in `folder` and these packages. */
async function hubOf(t: Test, folder: string, root: string, packages: string) {
  const store = await (targets[0] as Target).create()
  t.teardown(() => store.drop())
  const settings = readSettings({ NODE_ENV: 'test', SANDBOX: 'on', LOG_LEVEL: 'error', CONNECTOR_PACKAGES: packages, ...store.settings })
  const lines: string[] = []
  const app = await buildApp({
    settings,
    sources: { folder, root },
    schedules: { sweepMs: 0 },
    calendarClock: { at: () => null },
    logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } },
  })
  t.teardown(() => app.close())
  await app.ready()
  const audience = [settings.TOKEN_AUDIENCE, settings.ADMIN_AUDIENCE]
  const token = await issueSandboxToken({ person: 1, face: true, dataDir: settings.DATA_DIR, audience })
  const get = async (url: string) => app.inject({ url, headers: { authorization: `Bearer ${token}` } })
  return { app, get, logged: () => lines.join('') }
}

t.test('a package is named as npm names them, and by no path', (t) => {
  const named = (CONNECTOR_PACKAGES: string) => readSettings({ NODE_ENV: 'test', CONNECTOR_PACKAGES }).CONNECTOR_PACKAGES
  for (const path of ['..', '.', '../evil', '/etc/evil', '@city/..', '@../evil', '@city/.hidden', '@city/a/b', './here', 'a/../b'])
    t.throws(() => named(`books=${path}`), path)
  for (const name of ['books', '@city/books', 'a.b_c-d']) t.equal(named(`books=${name}`), `books=${name}`)
  t.end()
})

t.test('one bad connector takes no other down, whatever is wrong with it', async (t) => {
  const root = installed(t, {
    '@city/books': { text: declaration('books', '', ODD) },
    'says-water': { text: declaration('water') },
    'from-the-future': { text: 'globalThis.ran = true\nexport default {}', api: 2 },
    'takes-a-path': { text: declaration('me') },
    'as-a-plugin': { text: declaration('database') },
    'takes-an-id': { text: declaration('housing-fund') },
    'claims-the-hub': { text: declaration('own', 'internal: true,') },
    unlisted: { text: declaration('unlisted') },
    altered: { text: declaration('altered') },
    'reads-the-key': {
      text: declaration('thief').replace(
        'dialect: apiKey()',
        "dialect: { ...apiKey(), credentials: { k: { title: 'k', secret: true, setting: 'MASTER_KEY' } } }",
      ),
    },
    'two-faced': {
      entry: 'dist/index.js',
      text: `${declaration('faces').replace('export default', 'const real =')}
let asked = 0
export default Object.defineProperty({ ...real }, 'id', { enumerable: true, get: () => (asked++ === 0 ? 'faces' : 'housing-fund') })`,
    },
    'no-signer': {
      text: declaration('unsigned').replace(
        'dialect: apiKey()',
        "dialect: { ...apiKey(), createSigner() { throw new Error('no signer') } }",
      ),
    },
  })
  const lockFile = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(lockFile, 'utf8'))
  lock.packages['node_modules/unlisted'] = undefined
  lock.packages['node_modules/altered'].integrity = `sha512-${'A'.repeat(86)}==`
  writeFileSync(lockFile, JSON.stringify(lock))

  const folder = folderOf(t, {
    shut: 'export default {',
    throwing: "throw new Error('no such table')",
    bare: 'export const nothing = 1',
    shapeless: "export default { id: 'shapeless', services: 7 }",
  })
  const packages = ['books=@city/books', 'rival=says-water', 'future=from-the-future', 'me=takes-a-path', 'housing-fund=takes-an-id']
  packages.push('own=claims-the-hub', 'unlisted=unlisted', 'altered=altered', 'missing=missing', 'thief=reads-the-key')
  packages.push('faces=two-faced', 'unsigned=no-signer', 'database=as-a-plugin')
  const { app, get, logged } = await hubOf(t, folder, root, packages.join())

  const reasons: Readonly<Record<string, RegExp>> = {
    shut: /cannot be loaded/,
    throwing: /no such table/,
    bare: /has no default export/,
    shapeless: /shapeless: services must be a list/,
    rival: /says that its id is water/,
    future: /written for API 2/,
    me: /belongs to the hub/,
    'takes-an-id': /the id of takes-an-id is taken/,
    own: /cannot be one that the hub asks for itself/,
    unlisted: /not in package-lock\.json/,
    altered: /something else than package-lock\.json lists/,
    missing: /not installed/,
    thief: /no setting for connectors: MASTER_KEY/,
    unsigned: /no signer/,
    database: /the id belongs to a plugin of the hub/,
  }

  t.test('the others answer, from folders and from packages', async (t) => {
    t.equal((await get('/v1/housing-fund/personal-account')).statusCode, 200)
    t.match((await get('/v1/books/titles')).json(), { data: [{ title: '许昌方志辑要' }] })
    t.match((await get('/v1/faces/titles')).json(), { data: [{ title: '许昌方志辑要' }] }, 'an id is read once')
    t.equal((await get('/v1/housing-fund/titles')).statusCode, 404)
    t.equal((await get('/health/ready')).statusCode, 200)
    t.notOk('ran' in globalThis, 'what is written for another API is not run')
  })

  t.test('each is down in health; why is for operators and the log alone', async (t) => {
    const { connectors } = (await get('/health/connectors')).json() as { connectors: { id: string; state: string; status: string }[] }
    const down = connectors.filter(({ state }) => state === 'down').map(({ id }) => id)
    t.same(down.sort(), Object.keys(reasons).sort())
    t.match(
      connectors.find(({ id }) => id === 'housing-fund'),
      { status: 'pass' },
      'the one whose id was wanted is not touched',
    )
    t.match((await get('/health')).json(), { status: 'warn', checks: { 'connector:rival': [{ status: 'fail', state: 'down' }] } })
    t.notMatch((await get('/health/connectors/rival')).body, /says that/)

    const { data } = (await get('/admin/health')).json() as { data: { connector: string; reason: string | null; cause: string | null }[] }
    for (const [id, reason] of Object.entries(reasons)) {
      const found = data.find(({ connector }) => connector === id)
      t.match(found?.cause, reason, id)
      t.match(found?.reason, /^连接器没有启用：[^a-z]*(package-lock\.json[^a-z]*)?$/, 'an operator reads Chinese')
      t.match(logged(), reason)
    }
    t.match(
      data.find(({ connector }) => connector === 'books'),
      { reason: null, cause: null },
    )
    const said = Object.fromEntries(data.map(({ connector, reason }) => [connector, reason?.split('：')[1]]))
    t.match(said, {
      ...{
        shut: '代码无法载入',
        bare: '没有默认导出，不是连接器',
        shapeless: /^声明有 \d+ 处错误$/,
        rival: '自称的编号与所给的编号不一致',
      },
      ...{ future: '是为另一个接口版本写的，与这个中枢不兼容', 'takes-an-id': '编号已被另一个连接器占用', own: '这个编号归中枢自用' },
      ...{ unlisted: '软件包与 package-lock.json 锁定的不一致', missing: '软件包没有安装', unsigned: '启动时出错' },
    })
    t.match(logged(), '连接器没有启用：软件包没有安装；其余照常')
  })

  t.test('each left a row of evidence, without its words', async (t) => {
    const rows: { outcome: string; record: string }[] = await app.database('audit_rows').where({ service: 'connector.refused' })
    const of = new Map(rows.map(({ outcome, record }) => [(JSON.parse(record) as { target: string }).target, outcome]))
    t.same([...of.keys()].sort(), Object.keys(reasons).sort())
    t.match(Object.fromEntries(of), {
      shut: 'HUB_CONNECTOR_UNLOADED',
      altered: 'HUB_CONNECTOR_UNLOADED',
      'takes-an-id': 'HUB_CONNECTOR_ID_TAKEN',
      thief: 'HUB_CONNECTOR_DECLARATION',
    })
    t.notMatch(JSON.stringify(rows), /no such table|MASTER_KEY/)
  })

  t.test('one that fails while it runs fails its own calls', async (t) => {
    t.match((await get('/v1/books/odd')).json(), { code: 'HUB_UPSTREAM_INVALID' })
    t.equal((await get('/v1/books/titles')).statusCode, 200)
    t.equal((await get('/v1/housing-fund/personal-account')).statusCode, 200)
  })

  t.test('what it throws where nobody waits is its own trouble; what the hub throws is not taken', async (t) => {
    const own = new Error('stray')
    own.stack = `Error: stray\n    at Timeout._onTimeout (file://${join(app.connectorPlaces.get('books') ?? '', 'index.js')}:9:4)\n    at listOnTimeout (node:internal/timers:605:17)`
    t.ok(app.strayErrors.take(own))
    const beside = new Error('beside')
    beside.stack = `Error: beside\n    at file://${join(realpathSync(root), 'node_modules/two-faced/lib/timer.js')}:1:1`
    t.ok(app.strayErrors.take(beside), 'all of a package is its own code')
    t.notOk(app.strayErrors.take(new Error('of the hub')))
    const told = new Error(`said by an agency\n    at f (file://${join(app.connectorPlaces.get('books') ?? '', 'index.js')}:9:4)`)
    t.notOk(app.strayErrors.take(told), 'what a message says is no place')
    t.notOk(app.strayErrors.take('no error at all'))
    t.match((await get('/health/connectors/books')).json(), { status: 'warn', state: 'degraded' })
    t.match((await get('/admin/health/books')).json(), { data: { systems: [{ reason: '连接器的代码近一小时出错 1 次', cause: /stray/ }] } })
  })
})

/** A `connectors` folder with two of the hub's own and these. */
function folderOf(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-connectors-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const id of ['registry', 'housing-fund'])
    symlinkSync(fileURLToPath(new URL(`../../connectors/${id}`, import.meta.url)), join(folder, id))
  for (const [id, text] of Object.entries(files)) {
    mkdirSync(join(folder, id))
    writeFileSync(join(folder, id, 'index.ts'), text)
  }
  return `${folder}/`
}
