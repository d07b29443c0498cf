import { field, input, type Service, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { withdrawal } from './policies.ts'
import { arrivedState, closingStates } from './states.ts'

/**
 * The contract names no inputs: without any, the whole amount due goes to the bank account on file.
 * JGJ/T 320-2014 has no table for an application; codes are those of 5.0.4, 5.0.5 and 9.0.2 where
 * they fit.
 */
const inputs = {
  withdrawalAmount: input.money('提取金额', { code: 'tqje' }),
  targetBankAccount: input.text('目标银行账户', { code: 'skzhhm', pattern: '^[0-9]{8,30}$', maxLength: 30 }),
  targetBankName: input.text('开户银行', { code: 'skyhmc', maxLength: 100 }),
}

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
  { state: 'rejected', when: { applicationStatus: ['04', '06'] } },
  { state: 'approved', when: { reviewResult: ['01'] } },
  { state: 'approved', when: { applicationStatus: ['03', '05'] } },
  { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
] as const

const filing = { serial: 'ywlsh', reference: 'applicationNumber', pollSeconds: 10, maxAttempts: 8 } as const

const words = { applicationTime: 'filedAt', createTime: 'filedAt', updateTime: 'updatedAt', applicationStatus: 'status' } as const

/** A withdrawal that pays the whole balance out and closes the account. */
function closingWithdrawal(id: string, name: string, section: string, reason: string): Service {
  return service({
    ...withdrawal,
    id,
    name,
    section,
    inputs,
    fields: { ...application, ...closure, ...times },
    upstream: { constants: { gjhtqywlx: '12', tqyy: reason, tqfs: '02' } },
    submission: { ...filing, states: closingStates, words, progress: [closed, arrived, ...underReview] },
  })
}

const rentalHousing = service({
  ...withdrawal,
  id: 'rental-housing-withdrawal',
  name: '租赁自住房提取',
  section: '1.4.1.3',
  inputs,
  fields: { ...application, ...times },
  upstream: { constants: { gjhtqywlx: '11', tqyy: '07', tqfs: '02' } },
  submission: { ...filing, states: arrivedState, words, progress: [arrived, ...underReview] },
})

export const withdrawalServices: readonly Service[] = [
  closingWithdrawal('overseas-settlement-withdrawal', '出境定居提取', '1.4.1.1', '05'),
  closingWithdrawal('incapacity-withdrawal', '丧失劳动力提取', '1.4.1.2', '04'),
  rentalHousing,
  // A.7 has no code for the end of an employment as such.
  closingWithdrawal('employment-termination-withdrawal', '终止劳动关系提取', '1.4.1.4', '99'),
  closingWithdrawal('retirement-withdrawal', '退休提取', '1.4.1.5', '03'),
]
