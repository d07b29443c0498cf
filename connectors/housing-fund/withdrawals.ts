import { field, type Inputs, input, type Service, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { withdrawal } from './policies.ts'
import { arrivedState, closingStates, lifeFields, lifeRules, lifeStates, withdrawalLife } from './states.ts'

/**
 * What every withdrawal takes (the contract names no inputs): an own account at a bank, and consent by version of its
 * text. JGJ/T 320-2014 has no table for an application; codes are those of 5.0.4, 5.0.5 and 9.0.2 where they fit. The
 * holder of the account is whoever asks, whatever a request might say.
 */
const payee = {
  targetBankAccount: input.text('收款银行账号', {
    code: 'skzhhm',
    format: 'bank-account',
    required: true,
    examples: ['90000000000000019'],
  }),
  targetBankName: input.text('开户银行', { code: 'skyhmc', maxLength: 100, required: true, examples: ['示例银行许昌分行'] }),
  // Twelve digits; the first three are the bank's (skyhdm of 9.0.2).
  targetBankCode: input.text('开户银行联行号', { code: 'skhlhh', format: 'bank-code', required: true, examples: ['102491000013'] }),
  targetAccountHolder: input.verified('收款账户户名', 'person.name', { code: 'skzhmc' }),
  contactPhone: input.phone('联系电话', { code: 'sjhm' }),
  dataCheckConsent: input.choice('信息核查授权（文本版本）', lists.dataChecks, { code: 'hcsq', required: true }),
  truthDeclaration: input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true }),
}

const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }

/** Facts and papers of each reason. What another agency confirms needs no paper; the centre asks for one where it does not. */
const overseas = {
  destinationCountry: input.text('定居国家（地区）', { code: 'djgj', maxLength: 60, required: true }),
  settlementDate: input.date('定居日期', { code: 'djrq', required: true }),
  settlementPaperType: input.choice('定居凭证类型', lists.settlementPapers, { code: 'djpzlx', required: true }),
  settlementPaperNumber: input.text('定居凭证编号', {
    code: 'djpzbh',
    pattern: '^[0-9A-Za-z-]{4,30}$',
    maxLength: 30,
    required: true,
    examples: ['HZ2026000001'],
  }),
  settlementPaper: input.file('定居凭证', { codes: ['djpzfj', 'djpzfjmc'], ...PAPER }),
}
const incapacity = {
  appraisalNumber: input.text('劳动能力鉴定结论书编号', { code: 'jdjlbh', maxLength: 40, required: true }),
  appraisalDate: input.date('鉴定日期', { code: 'jdrq', required: true }),
  appraisalGrade: input.choice('鉴定等级', lists.incapacityGrades, { code: 'jddj', required: true }),
  appraisal: input.file('劳动能力鉴定结论书', { codes: ['jdjlfj', 'jdjlfjmc'], ...PAPER }),
}
const rental = {
  withdrawalAmount: input.money('提取金额', { code: 'tqje', required: true }),
  rentalType: input.choice('租赁类型', lists.rentalKinds, { code: 'zlfwlx', required: true }),
  leaseFilingNumber: input.text('租赁合同备案号', { code: 'zlhtbah', maxLength: 40, required: true }),
  monthlyRent: input.money('月租金', { code: 'yzj', required: true }),
  leaseStart: input.date('租期开始日期', { code: 'zqksrq', required: true }),
  leaseEnd: input.date('租期结束日期', { code: 'zqjsrq', required: true }),
  maritalStatus: input.choice('婚姻状况', lists.maritalStatuses, { code: 'hyzk', required: true }),
  minorChildren: input.integer('未成年子女人数', { code: 'wcnzn', maximum: 20 }),
  noHomeDeclaration: input.choice('无房承诺（文本版本）', lists.homeless, { code: 'wfcn', required: true }),
  lease: input.file('租赁合同', { codes: ['zlhtfj', 'zlhtfjmc'], ...PAPER }),
  marriagePaper: input.file('婚姻状况证明', { codes: ['hyzmfj', 'hyzmfjmc'], ...PAPER }),
}
const termination = {
  terminationDate: input.date('终止劳动关系日期', { code: 'zzrq', required: true }),
  householdRegistration: input.choice('户籍', lists.registrationKinds, { code: 'hjlx', required: true }),
  terminationPaper: input.file('解除劳动关系证明', { codes: ['zzzmfj', 'zzzmfjmc'], ...PAPER }),
}
const retirement = {
  retirementDate: input.date('退休日期', { code: 'txrq', required: true }),
  retirementApprovalNumber: input.text('退休审批表或者退休证编号', { code: 'txspbh', maxLength: 40, required: true }),
  retirementPaper: input.file('退休审批表或者退休证', { codes: ['txfj', 'txfjmc'], ...PAPER }),
}

/** 提取验证: what a withdrawal is checked by before it is filed, and anybody may ask for himself. */
const withdrawalCheck = service({
  id: 'withdrawal-check',
  name: '提取验证',
  section: '1.4.1',
  kind: 'query',
  single: '一次验证只有一个结果',
  inputs: {
    withdrawalKind: input.choice('提取类型', lists.withdrawalKinds, { code: 'tqyy', required: true }),
    targetBankAccount: input.text('收款银行账号', { code: 'skzhhm', format: 'bank-account', examples: ['90000000000000019'] }),
    targetAccountHolder: input.verified('收款账户户名', 'person.name', { code: 'skzhmc' }),
  },
  fields: {
    checkNumber: field.text('验证编号', { code: 'yzbh', required: true }),
    checkTime: field.datetime('验证时间', { code: 'yzsj' }),
    verdict: field.code('能否办理', lists.checkVerdicts, { code: 'kfbl' }),
    obstacle: field.text('不能办理的原因', { code: 'bkfyy' }),
    personalAccountStatus: field.code('个人账户状态', lists.personalAccountStatuses, { code: 'grzhzt' }),
    accountBalance: field.money('账户余额', { code: 'grzhye', essential: true }),
    availableAmount: field.money('可提取金额', { code: 'ktqje', essential: true }),
    hasRunningLoan: field.flag('有未结清的贷款', { code: 'wjqdk' }),
    isFrozen: field.flag('账户被冻结', { code: 'sfdj' }),
    lastWithdrawalDate: field.date('上次提取日期', { code: 'sctqrq' }),
    payeeVerdict: field.code('收款账户核验', lists.payeeVerdicts, { code: 'skzhhy' }),
  },
})

