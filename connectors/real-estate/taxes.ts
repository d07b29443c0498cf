import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { propertyCertificateNumber } from './policies.ts'

/** Vouchers of all services come from one place. The name of the parameter is the agency's to confirm. A signed one (电子发票) stays as it is. */
const VOUCHERS = {
  sid: 'real-estate.vouchers',
  parameter: 'wjbh',
  watermark: { words: '仅供本人办理业务使用', otherwise: 'plain' },
} as const

const idType = field.code('证件类型', lists.idTypes, { code: ['zjlx', 'zjzl'] })
const idNumber = field.text('证件号码', { code: ['zjhm', 'zjh'], mask: 'idNumber', subject: 'party', required: true })

/** One row for each tax paid; whoever paid it is the asker. */
const deedTax = service({
  id: 'deed-tax',
  name: '契税信息查询',
  section: '1.4.2.2',
  kind: 'list',
  inputs: {},
  fields: {
    taxpayerName: field.text('纳税人名称', { code: 'nsrmc' }),
    idType,
    idNumber,
    propertyCertificateNumber: field.text('不动产权证号', { code: 'bdcqzh', required: true }),
  },
})

/** The buyer is the asker; without contract or certificate number all their invoices are listed. */
const purchaseInvoices = service({
  id: 'purchase-invoices',
  name: '发票信息（购房）查询',
  section: '1.4.2.3',
  document: { title: '购房发票信息' },
  kind: 'list',
  files: VOUCHERS,
  summaries: [{ at: 'invoiceDate', sums: ['totalAmountWithTax', 'taxAmount'] }],
  inputs: {
    contractFilingNumber: input.text('合同备案号', { code: 'htbah', field: 'contractFilingNumber' }),
    propertyCertificateNumber,
    buyerIdentityInfo: input.verified('买方身份信息', 'person.idNumber', { code: 'ZJH' }),
  },
  fields: {
    invoiceCode: field.text('发票代码', { code: 'fpdm' }),
    invoiceNumber: field.text('发票号码', { code: 'fphm', required: true }),
    invoiceDate: field.date('开票日期', { code: 'kprq' }),
    // A second-hand house is sold by a person and may be bought by several; a developer's name is public.
    buyerName: field.text('买方名称', { code: 'gfmc', mask: 'party', reveal: true }),
    sellerName: field.text('卖方名称', { code: 'xfmc', mask: 'party' }),
    idType,
    idNumber,
    houseLocation: field.text('房屋坐落', { code: ['fwzl', 'fdzl'] }),
    contractFilingNumber: field.text('合同备案号', { code: 'htbah' }),
    totalAmountWithTax: field.money('价税合计金额', { code: 'jshj', essential: true }),
    taxAmount: field.money('税额', { code: 'se', essential: true }),
    // Free text of a bank and an account: the account's end is enough to know it by.
    bankPaymentInfo: field.text('银行付款信息', { code: 'yhfkxx', mask: 'numbers', reveal: true }),
    transactionSerialNumber: field.text('交易流水号', { code: 'jylsh' }),
    handlingAgency: field.text('经办机构', { code: 'jbjg' }),
    voucherAttachments: field.files('凭证附件', { code: 'pzfj' }),
  },
})

/** One record for each certificate. A natural person's 纳税人识别号 is the id number. */
const deedTaxPaymentCertificate = service({
  id: 'deed-tax-payment-certificate',
  name: '不动产契税完税凭证信息查询',
  section: '1.4.2.4',
  kind: 'query',
  rows: 'many',
  files: VOUCHERS,
  summaries: [{ at: 'taxPaymentTime', sums: ['taxPaid'] }],
  inputs: { taxpayerId: input.verified('纳税人识别号', 'person.idNumber', { code: 'nsrsbh' }), propertyCertificateNumber },
  fields: {
    taxpayerId: field.text('纳税人识别号', { code: 'nsrsbh', mask: 'idNumber', subject: 'party', required: true }),
    taxpayerName: field.text('纳税人名称', { code: 'nsrmc' }),
    electronicTaxReceiptNumber: field.text('电子税票编号', { code: ['dzsphm', 'dzspbh'], required: true }),
    propertyLocation: field.text('不动产坐落', { code: ['fdzl', 'zl'] }),
    titleArea: field.number('权属面积', { code: ['qsmj', 'jzmj'] }),
    taxPaid: field.money('实缴税额', { code: 'sjse', essential: true }),
    taxPaymentTime: field.datetime('纳税时间', { code: ['nssj', 'jkrq'] }),
    voucherAttachments: field.files('完税凭证', { code: 'pzfj' }),
  },
})

export const taxServices = [deedTax, purchaseInvoices, deedTaxPaymentCertificate]
