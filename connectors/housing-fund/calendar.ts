/** When the centre's system can be used, as centres announce it; the hours of 许昌 are its own to confirm (README). */
export const calendar = {
  maintenance: [{ title: '日终处理', from: '23:00', to: '01:00' }],
  // On 30 June the year's interest is credited (住房公积金管理条例 §21; 结息日); nothing is booked until it is done.
  freezes: [{ title: '年度结息', from: '06-30T17:30', to: '07-01T12:00' }],
  officeHours: {
    days: [1, 2, 3, 4, 5],
    times: [
      ['09:00', '12:00'],
      ['13:00', '17:00'],
    ],
  },
} as const

/** What somebody looks up at night is as good as of the evening; after two days it would mislead. */
export const lastGood = { maxAgeSeconds: 2 * 86_400 } as const
