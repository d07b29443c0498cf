import { service } from '../../core/connector.ts'

/** The company's own pages: the platform signs the user in at the hub, and asks there for what the user lets it know (`client`). */
const authorizedEntry = service({
  id: 'authorized-entry',
  name: '用户授权进入燃气服务',
  section: '1.4.13',
  kind: 'jump',
  inputs: {},
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
  rate: { max: 20, perSeconds: 60 },
})

export const entryServices = [authorizedEntry]
