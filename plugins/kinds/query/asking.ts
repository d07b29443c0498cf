import type { Kind } from '../../../core/contract/types.ts'

/** Kinds of services with rows to add up, mark and compare; a document is a question that can be printed. */
export const asking: ReadonlySet<Kind> = new Set(['query', 'list', 'status', 'catalog', 'document'])
