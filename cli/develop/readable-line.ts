/** What a running hub wrote, for the person who watches: a connector's mistakes one below the other, other log lines in one. null: nothing to say. */
export function readableLine(line: string): string | null {
  const entry = parse(line)
  if (!entry) return line
  const { level, msg, source, reasons, err } = entry
  if (typeof level !== 'number') return line
  if (Array.isArray(reasons)) return [`✗ ${String(source)}：${String(msg)}`, ...reasons.map((reason) => `    ${String(reason)}`)].join('\n')
  const mark = level >= 50 ? '✗' : level >= 40 ? '!' : ' '
  const trouble = typeof err === 'object' && err !== null && 'message' in err ? `：${String(err.message)}` : ''
  return `${mark} ${String(msg ?? '')}${trouble}`
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}
