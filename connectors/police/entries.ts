import { field, input, service } from '../../core/connector.ts'

/** A code of the platform's, good once, for the user's token: the browser carries it in a form, and nothing else. */
const handOver = { by: 'ticket', field: 'ticket', parameter: 'ticket', carrier: 'form' } as const
const fields = { ticket: field.text('一次性登录码', { code: 'ticket', required: true }) }
/** The user's own token asks for it, for one function. */
const ticketOf = (id: string) => ({ system: 'personal', sid: `/sso/tickets/${id}` }) as const

const entry = <const Id extends string>(
  id: Id,
  name: string,
  page: string,
  more: { face?: { maxAgeSeconds: number; once: boolean } } = {},
) =>
  service({
    id,
    name,
    section: '1.4.14',
    kind: 'jump',
    inputs: {},
    fields,
    jump: { page, handOver, returnParameter: 'backUrl' },
    upstream: ticketOf(id),
    rate: { max: 20, perSeconds: 60 },
    ...more,
  })

/** What a judge's or an employer's decision may hang on is opened by whoever it is about, in person. */
const inPerson = { face: { maxAgeSeconds: 600, once: false } }

/** Any item of the list, by its number there. */
const home = service({
  id: 'authorized-entry',
  name: '授权进入微警务平台',
  section: '1.4.14',
  kind: 'jump',
  inputs: { itemNumber: input.choice('事项', { from: 'high-frequency-items', value: 'itemNumber', name: 'itemName' }, { code: 'sxbh' }) },
  fields,
  jump: { page: 'h5/index?item={itemNumber}', handOver, returnParameter: 'backUrl' },
  upstream: ticketOf('home'),
  rate: { max: 20, perSeconds: 60 },
})

export const entryServices = [
  home,
  entry('traffic-violation-handling', '交通违法处理', 'h5/traffic/violations'),
  entry('accident-video-fast-handling', '事故视频快处', 'h5/traffic/accident-video'),
  entry('driving-licence-renewal-replacement', '驾驶证补换', 'h5/traffic/licence', inPerson),
  entry('household-registration-transfer', '户籍迁移', 'h5/household/transfer', inPerson),
  entry('residence-permit-application', '居住证申领', 'h5/household/residence-permit', inPerson),
  entry('no-criminal-record-certificate', '无犯罪记录证明开具', 'h5/certificates/no-criminal-record', inPerson),
  entry('police-public-interaction', '警民互动', 'h5/interaction'),
]
