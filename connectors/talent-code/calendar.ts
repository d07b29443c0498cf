/** When the platform can be used: rosters are taken over from other departments on Monday morning; the platform's own to confirm (README). */
export const calendar = { maintenance: [{ title: '人才库同步', from: '01:00', to: '03:00', on: [1] }] } as const

export const lastGood = { maxAgeSeconds: 86_400 } as const
