import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { copyTree, type TreeCopy } from '../helper/tree-copy.ts'

const GUIDE = readFileSync(new URL('../../docs/first-hour.md', import.meta.url), 'utf8')
const FOLDER = 'connectors/library'
/** Those that stay in the copy: the others' start is not what is tried. */
const KEPT = ['registry']

type Step = { calls: string } | { commands: string[][] } | { file: string; becomes(before: string): string }

/** What a reader does, in order: types commands, saves a file, changes one. The hub itself is got already; what `hub dev` does is tried in test/cli/dev.test.ts. */
const steps = [...GUIDE.matchAll(/^```(sh|ts|typescript|diff|json|markdown)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', text = '']): Step => {
    const named = /^(?:\/\/|\+\+\+|<!--) ([^\s,]+)(?:, at the end| -->)?\n/.exec(text)
    const file = named?.[1] ?? ''
    switch (language) {
      case 'json':
        return { file: `${FOLDER}/promise.json`, becomes: () => text }
      case 'ts':
        return { file, becomes: () => text }
      case 'markdown':
        return { file, becomes: () => text.slice(named?.[0].length) }
      case 'typescript':
        return { file, becomes: (before) => before + text.slice(named?.[0].length) }
      case 'diff':
        return { file, becomes: (before) => changed(before, text.slice(named?.[0].length)) }
    }
    if (text.includes('curl')) return { calls: text }
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('git clone') && !line.endsWith('-- dev'))
    return { commands: lines.map((line) => line.replace(/^npm run --silent hub --/, 'hub').split(' ')) }
  },
)

/** A file after a reader did what a diff shows: each part of it stands there once. */
function changed(text: string, diff: string): string {
  return diff.split('@@\n').reduce((before, part) => {
    const lines = part.split('\n').slice(0, -1)
    const side = (sign: string) => lines.flatMap((line) => (line[0] === ' ' || line[0] === sign ? [`${line.slice(1)}\n`] : [])).join('')
    const found = before.split(side('-'))
    if (found.length !== 2) throw new Error(`${found.length - 1} places for:\n${part}`)
    return found.join(side('+'))
  }, text)
}

/** Commands of one block in one process: a start of each would cost more than they do. → what the last one printed. */
const RUN = `
  import { run } from './cli/run.ts'
  import { processIo } from './cli/io.ts'
  let out = []
  for (const args of JSON.parse(process.env.COMMANDS)) {
    out = []
    const code = await run(args, { ...processIo(), out: (line) => out.push(line) })
    if (code !== 0) throw new Error(args.join(' ') + ': ' + out)
  }
  process.stdout.write(out.join(''))
`

/** What `npx` runs, as it is run in a copy that is no repository; of the types only those that a connector is made of are looked at. */
const tools: Readonly<Record<string, (args: readonly string[]) => readonly string[]>> = {
  biome: ([what = '', ...args]) => ['node_modules/@biomejs/biome/bin/biome', what, '--colors=off', '--vcs-enabled=false', ...args],
  tsc: (args) => ['node_modules/typescript/bin/tsc', ...args.map((arg) => (arg === '.' ? TYPES : arg))],
}
const TYPES = 'tsconfig.library.json'
const OWN_TYPES = {
  extends: './tsconfig.json',
  include: [FOLDER, 'plugins/*/policy.ts', 'plugins/kinds/*/policy.ts', 'plugins/sandbox/life.ts'],
}

/** → what the last command of the hub's own printed. */
async function type(t: Test, tree: TreeCopy, commands: string[][]): Promise<string> {
  for (const [program = '', ...args] of commands) {
    if (program === 'rm') for (const path of args) rmSync(join(tree.folder, path))
    else if (program === 'npm') {
      // `npm test -- <file>`
      t.same(args.slice(0, 2), ['test', '--'])
      await tree.node(['test/run.ts', ...args.slice(2)], { TAP_TIMEOUT: '200' })
    } else if (program === 'npx') {
      const tool = tools[args[0] ?? '']
      if (tool) await tree.node([...tool(args.slice(1))])
      else t.fail(`npx ${args}`)
    } else t.equal(program, 'hub')
  }
  const hub = commands.filter(([program]) => program === 'hub').map(([, ...args]) => args)
  if (hub.length === 0) return ''
  const asked = hub.map((args) => (args.includes('check') ? [...args, '--json'] : args))
  return tree.node(['commands.ts'], { COMMANDS: JSON.stringify(asked), LOG_LEVEL: 'silent' })
}

/** The calls of a reader beside whom the hub runs. → what it answered, line by line. */
async function call(tree: TreeCopy, calls: string): Promise<unknown[]> {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, DATA_DIR: join(tree.folder, '.data'), PORT: '0' }
  const hub = spawn(process.execPath, ['server.ts'], { cwd: tree.folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(hub, 'exit')
  try {
    let origin: string | undefined
    for await (const line of createInterface({ input: hub.stdout })) {
      origin = /已启动：(http:\S+)/.exec(line)?.[1]
      if (origin !== undefined) break
    }
    const told = calls.replace('http://127.0.0.1:3000', origin ?? '')
    const { stdout } = await promisify(execFile)('bash', ['-euc', told], { cwd: tree.folder, env })
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  } finally {
    hub.kill('SIGTERM')
    await ended
  }
}

t.test('whoever follows the guide has a library at silver tier, in less than 200 lines', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  for (const id of readdirSync(join(tree.folder, 'connectors')))
    if (!KEPT.includes(id)) rmSync(join(tree.folder, 'connectors', id), { recursive: true })

  // A file: what the kit starts for PDFs and exports is started as this process was.
  writeFileSync(join(tree.folder, 'commands.ts'), RUN)
  writeFileSync(join(tree.folder, TYPES), JSON.stringify(OWN_TYPES))
  const read = (file: string) => readFileSync(join(tree.folder, file), 'utf8')
  const said: string[] = []
  for (const step of steps) {
    if ('calls' in step) {
      const [search, loans, renewed, refused, later, card, seat, given] = await call(tree, step.calls)
      t.match(search, { data: [{ title: '许昌方志辑要' }] })
      t.match(loans, { data: [{ loan: 'J101', state: { name: '在借' } }, { loan: 'J102' }] })
      t.match(renewed, { data: { state: 'done', loan: 'J101' } })
      t.match(refused, { status: 400, choices: { values: ['J101', 'J102'] } })
      t.match(later, { data: [{ loan: 'J101', state: { name: '已续借' } }] })
      t.match(card, { data: { validUntil: { name: '长期' } } })
      t.match(read('card.pdf'), /^%PDF-/)
      t.match(seat, { data: { bookingState: { name: '已预约' } } })
      t.match(given, { data: { state: 'cancelled' } })
    } else if ('commands' in step) said.push(await type(t, tree, step.commands))
    else {
      t.match(step.file, new RegExp(`^${FOLDER}/`))
      writeFileSync(join(tree.folder, step.file), step.becomes(globSync(step.file, { cwd: tree.folder }).map(read).join('')))
    }
  }
  const answer = (service: string) => JSON.parse(said.find((each) => each.includes(`/${service}`)) ?? '{}')
  t.match(answer('books'), { read: { rows: { length: 1 } } }, 'the search finds what was looked for')

  const report: { tier: string; checks: { result: string }[] } = JSON.parse(said.find((each) => each.includes('"tier"')) ?? '')
  t.same(
    report.checks.filter(({ result }) => result === 'fail'),
    [],
  )
  t.ok(['silver', 'gold'].includes(report.tier), report.tier)
  t.match(GUIDE, `\`tier: ${report.tier}\``, 'the guide says which')
  const written = globSync(`${FOLDER}/**/*.ts`, { cwd: tree.folder }).reduce((sum, file) => sum + read(file).split('\n').length - 1, 0)
  t.ok(written > 100 && written < 200, `${written} lines`)
})
