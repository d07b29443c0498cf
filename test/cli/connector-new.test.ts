import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Interview } from '../../cli/interview.ts'
import { dialects } from '../../cli/scaffold/dialects.ts'
import { folderOf } from '../../cli/scaffold/folder.ts'
import { introduce } from '../../cli/scaffold/introduce.ts'
import { DeclinedError } from '../../cli/usage.ts'
import { cli } from '../helper/cli.ts'
import { copyTree } from '../helper/tree-copy.ts'

const CONNECTORS = fileURLToPath(new URL('../../connectors/', import.meta.url))
const NAMED = ['--name', '游泳馆', '--agency', '许昌市游泳馆', '--yes']

/** Asks every connector of the copy that was just made for its records. */
const VISIT = `
  import { buildApp } from './app.ts'
  import { readSettings } from './config/settings.ts'
  import { loadConnectors } from './plugins/load-connectors.ts'
  import { issueSandboxToken } from './plugins/sandbox/issuer.ts'
  const settings = readSettings()
  const declarations = (await loadConnectors()).filter(({ id }) => id.startsWith('new-'))
  const app = await buildApp({ settings, declarations, logger: false })
  await app.ready()
  const token = await issueSandboxToken({ person: 1, dataDir: settings.DATA_DIR, audience: settings.TOKEN_AUDIENCE })
  const answers = {}
  for (const { id } of declarations) {
    const reply = await app.inject({ url: '/v1/' + id + '/records', headers: { authorization: 'Bearer ' + token } })
    answers[id] = { status: reply.statusCode, rows: reply.json().data?.length, body: reply.body }
  }
  await app.close()
  process.stdout.write(JSON.stringify(answers))
`

/** Those that stay in the copy: the others' start is not what is tried. */
const KEPT = ['registry', 'housing-fund']

t.test('what is written starts, passes the common tests and reaches a tier at once', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  const folder = (id: string) => join(tree.folder, 'connectors', id)
  for (const id of readdirSync(folder(''))) if (!KEPT.includes(id)) rmSync(folder(id), { recursive: true })
  const hub = (...args: string[]) => tree.node(['cli/hub.ts', 'connector', ...args])
  const made = JSON.parse(await hub('new', 'swimming', ...NAMED, '--section', '1.4.98', '--json'))
  t.match(made, { id: 'swimming', dialect: 'exchange', section: '1.4.98', files: ['connectors/swimming/index.ts'] })
  for (const { name: dialect } of dialects)
    for (const [path, text] of Object.entries(folderOf({ id: `new-${dialect}`, name: '馆', agency: '馆', dialect, section: null }))) {
      mkdirSync(dirname(join(folder(`new-${dialect}`), path)), { recursive: true })
      writeFileSync(join(folder(`new-${dialect}`), path), text)
    }

  t.jobs = 2
  t.test('the kit', { buffered: true }, async (t) => {
    const { tier, checks } = JSON.parse(await hub('check', 'swimming', '--json'))
    t.equal(tier, 'gold')
    t.same(
      checks.filter(({ result }: { result: string }) => result === 'fail'),
      [],
    )
  })

  t.test('the tests of every folder, its own, the formatter', { buffered: true }, async (t) => {
    const common = await tree.node(['test/connectors/declaration.test.ts'])
    for (const id of ['swimming', ...dialects.map(({ name }) => `new-${name}`)]) t.match(common, new RegExp(`^ok \\d+ - ${id} `, 'm'))
    t.match(await tree.node(['connectors/swimming/test/rows.test.ts']), /^# \{ total: 3, pass: 3 \}$/m)
    await tree.node(['node_modules/@biomejs/biome/bin/biome', 'format', '--vcs-enabled=false', 'connectors'])
  })

  t.test('it answers, whichever way of authenticating it was begun with', { buffered: true }, async (t) => {
    const answers = JSON.parse(await tree.node(['--input-type=module', '-e', VISIT], { LOG_LEVEL: 'silent' }))
    for (const { name } of dialects) t.match(answers[`new-${name}`], { status: 200, rows: 2 }, name)
  })
})

t.test('nothing is written over, and no folder is made for an id that cannot be one', async (t) => {
  const run = cli({})
  const before = readFileSync(join(CONNECTORS, 'gas/index.ts'), 'utf8')
  t.match(await run('connector', 'new', 'gas', ...NAMED), { code: 2, out: '', err: /已有 connectors\/gas/ })
  t.equal(readFileSync(join(CONNECTORS, 'gas/index.ts'), 'utf8'), before)
  for (const id of ['Library', '图书馆', '../x', 'a/b', '-a', 'a--b', '1a', ''])
    t.match(await run('connector', 'new', '--', id, ...NAMED), { code: 2, out: '' }, id)
  for (const id of ['me', 'catalog']) t.match(await run('connector', 'new', id, ...NAMED), { code: 2, err: /中枢自己的路由/ }, id)
  const wrong = (...args: string[]) => run('connector', 'new', 'nowhere', ...args)
  t.match(await wrong(), { code: 2, err: /没有人可以询问，请写明 --name/ })
  t.match(await wrong('--name', '馆'), { code: 2, err: /请写明 --agency/ })
  t.match(await wrong(...NAMED, '--dialect', 'soap'), { code: 2, err: /soap/ })
  t.match(await wrong(...NAMED, '--section', 'four'), { code: 2, err: /--section/ })
  for (const name of ['', ' ', "a'b", 'a`b', '一\n二', '馆'.repeat(41)])
    t.match(await wrong('--name', name, '--agency', '馆'), { code: 2, err: /--name 须是/ }, name)
  t.notOk(existsSync(join(CONNECTORS, 'nowhere')))
})

t.test('whoever sits at the terminal is asked for what was not given', async (t) => {
  const folder = join(CONNECTORS, 'asked-for')
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const asked: string[] = []
  const interview: Interview = {
    async text(question, example, problemOf) {
      asked.push(question)
      t.equal(problemOf(example), null)
      t.type(problemOf('`'), 'string')
      return example
    },
    async choose(question, options) {
      asked.push(question)
      return (options.at(-1) as (typeof options)[number]).value
    },
  }
  const given = { name: undefined, agency: undefined, dialect: undefined, section: undefined }
  const told = { id: 'x', name: '图书馆', agency: '许昌市图书馆', dialect: 'sm2-sm4-envelope', section: '1.4.12' } as const
  t.same(await introduce('x', given, interview), told)
  t.equal(asked.length, 4)
  t.same(await introduce('x', { name: '馆', agency: '馆', dialect: 'tif', section: '' }, interview), {
    ...{ id: 'x', name: '馆', agency: '馆', dialect: 'tif', section: null },
  })
  t.equal(asked.length, 4, 'what was given is not asked')

  const broken: Interview = { ...interview, text: () => Promise.reject(new DeclinedError()) }
  t.match(await cli({}, { interview: broken })('connector', 'new', 'asked-for'), { code: 1, out: '', err: /已取消/ })
  t.notOk(existsSync(folder))
})

t.test('names come out as they went in, and the clause only where there is one', (t) => {
  const folder = folderOf({ id: 'x', name: '馆（新）', agency: '馆', dialect: 'api-key', section: null })
  t.match(folder['index.ts'], /name: '馆（新）'[\s\S]*dialect: apiKey\(\)[\s\S]*envelope: envelope\.rest\(\)/)
  for (const [path, text] of Object.entries(folder)) t.notMatch(text, /undefined|null|section/, path)
  t.match(folder['README.md'], /## To be confirmed with the agency\n\n1\. /)
  t.end()
})
