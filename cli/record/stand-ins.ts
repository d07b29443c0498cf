import { checkOf } from '../../core/base/checksums.ts'
import { enterprises, people } from '../../plugins/sandbox/people.ts'

/** Invented identities, one for each that was met: the same original has the same stand-in wherever it stands. */
export interface StandIns {
  idNumber(original: string): string
  uscc(original: string): string
  phone(original: string): string
  name(original: string): string
  address(original: string): string
  /** Of an account or a serial number: as long, with other digits. */
  digits(original: string): string
}

const DAY_MS = 86_400_000
/** Of the order numbers of id numbers 000 is given to nobody (standards.md §7.1). */
const invented = (index: number) => {
  const born = new Date(Date.UTC(1970, 0, 1) + index * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')
  const body = `411002${born}000`
  return body + checkOf(body)
}

/** The first one met of each sort is person 1, or enterprise 1: whoever asks is asked for first. */
export function createStandIns(): StandIns {
  function each(make: (index: number, original: string) => string): (original: string) => string {
    const known = new Map<string, string>()
    return (original) => {
      const found = known.get(original) ?? make(known.size, original)
      known.set(original, found)
      return found
    }
  }
  return {
    idNumber: each((index) => people[index]?.number ?? invented(index)),
    uscc: each((index) => enterprises[index]?.number ?? `91411000MA${String(index).padStart(7, '0')}0`),
    phone: each((index) => `1380000${String(index % 10_000).padStart(4, '0')}`),
    name: each((index) => people[index]?.name ?? `示例${index}`),
    address: each((index) => `许昌市示例路${index + 1}号`),
    digits: each((index, original) => {
      const count = original.replace(/\D/g, '').length
      const instead = String(index + 1)
        .padStart(count, '9')
        .slice(-count)
      let at = 0
      return original.replace(/\d/g, () => instead[at++] ?? '9')
    }),
  }
}
