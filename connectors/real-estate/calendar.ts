/** When the centre's systems can be used and its people look at what comes in; the centre's own to confirm (README). */
export const calendar = {
  maintenance: [{ title: '系统维护', from: '00:00', to: '04:00', on: [7] }],
  officeHours: {
    days: [1, 2, 3, 4, 5],
    times: [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
    ],
  },
} as const
