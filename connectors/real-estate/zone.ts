import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/**
 * The zone's own business (1.4.2.1), filed with the registration centre's WeChat platform. "支持个人和企业用户":
 * with a token that names an enterprise its agent files for it. The contract names neither inputs nor
 * fields. A counterparty is never named: contract and mortgage numbers lead the centre to them.
 */
const filed = {
  section: '1.4.2.1',
  kind: 'submit',
  agents: true,
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
  upstream: { system: 'wechat' },
} as const

const unitNumber = (required: boolean) => input.text('不动产单元号', { code: 'bdcdyh', pattern: '^[0-9A-Z]{28}$', maxLength: 28, required })
const certificateNumber = input.documentNumber('不动产权证号', { code: 'bdcqzh', required: true })
const contractFilingNumber = input.text('合同备案号', { code: 'htbah' })
const contactPhone = input.phone('联系电话', { code: 'lxdh' })

const progress = {
  applicationNumber: field.text('受理编号', { code: ['slbh', 'ywh'], required: true }),
  applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
  applicationStatus: field.code('办理状态', lists.caseStatuses, { code: 'blzt' }),
  reviewTime: field.datetime('审核时间', { code: 'shsj' }),
  reviewOpinion: field.text('审核意见', { code: 'shyj' }),
  handlingAgency: field.text('受理机构', { code: ['sljg', 'djjg'] }),
}
const registration = {
  ...progress,
  registrationType: field.code('登记类型', lists.registrationTypes, { code: 'djlx' }),
  propertyUnitNumber: field.text('不动产单元号', { code: 'bdcdyh' }),
  propertyCertificateNumber: field.text('不动产权证号', { code: 'bdcqzh' }),
}

const filing = { serial: 'lsh', pollSeconds: 10, maxAttempts: 8 } as const
const reviewed = {
  ...filing,
  reference: 'applicationNumber',
  words: { applicationTime: 'filedAt', applicationStatus: 'status' },
  progress: [
    { state: 'rejected', when: { applicationStatus: ['04', '06'] } },
    { state: 'approved', when: { applicationStatus: ['03', '05'] } },
    { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
  ],
} as const

const firstRegistration = service({
  ...filed,
  id: 'first-registration',
  name: '不动产首次登记',
  inputs: {
    propertyUnitNumber: unitNumber(true),
    rightType: input.choice('权利类型', lists.rightTypes, { code: 'qllx' }),
    contactPhone,
  },
  fields: registration,
  upstream: { ...filed.upstream, constants: { djlx: '100' } },
  submission: reviewed,
})

const transferRegistration = service({
  ...filed,
  id: 'transfer-registration',
  name: '不动产转移登记',
  inputs: { propertyCertificateNumber: certificateNumber, contractFilingNumber, contactPhone },
  fields: registration,
  upstream: { ...filed.upstream, constants: { djlx: '200' } },
  submission: reviewed,
})

/** A mortgage is a right registered for the first time (100), on a property that is. */
const mortgageRegistration = service({
  ...filed,
  id: 'mortgage-registration',
  name: '不动产抵押登记',
  inputs: {
    propertyCertificateNumber: certificateNumber,
    mortgageContractNumber: input.text('抵押合同编号', { code: 'dyhtbh', required: true }),
    mortgageMethod: input.choice('抵押方式', lists.mortgageMethods, { code: 'dyfs' }),
    securedPrincipalClaimAmount: input.money('被担保主债权数额', { code: 'bdbzzqse', unit: '10k-yuan' }),
    contactPhone,
  },
  fields: {
    ...registration,
    mortgageMethod: field.code('抵押方式', lists.mortgageMethods, { code: 'dyfs' }),
    securedPrincipalClaimAmount: field.money('被担保主债权数额', { code: 'bdbzzqse', unit: '10k-yuan' }),
  },
  upstream: { ...filed.upstream, constants: { djlx: '100' } },
  submission: reviewed,
})

/** The other side signs in the centre's own platform, under their own name. */
const contractOnlineSigning = service({
  ...filed,
  id: 'contract-online-signing',
  name: '交易合同网签',
  inputs: {
    propertyUnitNumber: unitNumber(true),
    transactionPrice: input.money('成交价格', { code: 'fdcjyjg', unit: '10k-yuan', required: true }),
    paymentMethod: input.choice('付款方式', lists.paymentMethods, { code: 'fkfs' }),
    contactPhone,
  },
  fields: {
    ...progress,
    contractFilingNumber: field.text('合同备案号', { code: 'htbah' }),
    propertyUnitNumber: field.text('不动产单元号', { code: 'bdcdyh' }),
    transactionPrice: field.money('成交价格', { code: 'fdcjyjg', unit: '10k-yuan', essential: true }),
    paymentMethod: field.code('付款方式', lists.paymentMethods, { code: 'fkfs' }),
  },
  submission: reviewed,
})

/** An order to pay taxes and fees of a case; the money itself goes the tax bureau's way. */
const taxAndFeePayment = service({
  ...filed,
  id: 'tax-and-fee-payment',
  name: '税费在线缴纳',
  kind: 'payment',
  inputs: {
    applicationNumber: input.text('受理编号', { code: 'slbh', required: true }),
    paymentItem: input.choice('缴费项目', lists.paymentItems, { code: 'jfxm' }),
  },
  fields: {
    paymentNumber: field.text('缴款单号', { code: 'jkdh', required: true }),
    applicationNumber: field.text('受理编号', { code: ['slbh', 'ywh'] }),
    paymentItem: field.code('缴费项目', lists.paymentItems, { code: 'jfxm' }),
    deedTaxAmount: field.money('应缴契税', { code: 'yjqs', essential: true }),
    registrationFee: field.money('不动产登记费', { code: 'bdcdjf', essential: true }),
    totalAmount: field.money('应缴合计', { code: 'yjhj', essential: true }),
    paymentStatus: field.code('缴款状态', lists.paymentStatuses, { code: 'jkzt' }),
    orderTime: field.datetime('下单时间', { code: 'xdsj' }),
    electronicTaxReceiptNumber: field.text('电子税票编号', { code: ['dzsphm', 'dzspbh'] }),
  },
  submission: {
    ...filing,
    reference: 'paymentNumber',
    states: { arrived: { title: '已到账', after: ['submitted', 'reviewing', 'approved'] } },
    progress: [
      { state: 'rejected', when: { paymentStatus: ['04', '05'] } },
      { state: 'arrived', when: { paymentStatus: ['03'] } },
      { state: 'reviewing', when: { paymentStatus: ['01', '02'] } },
    ],
  },
})

export const zoneServices = [firstRegistration, transferRegistration, mortgageRegistration, contractOnlineSigning, taxAndFeePayment]
