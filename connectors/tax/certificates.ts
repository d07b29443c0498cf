import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/**
 * 税收完税证明（表格式）: one sheet for all that was paid in a time, or in one tax of it. The voucher of each payment is the
 * bureau's own file; the sheet is printed by the hub, as CSV and XLSX too.
 */
const taxPaymentCertificate = service({
  id: 'tax-payment-certificate',
  name: '完税证明查询',
  document: { title: '税收完税证明' },
  section: '1.4.4.5',
  kind: 'document',
  rows: 'many',
  audience: 'person',
  identity: 'real-name',
  // 纳税人 are persons and enterprises.
  agents: true,
  files: { sid: 'tax.certificate-files', parameter: 'dzsphm' },
  summaries: [{ at: 'taxPaymentTime', sums: ['taxPaymentAmount'], groups: ['taxType'] }],
  inputs: {
    // Of an enterprise it is the code of the mandate (index.ts).
    taxpayerId: input.verified('纳税人识别号', 'person.idNumber', { code: 'nsrsbh' }),
    timeRange: input.period('时间范围', { codes: ['jkrqq', 'jkrqz'], field: 'taxPaymentTime' }),
    taxType: input.choice('税种', lists.taxTypes, { code: 'zsxmDm', field: 'taxType' }),
  },
  fields: {
    taxpayerName: field.text('纳税人名称', { code: 'nsrmc', mask: 'party', reveal: true }),
    taxPaymentAmount: field.money('税款金额', { code: 'sjse', essential: true }),
    taxPaymentTime: field.datetime('纳税时间', { code: ['jkrq', 'rkrq'] }),
    taxType: field.code('税种', lists.taxTypes, { code: ['zsxmDm', 'zsxmMc'] }),
    taxPaymentVoucherNumber: field.text('完税凭证编号', { code: ['dzsphm', 'dzspbh'], required: true }),
    taxPaymentCertificate: field.files('完税证明', { code: 'wszm' }),
  },
})

export const certificateServices = [taxPaymentCertificate]
