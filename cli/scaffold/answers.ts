import type { DialectName } from './dialects.ts'

/** All that has to be known of an agency before its connector can be begun. */
export interface Newcomer {
  id: string
  name: string
  agency: string
  dialect: DialectName
  /** Clause of the contract, where there is one. */
  section: string | null
}

/** → the text as a TypeScript literal, in this repository's quotes. */
export function literal(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped}'`
}

/** An import of the file that is written; `names` as they stand there. */
export const importing = (names: string, from: string) => `import ${names} from ${literal(from)}`
