import { field, input } from '../../core/connector.ts'

export const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }

/** What the registration centre says of a case beside its state. */
export const lifeFields = {
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
  suspensionReason: field.text('特别程序原因', { code: 'tbcxyy' }),
  suspensionDeadline: field.date('特别程序期限', { code: 'tbcxqx' }),
}

/** 补正 and 特别程序 of a registration; until the entry is made, its applicant may withdraw it (不动产登记暂行条例第十五条). */
export const registrationLife = (service: string) =>
  ({
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
      suspended: { title: '特别程序', after: ['reviewing'], pause: true },
    },
    cancel: { sid: `real-estate.${service}-cancel`, when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: `real-estate.${service}-supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补正材料', { codes: ['bzfj', 'bzfjmc'], ...PAPER }),
      },
    },
    suspension: { state: 'suspended', reason: 'suspensionReason', until: 'suspensionDeadline' },
  }) as const

/** A contract knows no 特别程序, and what both sides have signed one of them does not take back alone. */
export const contractLife = (service: string) => {
  const { supplement, states } = registrationLife(service)
  return { supplement, states: { incomplete: states.incomplete } } as const
}

/** They go before the rules of the review. */
export const lifeRules = [
  { state: 'withdrawn', when: { applicationStatus: ['06'] } },
  { state: 'incomplete', when: { applicationStatus: ['07'] } },
  { state: 'suspended', when: { applicationStatus: ['08'] } },
] as const
