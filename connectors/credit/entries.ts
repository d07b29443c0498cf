import { service } from '../../core/connector.ts'

/** The platform signs the user in at the hub, and asks there for what the user lets it know (`client` in index.ts). */
const entry = {
  section: '1.4.17',
  kind: 'jump',
  agents: true,
  rate: { max: 20, perSeconds: 60 },
  inputs: {},
  fields: {},
} as const
const byHub = { by: 'sign-in', path: 'sso/login' } as const

const authorizedEntry = service({
  ...entry,
  id: 'authorized-entry',
  name: '一键授权跳转信用许昌',
  jump: { page: 'h5/home', handOver: byHub, returnParameter: 'backUrl' },
})

const loan = service({ ...entry, id: 'xinyi-loan', name: '信易贷', jump: { page: 'h5/xyd', handOver: byHub, returnParameter: 'backUrl' } })

const approval = service({
  ...entry,
  id: 'xinyi-approval',
  name: '信易批',
  jump: { page: 'h5/xyp', handOver: byHub, returnParameter: 'backUrl' },
})

export const entryServices = [authorizedEntry, loan, approval]
