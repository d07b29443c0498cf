import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const section = '1.4.11'
/** Contracts' files of all services come from one place. */
const FILES = { sid: 'rental.file', path: 'files', parameter: 'wjbh', method: 'GET' } as const

const contractNumber = input.documentNumber('合同编号', { code: 'htbh', field: 'contractNumber' })
const number = field.text('合同编号', { code: 'htbh', required: true })

/** Whoever signed; one of them is the asker, or the row is withheld. Others' names are shortened. */
const signatories = field.list(
  '签署方信息',
  {
    partyRole: field.code('签署身份', lists.partyRoles, { code: 'qssf' }),
    partyName: field.text('姓名或者名称', { code: 'xm', mask: 'party', reveal: true }),
    partyIdNumber: field.text('证件号码', { code: 'zjhm', mask: 'idNumber', subject: 'party' }),
  },
  { code: 'qsf', required: true },
)

const query = service({
  id: 'contract-query',
  name: '合同查询',
  section,
  kind: 'list',
  inputs: { applicantInfo: input.verified('申请人信息', 'person.idNumber', { code: 'sqrzjh' }), contractNumber },
  fields: {
    contractName: field.text('合同名称', { code: 'htmc' }),
    contractNumber: number,
    contractAmount: field.money('合同金额', { code: 'htje' }),
    contractValidityPeriod: field.text('合同有效期', { code: 'htyxq' }),
    signatories,
    signedAt: field.datetime('签署时间', { code: 'qssj' }),
    filingStatus: field.code('备案状态', lists.filingStatuses, { code: 'bazt' }),
    contractKind: field.code('合同类别', lists.contractKinds, { code: 'htlb' }),
    houseLocation: field.text('房屋坐落', { code: 'fwzl' }),
  },
  upstream: { path: 'contracts', method: 'GET', paging: { style: 'page', page: 'pageNo', size: 'pageSize', base: 1, rows: 50 } },
})

const download = service({
  id: 'contract-download',
  name: '合同下载',
  section,
  kind: 'document',
  document: { title: '合同备案信息' },
  key: 'contractNumber',
  keyWords: ['contractName'],
  files: FILES,
  inputs: { contractNumber },
  fields: {
    contractAttachment: field.files('合同附件', { code: 'htfj' }),
    contractName: field.text('合同名称', { code: 'htmc' }),
    contractNumber: number,
    signedAt: field.datetime('签署时间', { code: 'qssj' }),
    filingStatus: field.code('备案状态', lists.filingStatuses, { code: 'bazt' }),
    signatories,
  },
  upstream: { path: 'contracts/attachments', method: 'GET' },
})

/** 网签备案证明 of a sale: what the platform's own certificate says, printed by the hub with a code that anybody can verify. */
const certificate = <const Id extends string>(id: Id, name: string, path: string) =>
  service({
    id,
    name,
    section,
    kind: 'document',
    document: { title: name },
    key: 'contractNumber',
    keyWords: ['houseLocation'],
    files: FILES,
    inputs: { contractNumber },
    fields: {
      certificateFile: field.files(name, { code: 'zmwj' }),
      contractNumber: number,
      filingNumber: field.text('备案证明编号', { code: 'babh', required: true }),
      filedOn: field.date('备案日期', { code: 'barq' }),
      houseLocation: field.text('房屋坐落', { code: 'fwzl' }),
      floorArea: field.number('建筑面积（平方米）', { code: 'jzmj' }),
      totalPrice: field.money('成交总价', { code: 'cjzj' }),
      signatories,
      filingAgency: field.text('备案机关', { code: 'bajg' }),
    },
    upstream: { path, method: 'GET' },
  })

export const contractServices = [
  query,
  download,
  certificate('new-housing-filing-certificate', '商品房网签备案证明', 'certificates/new'),
  certificate('existing-housing-filing-certificate', '存量房网签备案证明', 'certificates/existing'),
]
