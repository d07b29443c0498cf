/** When the platform's functions can be used, as such platforms announce it; the platform's own to confirm (README). */
export const calendar = { maintenance: [{ title: '系统维护', from: '01:00', to: '05:00' }] } as const
