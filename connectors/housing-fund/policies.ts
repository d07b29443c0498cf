/** An application takes a fresh face verification, which it spends, and more patience than a query. */
export const withdrawal = {
  kind: 'submit',
  face: { maxAgeSeconds: 300, once: true },
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
} as const

/** Upstream parameters of a time range: first and last day. */
export const PERIOD_CODES = ['ksrq', 'jsrq'] as const

/** Vouchers of all loan services come from one place, by their number. The name of the parameter is the agency's to confirm. A signed one stays as it is. */
export const VOUCHERS = {
  sid: 'housing-fund.vouchers',
  parameter: 'wjbh',
  watermark: { words: '仅供本人或本单位办理业务使用', otherwise: 'plain' },
} as const
