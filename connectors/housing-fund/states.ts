/** What a withdrawal goes through after its approval, in the centre's words. */
export const arrivedState = { arrived: { title: '已到账', after: ['submitted', 'reviewing', 'approved'] } } as const

/** … and where it closes the account. */
export const closingStates = {
  ...arrivedState,
  closed: { title: '已销户', after: ['submitted', 'reviewing', 'approved', 'arrived'] },
} as const
