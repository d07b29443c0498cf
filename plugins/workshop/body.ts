export type Fact = readonly [title: string, value: string]

export interface DocumentTable {
  title: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
}

/** What a document says, as plain text: it goes to another thread. */
export interface DocumentBody {
  title: string
  /** On whose behalf it is issued. */
  agency: string
  /** Whose system the data came from; often the same. */
  source: string
  /** Whom it is about. */
  holder: readonly Fact[]
  /** What was asked: a document about June is none about the year. */
  conditions: readonly Fact[]
  records: readonly { facts: readonly Fact[]; tables: readonly DocumentTable[] }[]
}

/** Who issues documents, in the name of agencies or in its own. */
export const ISSUER = '许昌市政务服务集成中枢'
