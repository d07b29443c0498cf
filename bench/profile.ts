import type { Profiler } from 'node:inspector/promises'
import { alignColumns } from './table.ts'

const ROOT = new URL('../', import.meta.url).href

/** Where a profiled process spent its time: by package or by function, the greatest first. */
export function renderProfile(profile: Profiler.Profile, calls: number): string {
  const self = selfTimes(profile)
  const places = new Map<string, number>()
  const functions = new Map<string, number>()
  for (const { callFrame, id } of profile.nodes) {
    const micros = self.get(id) ?? 0
    // Starting the profiler is the profiler's own time.
    if (callFrame.functionName === '(idle)' || callFrame.url === 'node:inspector' || micros === 0) continue
    const place = placeOf(callFrame)
    add(places, place, micros)
    add(functions, `${callFrame.functionName || '(anonymous)'}  ${place}`, micros)
  }
  return [table('µs of each call, by place', places, calls, 25), table('by function', functions, calls, 40)].join('\n\n')
}

function selfTimes({ samples = [], timeDeltas = [] }: Profiler.Profile): Map<number, number> {
  const times = new Map<number, number>()
  for (const [index, id] of samples.entries()) add(times, id, timeDeltas[index] ?? 0)
  return times
}

/** `node_modules/undici/lib/…` → undici; a file of the hub → its path; node's own → node. */
function placeOf({ url, functionName }: { url: string; functionName: string }): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)'
  const [, module] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
  return module ?? (url.startsWith(ROOT) ? url.slice(ROOT.length) : url.startsWith('node:') ? url : 'other')
}

function add<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

function table(title: string, sums: ReadonlyMap<string, number>, calls: number, rows: number): string {
  const sorted = [...sums].sort(([, a], [, b]) => b - a).slice(0, rows)
  return alignColumns([[title, 'µs'], ...sorted.map(([name, micros]) => [name, (micros / calls).toFixed(2)])])
}
