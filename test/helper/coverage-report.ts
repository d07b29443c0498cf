import { globSync, readdirSync, readFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join, resolve } from 'node:path'
import { ROOT } from './test-files.ts'

type Noted = [path: string, functions: Profiler.FunctionCoverage[]][]

const SOURCES = ['*.ts', '{core,plugins,cli,config,conformance,connectors,migrations}/**/*.ts']

interface Counts {
  lines: number
  linesRun: number
  branches: number
  branchesRun: number
}

/** Of one source: for each character whether some process ran it, and where branches were seen to begin. */
interface Seen {
  ran: Uint8Array
  branches: Set<number>
}

/** What all processes together ran, as a table of rooms. Branches are V8's blocks, of the sources that were loaded. */
export function coverageReport(folder: string): string {
  const texts = new Map(
    globSync(SOURCES, { cwd: ROOT, exclude: (path) => /(^|\/)test(\/|$)/.test(path) }).map((path) => [
      path,
      readFileSync(resolve(ROOT, path), 'utf8'),
    ]),
  )
  const seen = new Map([...texts].map(([path, text]): [string, Seen] => [path, { ran: new Uint8Array(text.length), branches: new Set() }]))
  for (const name of readdirSync(folder))
    for (const [path, functions] of JSON.parse(readFileSync(join(folder, name), 'utf8')) as Noted) {
      const source = seen.get(path)
      if (source) add(source, functions)
    }

  const rooms = new Map<string, Counts>()
  for (const [path, text] of texts)
    for (const room of [roomOf(path), 'total']) rooms.set(room, sum(rooms.get(room), countsOf(text, seen.get(path) as Seen)))
  const line = ([room, counts]: [string, Counts]) =>
    `${room.padEnd(28)}${share(counts.linesRun, counts.lines)}${share(counts.branchesRun, counts.branches)}`
  const sorted = [...rooms].sort(([a], [b]) => Number(a === 'total') - Number(b === 'total') || a.localeCompare(b))
  return [`${'coverage'.padEnd(28)}   lines branches`, ...sorted.map(line)].join('\n')
}

/** Inner ranges are more exact than those around them, which come first. */
function add({ ran, branches }: Seen, functions: readonly Profiler.FunctionCoverage[]): void {
  const ranges = functions.flatMap((each) => each.ranges).sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  const here = new Uint8Array(ran.length)
  for (const { startOffset, endOffset, count } of ranges) here.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  for (let at = 0; at < here.length; at++) if (here[at]) ran[at] = 1
  for (const each of functions) for (const { startOffset } of each.ranges.slice(1)) branches.add(startOffset)
}

function countsOf(text: string, { ran, branches }: Seen): Counts {
  const counts = { lines: 0, linesRun: 0, branches: branches.size, branchesRun: [...branches].filter((at) => ran[at]).length }
  let at = 0
  for (const line of text.split('\n')) {
    const end = at + line.length
    // Neither blank nor a comment.
    if (/^\s*(?!\/\/|\/?\*|\s|$)/.test(line)) {
      counts.lines++
      if (ran.subarray(at, end).includes(1)) counts.linesRun++
    }
    at = end + 1
  }
  return counts
}

function sum(a: Counts | undefined, b: Counts): Counts {
  if (!a) return b
  return {
    lines: a.lines + b.lines,
    linesRun: a.linesRun + b.linesRun,
    branches: a.branches + b.branches,
    branchesRun: a.branchesRun + b.branchesRun,
  }
}

/** `core/base`, `plugins/users`, `connectors`, `cli`; single files are the root's. */
function roomOf(path: string): string {
  const [room = '', capability, ...rest] = path.split('/')
  if (capability === undefined) return '.'
  return rest.length > 0 && (room === 'core' || room === 'plugins') ? `${room}/${capability}` : room
}

function share(part: number, whole: number): string {
  return (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`).padStart(9)
}
