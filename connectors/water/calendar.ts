/** When the company's system can be used: the day's payments are closed around midnight; the company's own to confirm (README). */
export const calendar = { maintenance: [{ title: '日终对账', from: '23:50', to: '00:20' }] } as const

/** A reading a month; what is owed changes with a payment, so no longer than a day. */
export const lastGood = { maxAgeSeconds: 86_400 } as const
