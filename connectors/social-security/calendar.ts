/** When the province's system can be used; the bureau's own to confirm (README). */
export const calendar = {
  maintenance: [{ title: '日终处理', from: '23:00', to: '01:00' }],
  freezes: [{ title: '年度结转', from: '12-31T18:00', to: '01-01T12:00' }],
} as const

/** Contributions are booked once a month. */
export const lastGood = { maxAgeSeconds: 3 * 86_400 } as const
