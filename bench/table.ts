/** What one round of one side came to. */
export interface Round {
  perSecond: number
  p50: number
  p99: number
  /** CPU microseconds of the measured process per answered request. */
  cpu: number
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const COLUMNS: readonly (readonly [title: string, read: (round: Round) => number, digits: number])[] = [
  ['requests/s', ({ perSecond }) => perSecond, 0],
  ['p50 ms', ({ p50 }) => p50, 1],
  ['p99 ms', ({ p99 }) => p99, 1],
  ['CPU µs/request', ({ cpu }) => cpu, 1],
]

/** Medians of the rounds and, in brackets, the lowest and the highest. */
export function renderTable(sides: Readonly<Record<string, readonly Round[]>>): string {
  const lines = [['', ...COLUMNS.map(([title]) => title)]]
  for (const [name, rounds] of Object.entries(sides)) {
    lines.push([name, ...COLUMNS.map(([, read, digits]) => spread(rounds.map(read), digits))])
  }
  return alignColumns(lines)
}

export function spread(values: readonly number[], digits: number): string {
  const write = (value: number) => value.toFixed(digits)
  return `${write(median(values))} (${write(Math.min(...values))}–${write(Math.max(...values))})`
}

/** First column to the left, the others to the right. */
export function alignColumns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) => line.map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[0] ?? 0))).join('  '))
    .join('\n')
}
