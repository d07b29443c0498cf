import { existsSync, readFileSync } from 'node:fs'

/** Where a connector's invented people have less than a whole record of everything; the folder says so, in `test/gaps.json`. */
export interface Gaps {
  /** `<service>.<field>` that stays empty for person 1 and enterprise 1 → why. */
  empty: Readonly<Record<string, string>>
  /** Service → status that persons 2 and 3 get instead of 200. */
  status: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** → what the folder says; nothing where it says nothing. */
export function gapsOf(connectorId: string): Gaps {
  const file = new URL(`../../connectors/${connectorId}/test/gaps.json`, import.meta.url)
  return { empty: {}, status: {}, ...(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Gaps>) : {}) }
}
