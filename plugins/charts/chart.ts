/** Values over time or classes, one for each label; null where nothing is known. */
export interface Series {
  name: string
  values: readonly (number | null)[]
}

/** What a chart says, as plain data: it goes to another thread. All words are text. */
export type Chart = { title: string; unit: string } & (
  | { kind: 'lines'; labels: readonly string[]; series: readonly Series[] }
  /** The largest first. */
  | { kind: 'bars'; labels: readonly string[]; values: readonly number[] }
  /** `values[row][column]`. */
  | { kind: 'heat'; rows: readonly string[]; columns: readonly string[]; values: readonly (readonly number[])[] }
)

/** The same with each of its words changed. */
export function withWords(chart: Chart, change: (words: string) => string): Chart {
  const all = (words: readonly string[]) => words.map(change)
  const frame = { title: change(chart.title), unit: change(chart.unit) }
  if (chart.kind === 'bars') return { ...chart, ...frame, labels: all(chart.labels) }
  if (chart.kind === 'heat') return { ...chart, ...frame, rows: all(chart.rows), columns: all(chart.columns) }
  const series = chart.series.map((each) => ({ ...each, name: change(each.name) }))
  return { ...chart, ...frame, labels: all(chart.labels), series }
}

/** Whether it would show nothing. */
export function isEmpty(chart: Chart): boolean {
  if (chart.kind === 'lines') return chart.series.every(({ values }) => values.every((value) => value === null))
  return chart.values.flat().length === 0
}

/** Whether there is nothing in it to see: no value, or nought alone. */
export function saysNothing(chart: Chart): boolean {
  const values = chart.kind === 'lines' ? chart.series.flatMap((each) => each.values) : chart.values.flat()
  return values.every((value) => value === null || value === 0)
}

/** How many of a ranking are read out. */
const TOLD = 5

/** The same in words, for those who don't see it. */
export function describe(chart: Chart): string {
  const { unit } = chart
  const told = (label: string, value: number) => `${label} ${value}${unit}`
  if (chart.kind === 'bars') {
    const [first, ...others] = chart.values.slice(0, TOLD).map((value, index) => told(chart.labels[index] ?? '', value))
    return first === undefined ? '没有数据' : `从多到少：${[first, ...others].join('，')}`
  }
  if (chart.kind === 'heat') {
    const all = chart.values.flatMap((row, at) =>
      row.map((value, column) => ({ label: `${chart.rows[at] ?? ''} ${chart.columns[column] ?? ''}`, value })),
    )
    return peakOf(all, unit)
  }
  return chart.series
    .map(({ name, values }) => {
      const known = values.flatMap((value, index) => (value === null ? [] : [{ label: chart.labels[index] ?? '', value }]))
      const last = known.at(-1)
      return `${name}：${peakOf(known, unit)}${last ? `，最近（${last.label}）${last.value}${unit}` : ''}`
    })
    .join('；')
}

function peakOf(all: readonly { label: string; value: number }[], unit: string): string {
  if (all.length === 0) return '没有数据'
  const most = all.reduce((best, each) => (each.value > best.value ? each : best))
  return `最高 ${most.value}${unit}（${most.label}）`
}
