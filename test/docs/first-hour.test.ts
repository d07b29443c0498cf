import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { copyTree } from '../helper/tree-copy.ts'

const GUIDE = readFileSync(new URL('../../docs/first-hour.md', import.meta.url), 'utf8')
const FOLDER = 'connectors/library'
/** Those that stay in the copy: the others' start is not what is tried. */
const KEPT = ['registry']

type Step = { commands: string[][] } | { file: string; text: string }

/** What a reader does, in order: types commands, saves a file. The hub itself is got already; what `hub dev` does is tried in test/cli/dev.test.ts. */
const steps = [...GUIDE.matchAll(/^```(sh|ts|json)\n([\s\S]*?)^```$/gm)].map(([, language, text = '']): Step => {
  if (language === 'json') return { file: `${FOLDER}/promise.json`, text }
  if (language === 'ts') return { file: /^\/\/ (\S+)\n/.exec(text)?.[1] ?? '', text }
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('git clone') && !line.endsWith('-- dev'))
  return { commands: lines.map((line) => line.replace(/^npm run --silent hub --/, 'hub').split(' ')) }
})

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

t.test('whoever follows the guide has a library at silver tier, in less than 200 lines', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  for (const id of readdirSync(join(tree.folder, 'connectors')))
    if (!KEPT.includes(id)) rmSync(join(tree.folder, 'connectors', id), { recursive: true })

  // A file: what the kit starts for PDFs and exports is started as this process was.
  writeFileSync(join(tree.folder, 'commands.ts'), RUN)
  let written = 0
  let report: { tier: string; checks: { result: string }[] } = { tier: 'none', checks: [] }
  for (const step of steps) {
    if ('file' in step) {
      t.match(step.file, new RegExp(`^${FOLDER}/`))
      writeFileSync(join(tree.folder, step.file), step.text)
      if (step.file.endsWith('.ts')) written += step.text.split('\n').length - 1
      continue
    }
    const hub = step.commands.filter(([program]) => program === 'hub').map(([, ...args]) => args)
    const tries = hub.some((args) => args.includes('check'))
    const asked = tries ? hub.map((args) => [...args, '--json']) : hub
    if (hub.length > 0) {
      const said = await tree.node(['commands.ts'], { COMMANDS: JSON.stringify(asked), LOG_LEVEL: 'silent' })
      if (tries) report = JSON.parse(said)
    }
    for (const [program = '', ...args] of step.commands) {
      if (program === 'rm') for (const path of args) rmSync(join(tree.folder, path))
      else if (program === 'npm') {
        // `npm test -- <file>`
        t.same(args.slice(0, 2), ['test', '--'])
        await tree.node(['test/run.ts', ...args.slice(2)], { TAP_TIMEOUT: '200' })
      } else if (program === 'npx') {
        t.same(args.slice(0, 2), ['biome', 'ci'])
        // The copy is no repository.
        await tree.node(['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '--vcs-enabled=false', ...args.slice(2)])
      } else t.equal(program, 'hub')
    }
  }
  t.same(
    report.checks.filter(({ result }) => result === 'fail'),
    [],
  )
  t.ok(['silver', 'gold'].includes(report.tier), report.tier)
  t.match(GUIDE, `\`tier: ${report.tier}\``, 'the guide says which')
  t.ok(written > 100 && written < 200, `${written} lines`)
})
