/** When the platform can be used; its own to confirm (README). */
export const calendar = { maintenance: [{ title: '系统维护', from: '00:30', to: '03:00' }] } as const

export const lastGood = { maxAgeSeconds: 86_400 } as const
