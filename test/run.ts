import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { coverageReport } from './helper/coverage-report.ts'
import { removePictures } from './helper/pictures.ts'
import { processorSeconds } from './helper/processor-time.ts'
import { heavyImport, ROOT, TRIALS, testFiles } from './helper/test-files.ts'
import { type Outcome, runInTurn } from './helper/test-process.ts'

/**
 * `npm test [-- file …]`: the test files in a few processes, the longest first, with a line for each that has ended and all that
 * failing ones said; without long trials, unless `--all` or CI asks for them. `tap run` does the same at several times the cost: a process for each file, and itself loaded into every one.
 */
const CACHE = resolve(ROOT, 'node_modules/.cache/hub-tests')
const DURATIONS = join(CACHE, 'durations.json')
/** Of one file; `TEST_TIMEOUT_SECONDS` where one is made longer than it is at a desk. */
const TIMEOUT_SECONDS = Number(process.env['TEST_TIMEOUT_SECONDS'] ?? 240)

const inCi = process.env['CI'] === 'true'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string' },
    unit: { type: 'boolean' },
    all: { type: 'boolean', default: inCi },
    coverage: { type: 'boolean', default: inCi },
  },
})
process.chdir(ROOT)
buildTap()
if (positionals.length === 0 && values.all) removePictures()
const known = { ...TRIALS, ...durations() }
const wanted = positionals.length > 0 ? positionals : testFiles()
const files = wanted
  .filter((file) => positionals.length > 0 || values.all || !(file in TRIALS))
  .filter((file) => !values.unit || heavyImport(file) === null)
  .sort((a, b) => (known[b] ?? 1) - (known[a] ?? 1))
const scratch = mkdtempSync(join(memory() ?? tmpdir(), 'hub-tests-'))
// Memory is not left taken, however the run ends.
process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const coverage = values.coverage ? probe() : null
const began = performance.now()
const outcomes = new Map<string, Outcome>()
const waiting = [...files]
// A hub waits for its stores now and then; what is pure never waits.
const jobs = Number(values.jobs ?? Math.min(4, availableParallelism() + (values.unit ? 0 : 1)))
await Promise.all(Array.from({ length: jobs }, work))
const covered = coverage ? coverageReport(coverage.COVERAGE_FOLDER) : ''
report()

/** tap's class has to be built once an installation, without the plugin that `.taprc` leaves out. */
function buildTap(): void {
  const built = readFileSync('node_modules/@tapjs/test/test-built/dist/esm/index.js', 'utf8')
  if (built.includes('"@tapjs/typescript"'))
    execFileSync(process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'build'], { stdio: 'inherit' })
}

/** → the environment in which processes note what they ran. */
function probe() {
  const folder = join(scratch, 'coverage')
  mkdirSync(folder)
  return { COVERAGE_FOLDER: folder, NODE_OPTIONS: `--import=${new URL('helper/coverage-probe.ts', import.meta.url).href}` }
}

/** Stores whose every commit waits for the disk are quicker where there is none. */
function memory(): string | null {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize > 1e9 ? '/dev/shm' : null
  } catch {
    return null
  }
}

function work(): Promise<void> {
  const env = { NODE_COMPILE_CACHE: join(CACHE, 'code'), ...process.env, ...coverage, TMPDIR: scratch }
  return runInTurn({ take: () => waiting.shift(), done, spoilt }, env, TIMEOUT_SECONDS)
}

function done(file: string, outcome: Outcome): void {
  outcomes.set(file, outcome)
  const place = `[${String(outcomes.size).padStart(String(files.length).length)}/${files.length}]`
  const taken = `${outcome.seconds.toFixed(1)} s, ${outcome.processor.toFixed(1)} s of processor`
  console.log(`${place} ${file} ${taken}, ${outcome.fail > 0 ? `FAILED ${outcome.fail}` : outcome.pass}`)
  if (outcome.fail > 0) console.log(withoutPasses(outcome.said))
}

function spoilt(file: string, said: string): void {
  const { pass = 0, fail = 0, seconds = 0, processor = 0 } = outcomes.get(file) ?? {}
  outcomes.set(file, { pass, fail: fail + 1, seconds, processor, said })
  console.log(`${file} FAILED after its end\n${withoutPasses(said)}`)
}

/** Everything but what passed. */
function withoutPasses(said: string): string {
  const kept = said.split('\n').filter((line) => !/^ *(ok \d|# Subtest|\d+\.\.\d+$|$)/.test(line))
  return kept.map((line) => `    ${line}`).join('\n')
}

/** Closes like tap does, for those who count. */
function report(): void {
  const all = [...outcomes]
  const sum = (name: 'pass' | 'fail') => all.reduce((total, [, outcome]) => total + outcome[name], 0)
  const slowest = all.sort(([, a], [, b]) => b.seconds - a.seconds).slice(0, 5)
  const failed = all.filter(([, { fail }]) => fail > 0).map(([file]) => file)
  console.log(`\nslowest: ${slowest.map(([file, { seconds }]) => `${file} ${seconds.toFixed(0)} s`).join(', ')}`)
  if (covered) console.log(`\n${covered}\n`)
  const left = values.unit ? 0 : wanted.length - files.length
  if (left > 0) console.log(`${left} long trials were left out: npm test -- --all runs them too`)
  if (failed.length > 0) console.log(`failed: ${failed.sort().join(', ')}`)
  const [pass, fail] = [sum('pass'), sum('fail')]
  console.log(
    `${files.length} files in ${((performance.now() - began) / 1000).toFixed(0)} s, ${processorSeconds().toFixed(0)} s of processor`,
  )
  console.log(`# { total: ${pass + fail}, pass: ${pass}, fail: ${fail} }`)
  mkdirSync(CACHE, { recursive: true })
  const measured = Object.fromEntries(all.map(([file, { seconds }]) => [file, Math.round(seconds * 10) / 10]))
  writeFileSync(DURATIONS, JSON.stringify({ ...durations(), ...measured }))
  process.exitCode = fail === 0 && pass > 0 ? 0 : 1
}

function durations(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(DURATIONS, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}
