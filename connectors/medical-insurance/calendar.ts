/** When the insurance's platform can be used; the bureau's own to confirm (README). */
export const calendar = {
  maintenance: [{ title: '日终处理', from: '23:30', to: '00:30' }],
  // Balances and limits begin anew with the year.
  freezes: [{ title: '年度结转', from: '12-31T20:00', to: '01-01T08:00' }],
} as const

export const lastGood = { maxAgeSeconds: 86_400 } as const
