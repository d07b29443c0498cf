/** When the platform can be used: what other departments report is taken in on Sunday morning; the platform's own to confirm (README). */
export const calendar = { maintenance: [{ title: '数据归集', from: '02:00', to: '05:00', on: [7] }] } as const

export const lastGood = { maxAgeSeconds: 7 * 86_400 } as const
