import { existsSync, readFileSync } from 'node:fs'

/** Where a connector's invented people have less than a whole record of everything; the folder says so, in `test/gaps.json`. */
export interface Gaps {
  /** `<service>.<field>` that stays empty for the first three who have a record → why. */
  empty: Readonly<Record<string, string>>
  /** Services of one record of which everybody has several: the first is chosen. */
  chosen: readonly string[]
  /** Service → status that a person gets instead of 200, by index. */
  status: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** → what the folder says; nothing where it says nothing. */
export function gapsOf(connectorId: string): Gaps {
  const file = new URL(`../../connectors/${connectorId}/test/gaps.json`, import.meta.url)
  return { empty: {}, chosen: [], status: {}, ...(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Gaps>) : {}) }
}
