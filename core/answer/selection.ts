import type { Span } from '../contract/summary.ts'
import type { Row } from './reading.ts'

/** The forms in which an answer can be had. */
export type Format = 'json' | 'csv' | 'xlsx' | 'pdf'

export interface Selection {
  keep: (row: Row) => boolean
  sort: ((a: Row, b: Row) => number) | null
  columns: readonly string[] | null
  /** Whether the asker's own is shown whole. */
  reveal?: boolean
  /** Everything that was found is added up, too: by which period, and split by which coded field. */
  summary?: { span: Span; by?: string } | undefined
  page: number
  pageSize: number
}

export const DEFAULT_PAGE_SIZE = 20

/** More rows than this are no answer for a person; the caller is asked to narrow the question. */
export const MAX_ROWS = 10_000
