import { UsageError } from './usage.ts'

/** → a whole number from 1 up that was typed for an option. */
export function countOf(value: number, option: string, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most) throw new UsageError(`${option} 须是 1 至 ${most} 的整数`)
  return value
}
