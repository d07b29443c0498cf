import type { Format } from '../../core/answer/selection.ts'
import { HubError } from '../../core/base/errors.ts'

export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
}

/** `?format=` wins over `Accept` (RFC 9110 §12.5.1). Throws HUB_NOT_ACCEPTABLE. */
export function chooseFormat(format: unknown, accept: string | undefined, offered: readonly Format[]): Format {
  if (format !== undefined) return format as Format
  if (accept === undefined || accept === '*/*' || accept === MEDIA_TYPES.json) return 'json'
  const weights = new Map(accept.toLowerCase().split(',').map(readRange))
  const [best] = offered
    .map((name) => ({ name, rank: rankOf(MEDIA_TYPES[name], weights) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
  if (!best) throw new HubError('HUB_NOT_ACCEPTABLE')
  return best.name
}

function readRange(range: string): [type: string, weight: number] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return [type, weight === undefined ? 1 : Number(weight.slice(2)) || 0]
}

/** The weight of the most specific range that matches; of equal weights the type that is named goes before a `*`. */
function rankOf(type: string, weights: ReadonlyMap<string, number>): number {
  const patterns = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']
  const at = patterns.findIndex((pattern) => weights.has(pattern))
  const weight = weights.get(patterns[at] ?? '') ?? 0
  return weight === 0 ? 0 : weight * 10_000 - at
}
