/** An application takes a fresh face verification, which it spends, and more patience than a query. */
export const withdrawal = {
  kind: 'submit',
  face: { maxAgeSeconds: 300, once: true },
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
} as const

/** Upstream parameters of a time range: first and last day. */
export const PERIOD_CODES = ['ksrq', 'jsrq'] as const
