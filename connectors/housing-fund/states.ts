import { field, input } from '../../core/connector.ts'

/** What a withdrawal goes through after its approval, in the centre's words. */
export const arrivedState = { arrived: { title: '已到账', after: ['submitted', 'reviewing', 'approved'] } } as const

/** … and where it closes the account. */
export const closingStates = {
  ...arrivedState,
  closed: { title: '已销户', after: ['submitted', 'reviewing', 'approved', 'arrived'] },
} as const

/** What the centre says of an application that lacks something. */
export const lifeFields = {
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
}

/** Before the money is on its way the applicant may take an application back, and supplements what is missing. */
export const lifeStates = {
  withdrawn: { title: '已撤销', after: ['submitted', 'reviewing'], final: true },
  incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
} as const

export const withdrawalLife = (service: string) =>
  ({
    cancel: { sid: `housing-fund.${service}-cancel`, when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: `housing-fund.${service}-supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补正材料', {
          codes: ['bzclfj', 'bzclfjmc'],
          mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'],
          maxBytes: 8 * 1024 * 1024,
        }),
      },
    },
  }) as const

/** They go before the rules of the review. */
export const lifeRules = [
  { state: 'withdrawn', when: { applicationStatus: ['06'] } },
  { state: 'incomplete', when: { applicationStatus: ['07'] } },
] as const
