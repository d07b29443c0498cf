/** When the company's platform can be used: the day's payments are closed around midnight; the company's own to confirm (README). */
export const calendar = { maintenance: [{ title: '日终对账', from: '23:30', to: '00:30' }] } as const

export const lastGood = { maxAgeSeconds: 86_400 } as const