const checked = {
  service: 'withdrawal-check',
  allows: { field: 'verdict', values: ['1'] },
  reason: 'obstacle',
  carry: { yzbh: 'checkNumber', yzsj: 'checkTime', yzye: 'accountBalance', yzktqje: 'availableAmount' },
} as const

/** “确保职工本人操作”: the centre's own code, to the phone that it has on file. */
const otp = {
  sid: 'housing-fund.withdrawal-code',
  verifySid: 'housing-fund.withdrawal-code-check',
  code: 'dtyzm',
  proof: 'yzmpz',
  phone: 'sjhm',
  validSeconds: 300,
} as const

const application = {
  // Free text of the agency, often a name and an id number: only its ends are shown.
  userBasicInfo: field.text('用户基本信息', { code: ['yhjbxx', 'xingming', 'xm'], mask: 'name' }),
  applicationNumber: field.text('申请编号', { code: ['sqbh', 'slbh'], required: true }),
  applicationTime: field.datetime('申请时间', { code: ['sqsj', 'slsj'] }),
  applicationStatus: field.code('申请状态', lists.applicationStatuses, { code: 'sqzt' }),
  reviewResult: field.code('审核结果', lists.reviewResults, { code: 'shjg' }),
  reviewTime: field.datetime('审核时间', { code: 'shsj' }),
  housingFundAccountInfo: field.text('公积金账户信息', { code: ['grzh', 'gjjzhxx'], mask: 'account' }),
  withdrawalAmount: field.money('提取金额', { code: ['tqje', 'fse'], essential: true }),
  targetBankAccount: field.text('目标银行账户', { code: ['skzhhm', 'grckzhhm'], mask: 'account' }),
  fundsArrivalStatus: field.code('资金到账状态', lists.fundsArrivalStatuses, { code: 'dzzt' }),
}
const closure = { accountClosureStatus: field.code('销户状态', lists.accountClosureStatuses, { code: 'xhzt' }) }
const times = {
  createTime: field.datetime('创建时间', { code: 'cjsj' }),
  updateTime: field.datetime('更新时间', { code: 'gxsj' }),
}

// From the furthest state to the nearest, because the first match wins.
const arrived = { state: 'arrived', when: { fundsArrivalStatus: ['02'] } } as const
const closed = { state: 'closed', when: { fundsArrivalStatus: ['02'], accountClosureStatus: ['02'] } } as const
const underReview = [
  { state: 'rejected', when: { reviewResult: ['02'] } },
  { state: 'rejected', when: { applicationStatus: ['04'] } },
  { state: 'approved', when: { reviewResult: ['01'] } },
  { state: 'approved', when: { applicationStatus: ['03', '05'] } },
  { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
] as const

const filing = { serial: 'ywlsh', reference: 'applicationNumber', pollSeconds: 10, maxAttempts: 8, otp } as const

const words = { applicationTime: 'filedAt', createTime: 'filedAt', updateTime: 'updatedAt', applicationStatus: 'status' } as const

/** A withdrawal that pays the whole balance out and closes the account. */
function closingWithdrawal(id: string, name: string, section: string, reason: string, facts: Inputs): Service {
  return service({
    ...withdrawal,
    id,
    name,
    section,
    inputs: { ...payee, ...facts },
    fields: { ...application, ...closure, ...times, ...lifeFields },
    upstream: { constants: { gjhtqywlx: '12', tqyy: reason, tqfs: '02' } },
    submission: {
      ...filing,
      precheck: { ...checked, with: { withdrawalKind: reason } },
      states: { ...closingStates, ...lifeStates },
      ...withdrawalLife(id),
      words,
      progress: [closed, arrived, ...lifeRules, ...underReview],
    },
  })
}

const rentalHousing = service({
  ...withdrawal,
  id: 'rental-housing-withdrawal',
  name: '租赁自住房提取',
  section: '1.4.1.3',
  inputs: { ...payee, ...rental },
  fields: { ...application, ...times, ...lifeFields },
  upstream: { constants: { gjhtqywlx: '11', tqyy: '07', tqfs: '02' } },
  submission: {
    ...filing,
    precheck: { ...checked, with: { withdrawalKind: '07' }, limits: { withdrawalAmount: 'availableAmount' } },
    states: { ...arrivedState, ...lifeStates },
    ...withdrawalLife('rental-housing-withdrawal'),
    words,
    progress: [arrived, ...lifeRules, ...underReview],
  },
})

export const withdrawalServices: readonly Service[] = [
  closingWithdrawal('overseas-settlement-withdrawal', '出境定居提取', '1.4.1.1', '05', overseas),
  closingWithdrawal('incapacity-withdrawal', '丧失劳动力提取', '1.4.1.2', '04', incapacity),
  rentalHousing,
  // A.7 has no code for the end of an employment as such.
  closingWithdrawal('employment-termination-withdrawal', '终止劳动关系提取', '1.4.1.4', '99', termination),
  closingWithdrawal('retirement-withdrawal', '退休提取', '1.4.1.5', '03', retirement),
  withdrawalCheck,
]
