import { field, type InputNotes, input, service } from '../../core/connector.ts'
import { contractCase, firstCase, jointFields, mortgageCase, payable, transferCase } from './cases.ts'
import * as lists from './codes.ts'
import { contractLife, lifeFields, lifeRules, PAPER, registrationLife } from './life.ts'

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

/** Where property changes hands or is bound, by a face as of now. */
const face = { maxAgeSeconds: 300, once: true } as const
const truthDeclaration = input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true })
const paper = (title: string, code: string, requiredWhen?: InputNotes['requiredWhen']) =>
  input.file(title, { codes: [code, `${code}mc`], ...PAPER, ...(requiredWhen ? { requiredWhen } : { required: true }) })

/** Both sides apply together (不动产登记暂行条例 第十四条): each agrees under their own login before the centre hears of it. */
const parties = {
  code: 'sqrlb',
  keys: { name: 'xm', idNumber: 'zjh', role: 'sqrlx', share: 'qlbl', agreedAt: 'qrsj' },
  max: 10,
  days: 7,
  face,
} as const

const filing = { serial: 'lsh', pollSeconds: 10, maxAttempts: 8 } as const
const reviewed = {
  ...filing,
  reference: 'applicationNumber',
  words: { applicationTime: 'filedAt', applicationStatus: 'status' },
  remarks: ['reviewOpinion'],
  refusal: 'reviewOpinion',
  progress: [
    { state: 'rejected', when: { applicationStatus: ['04'] } },
    { state: 'approved', when: { applicationStatus: ['03', '05'] } },
    { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
  ],
} as const

const registered = (id: string) => ({ ...reviewed, ...registrationLife(id), progress: [...lifeRules, ...reviewed.progress] })

/** With something to pay: taken back as one, while nothing is. */
const paidFor = (id: string) => {
  const life = registered(id)
  return {
    ...life,
    states: { ...life.states, payable },
    cancel: { ...life.cancel, when: ['submitted', 'reviewing', 'incomplete', 'payable'] },
  } as const
}

const firstRegistration = service({
  ...filed,
  id: 'first-registration',
  name: '不动产首次登记',
  inputs: {
    propertyUnitNumber: unitNumber(true),
    rightType: input.choice('权利类型', lists.rightTypes, { code: 'qllx', required: true }),
    contactPhone,
    registrationReason: input.choice('登记原因', lists.firstReasons, { code: 'djyy', required: true }),
    rightSourceDocumentNumber: input.text('权属来源文件编号（用地、规划、竣工）', { code: 'qslywjbh', maxLength: 100, required: true }),
    propertyLocation: input.address('坐落', { codes: ['zl', 'zlxzq'], required: true }),
    buildingArea: input.text('建筑面积（平方米）', {
      code: 'jzmj',
      pattern: '^[0-9]{1,7}(\\.[0-9]{1,2})?$',
      maxLength: 10,
      required: true,
      examples: ['128.50'],
    }),
    truthDeclaration,
    rightSourceDocument: paper('权属来源材料', 'qslyfj'),
    planningDocument: paper('规划许可和竣工材料', 'ghjgfj', { registrationReason: ['1'] }),
    survey: paper('权籍调查成果', 'qjdcfj'),
  },
  fields: { ...registration, ...lifeFields, ...jointFields },
  upstream: { ...filed.upstream, constants: { djlx: '100' } },
  submission: { ...paidFor('first-registration'), parties: { ...parties, roles: lists.coOwnerRoles, min: 0 }, joint: firstCase },
})

const transferRegistration = service({
  ...filed,
  id: 'transfer-registration',
  officeHours: true,
  name: '不动产转移登记',
  face,
  inputs: {
    propertyCertificateNumber: certificateNumber,
    contractFilingNumber,
    contactPhone,
    registrationReason: input.choice('登记原因', lists.transferReasons, { code: 'djyy', required: true }),
    transactionPrice: input.money('成交价格', { code: 'fdcjyjg', unit: '10k-yuan', required: true }),
    // Taxes are found and paid within the case; who has paid before says so.
    taxReceiptNumber: input.text('契税完税凭证号', { code: 'qswspzh', maxLength: 40 }),
    truthDeclaration,
    contract: paper('交易合同或者其他原因证明', 'yyzmfj'),
    certificate: paper('不动产权证书', 'qzfj'),
    taxReceipt: input.file('完税凭证', { codes: ['wsfj', 'wsfjmc'], ...PAPER }),
  },
  fields: { ...registration, ...lifeFields, ...jointFields },
  upstream: { ...filed.upstream, constants: { djlx: '200' } },
  submission: { ...paidFor('transfer-registration'), parties: { ...parties, roles: lists.transferRoles, min: 1 }, joint: transferCase },
})

/** A mortgage is a right registered for the first time (100), on a property that is. */
const mortgageRegistration = service({
  ...filed,
  id: 'mortgage-registration',
  officeHours: true,
  name: '不动产抵押登记',
  face,
  inputs: {
    propertyCertificateNumber: certificateNumber,
    mortgageContractNumber: input.text('抵押合同编号', { code: 'dyhtbh', required: true }),
    mortgageMethod: input.choice('抵押方式', lists.mortgageMethods, { code: 'dyfs', required: true }),
    securedPrincipalClaimAmount: input.money('被担保主债权数额', { code: 'bdbzzqse', unit: '10k-yuan', required: true }),
    contactPhone,
    // The bank itself is asked by the centre, in the centre's own platform for banks.
    mortgageeName: input.text('抵押权人（银行）', { code: 'dyqrmc', maxLength: 100, required: true }),
    mortgageeCreditCode: input.text('抵押权人统一社会信用代码', {
      code: 'dyqrzjh',
      format: 'uscc',
      required: true,
      examples: ['91411000MA0000015J'],
    }),
    debtPeriodStart: input.date('债务履行期限起', { code: 'zwlxqssj', required: true }),
    debtPeriodEnd: input.date('债务履行期限止', { code: 'zwlxjssj', required: true }),
    securedScope: input.text('担保范围', { code: 'dbfw', maxLength: 500, required: true }),
    maximumClaimDetermination: input.text('最高额债权确定事实', { code: 'zgzqqdss', maxLength: 500 }),
    truthDeclaration,
    mortgageContract: paper('抵押合同', 'dyhtfj'),
    loanContract: paper('主债权合同', 'zzqhtfj'),
  },
  fields: {
    ...registration,
    mortgageMethod: field.code('抵押方式', lists.mortgageMethods, { code: 'dyfs' }),
    securedPrincipalClaimAmount: field.money('被担保主债权数额', { code: 'bdbzzqse', unit: '10k-yuan' }),
    mortgageeName: field.text('抵押权人', { code: 'dyqrmc' }),
    mortgageeOpinion: field.code('抵押权人意见', lists.mortgageeOpinions, { code: 'dyqryj' }),
    ...lifeFields,
    ...jointFields,
  },
  upstream: { ...filed.upstream, constants: { djlx: '100' } },
  submission: { ...registered('mortgage-registration'), parties: { ...parties, roles: lists.mortgageRoles, min: 0 }, joint: mortgageCase },
})

/** Buyer and seller, each of whom agrees to the same words. */
const contractOnlineSigning = service({
  ...filed,
  id: 'contract-online-signing',
  name: '交易合同网签',
  face,
  inputs: {
    propertyUnitNumber: unitNumber(true),
    transactionPrice: input.money('成交价格', { code: 'fdcjyjg', unit: '10k-yuan', required: true }),
    paymentMethod: input.choice('付款方式', lists.paymentMethods, { code: 'fkfs', required: true }),
    contactPhone,
    propertyCertificateNumber: input.text('不动产权证号（存量房）', { code: 'bdcqzh' }),
    supervisedAccount: input.text('资金监管账号', { code: 'zjjgzh', format: 'bank-account', examples: ['90000000000000019'] }),
    handoverDate: input.date('交付日期', { code: 'jfrq', required: true }),
    otherTerms: input.text('其他约定', { code: 'qtyd', maxLength: 2000 }),
    truthDeclaration,
    contract: paper('合同文本', 'htfj'),
  },
  fields: {
    ...progress,
    contractFilingNumber: field.text('合同备案号', { code: 'htbah' }),
    propertyUnitNumber: field.text('不动产单元号', { code: 'bdcdyh' }),
    transactionPrice: field.money('成交价格', { code: 'fdcjyjg', unit: '10k-yuan', essential: true }),
    paymentMethod: field.code('付款方式', lists.paymentMethods, { code: 'fkfs' }),
    missingItems: lifeFields.missingItems,
    supplementDeadline: lifeFields.supplementDeadline,
    ...jointFields,
  },
  submission: {
    ...reviewed,
    ...contractLife('contract-online-signing'),
    progress: [{ state: 'incomplete', when: { applicationStatus: ['07'] } }, ...reviewed.progress],
    parties: { ...parties, roles: lists.contractRoles, min: 1 },
    joint: contractCase,
  },
})

export const zoneServices = [firstRegistration, transferRegistration, mortgageRegistration, contractOnlineSigning]
