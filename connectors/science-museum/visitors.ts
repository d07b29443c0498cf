import { field, input, service } from '../../core/connector.ts'
import { CARDS, OTHER_PAPERS, paperKinds, visitorKinds } from './codes.ts'

const list = service({
  id: 'visitor-list',
  name: '观众信息查询',
  section: '1.4.12',
  kind: 'list',
  inputs: {},
  fields: {
    personName: field.text('姓名', { code: 'xm', mask: 'name', required: true }),
    idType: field.code('证件类型', paperKinds, { code: 'zjlx', required: true }),
    idNumber: field.text('证件号码', { code: 'zjhm', mask: 'idNumber', required: true }),
    visitorNumber: field.text('观众编号', { code: 'gzbh', required: true }),
    visitorKind: field.code('观众类别', visitorKinds, { code: 'gzlb' }),
    birthDate: field.date('出生日期', { code: 'csrq' }),
  },
  upstream: { system: 'personal', sid: '/api/visitors', method: 'GET' },
  retry: { attempts: 1 },
})

const named = {
  personName: input.text('姓名', { code: 'xm', required: true, maxLength: 30, examples: ['贾小满'] }),
  idType: input.choice('证件类型', paperKinds, { code: 'zjlx', required: true }),
  idNumber: input.paperNumber('证件号码', { code: 'zjhm', required: true, kind: 'idType', cards: CARDS }),
  // Nobody can tell a child from its passport's number.
  birthDate: input.date('出生日期', { code: 'csrq', requiredWhen: { idType: OTHER_PAPERS } }),
}
const which = { visitorNumber: input.text('观众编号', { code: 'gzbh', required: true, maxLength: 32 }) }
const fields = { visitorNumber: field.text('观众编号', { code: 'gzbh', required: true }) }

const common = { section: '1.4.12', kind: 'act', fields, rate: { max: 20, perSeconds: 60 } } as const
const at = (verb: string) => ({
  act: { serial: 'lsh', statusSid: `/api/visitors/${verb}/result` },
  upstream: { system: 'personal', sid: `/api/visitors/${verb}` } as const,
})

export const visitorServices = [
  list,
  service({ ...common, ...at('add'), id: 'visitor-add', name: '观众信息添加', inputs: named }),
  service({ ...common, ...at('update'), id: 'visitor-update', name: '观众信息修改', inputs: { ...named, ...which } }),
  service({ ...common, ...at('delete'), id: 'visitor-delete', name: '观众信息删除', inputs: which }),
]
