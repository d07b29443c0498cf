/** When the platform can be used: it is kept up at night on Sunday; the platform's own to confirm (README). */
export const calendar = { maintenance: [{ title: '系统维护', from: '00:00', to: '04:00', on: [7] }] } as const
