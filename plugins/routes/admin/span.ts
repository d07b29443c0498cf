import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { part } from '../../route-kit/part.ts'

const DAY_MS = 86_400_000

/** Days, Beijing time, both inclusive. */
export interface Days {
  from: string
  to: string
}

export const dayPart = (title: string) => part.text(title, { format: 'date' })

/** The days that were asked for: without them the last ones up to today. Throws HUB_VALIDATION for more than `most`, and for an end before the beginning. */
export function daysOf({ from, to }: { [K in keyof Days]?: string | undefined }, { most, preset }: { most: number; preset: number }): Days {
  const last = to ?? beijing(Date.now()).slice(0, 10)
  const first = from ?? new Date(Date.parse(last) - (preset - 1) * DAY_MS).toISOString().slice(0, 10)
  const days = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  if (days < 1 || days > most)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: `起止日期最多 ${most} 天，且先起后止` }] })
  return { from: first, to: last }
}

/** From the first moment of the first day to the last one of the last, epoch milliseconds. */
export function momentsOf({ from, to }: Days): { from: number; to: number } {
  return { from: Date.parse(`${from}T00:00:00+08:00`), to: Date.parse(`${to}T23:59:59.999+08:00`) }
}
