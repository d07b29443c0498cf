/**
 * What services of one sort have in common. The contract asks for a face verification of whoever
 * uses the housing fund (1.4.1); how old it may be is the decision.
 */
export const query = {
  face: { maxAgeSeconds: 1800, once: false },
  timeoutMs: 8000,
  rate: { max: 60, perSeconds: 60 },
} as const

export const personalQuery = { ...query, audience: 'person', identity: 'face' } as const

export const withdrawal = {
  kind: 'submit',
  audience: 'person',
  identity: 'face',
  face: { maxAgeSeconds: 300, once: true },
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
} as const

/** Upstream parameters of a time range: first and last day. */
export const PERIOD_CODES = ['ksrq', 'jsrq'] as const

/** How lists are asked for, page by page; names and sizes are the agency's to confirm. */
export const pages = { paging: { style: 'page', page: 'pageNum', size: 'pageSize', base: 1, rows: 100 } } as const
