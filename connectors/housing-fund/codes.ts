/**
 * Code lists of the housing fund. Those of JGJ/T 320-2014 carry the number of their table; their
 * values were read from public implementations, not from the printed standard. The others are not
 * in the standard: each agency's vendor defines its own, so the codes below are this hub's proposal
 * until the agency confirms them. All lists are open: vendors extend them (A.5 from 70 upward).
 *
 * Tables that no field of the contract uses are left out: A.2 rate types and A.3 unit closure
 * reasons (values unknown), A.9 reversal mark, A.13 nature of the house, A.14 risk grades.
 */
import { codeList } from '../../core/connector.ts'

export const idTypes = codeList('JGJ/T 320-2014 表A.1 证件类型', {
  '01': '身份证',
  '02': '军官证',
  '03': '护照',
  '04': '外国人永久居留证',
  '99': '其他',
})

export const employerAccountStatuses = codeList('JGJ/T 320-2014 表A.4 单位账户状态', {
  '01': '正常',
  '02': '开户',
  '03': '缓缴',
  '04': '销户',
  '05': '封存',
  '99': '其他',
})

export const fundTransactionTypes = codeList('JGJ/T 320-2014 表A.5 归集和提取业务类型', {
  '01': '汇缴',
  '02': '补缴',
  '03': '开户',
  '04': '启封',
  '05': '封存',
  '06': '内部转移',
  '07': '外部转出',
  '08': '外部转入',
  '09': '年终结息',
  '10': '基数调整',
  '11': '部分提取',
  '12': '销户提取',
  '13': '缓缴处理',
  '14': '冻结',
  '15': '解冻',
  '99': '其他',
})

export const personalAccountStatuses = codeList('JGJ/T 320-2014 表A.6 个人账户状态', {
  '01': '正常',
  '02': '封存',
  '03': '合并销户',
  '04': '外部转出销户',
  '05': '提取销户',
  '06': '冻结',
  '99': '其他',
})

export const withdrawalReasons = codeList('JGJ/T 320-2014 表A.7 提取原因', {
  '01': '购买住房',
  '02': '建造、翻修、大修住房',
  '03': '离退休',
  '04': '完全丧失劳动能力并终止劳动关系',
  '05': '户口迁出、出境定居',
  '06': '偿还购房贷款本息',
  '07': '房租超出收入比例',
  '08': '死亡',
  '09': '大病医疗',
  '99': '其他',
})

export const withdrawalMethods = codeList('JGJ/T 320-2014 表A.8 提取方式', { '01': '现金', '02': '转账', '99': '其他' })

export const guaranteeTypes = codeList('JGJ/T 320-2014 表A.10 贷款担保类型', { '01': '抵押', '02': '质押', '03': '保证', '99': '其他' })

export const repaymentMethods = codeList('JGJ/T 320-2014 表A.11 贷款还款方式', {
  '01': '等额本息',
  '02': '等额本金',
  '03': '一次还款付息',
  '04': '自由还款',
  '99': '其他',
})

export const loanTypes = codeList('JGJ/T 320-2014 表A.12 贷款类型（名称取自标准，代码待核实）', {
  '01': '公积金贷款',
  '02': '组合贷款',
  '03': '贴息贷款',
  '99': '其他',
})

export const loanTransactionTypes = codeList('JGJ/T 320-2014 表A.15 贷款业务明细类型', {
  '01': '贷款发放',
  '02': '正常还款',
  '03': '提前还款',
  '04': '逾期还款',
  '05': '公积金提取还款',
  '06': '结清',
  '07': '展期',
  '08': '缩期',
  '09': '核销',
  '99': '其他',
})

const OWN = '标准未规定，代码待中心确认'

export const coBorrowingRelationships = codeList(`${OWN}（0、1 见于厂商实现）`, {
  '0': '本人',
  '1': '配偶',
  '2': '父母',
  '3': '子女',
  '99': '其他',
})

export const loanStatuses = codeList(OWN, { '01': '正常', '02': '逾期', '03': '结清', '04': '待放款', '99': '其他' })

export const settlementStatuses = codeList(OWN, { '01': '未结清', '02': '部分结清', '03': '已结清', '99': '其他' })

export const channels = codeList(OWN, {
  '01': '柜面',
  '02': '网上服务大厅',
  '03': '移动应用',
  '04': '自助终端',
  '05': '委托银行扣款',
  '99': '其他',
})

export const queryScopes = codeList(OWN, { all: '全部', account: '账户信息', contributions: '缴存明细' })

export const applicationStatuses = codeList(OWN, {
  '01': '已受理',
  '02': '审核中',
  '03': '审核通过',
  '04': '审核未通过',
  '05': '已办结',
  '06': '已撤销',
  '07': '待补正',
})

export const reviewResults = codeList(OWN, { '00': '未审核', '01': '通过', '02': '不通过' })

export const fundsArrivalStatuses = codeList(OWN, { '00': '未支付', '01': '支付中', '02': '已到账', '03': '退回' })

export const accountClosureStatuses = codeList(OWN, { '00': '未销户', '01': '销户中', '02': '已销户' })

/** Reasons of A.7 for which this platform files. */
export const withdrawalKinds = codeList('JGJ/T 320-2014 表A.7 提取原因中可在线办理的', {
  '03': '退休提取',
  '04': '丧失劳动力提取',
  '05': '出境定居提取',
  '07': '租赁自住房提取',
  '99': '终止劳动关系提取',
})

export const checkVerdicts = codeList(OWN, { '1': '可以办理', '0': '不能办理' })

export const payeeVerdicts = codeList(OWN, { '1': '本人账户', '0': '不是本人账户', '9': '未核验' })

export const settlementPapers = codeList(OWN, { '1': '户口注销证明', '2': '定居国永久居留凭证', '3': '移民签证' })

/** 工伤保险条例 第三十五条: grades one to four. */
export const incapacityGrades = codeList('工伤保险条例第三十五条（完全丧失劳动能力）', {
  '1': '一级',
  '2': '二级',
  '3': '三级',
  '4': '四级',
})

export const rentalKinds = codeList(OWN, { '1': '公共租赁住房', '2': '商品住房' })

export const maritalStatuses = codeList('GB/T 2261.2-2003 婚姻状况（大类）', { '10': '未婚', '20': '已婚', '30': '丧偶', '40': '离婚' })

export const registrationKinds = codeList(OWN, { '1': '本市户籍', '2': '非本市户籍' })

/** By version: which text somebody agreed to is what goes to the agency and stays with the filing. */
export const dataChecks = codeList('本平台文本，待中心确认', {
  '2026-11': '同意中心向公安、人社、民政、不动产登记、人民银行等部门核查办理本业务所需的信息',
})
export const truths = codeList('本平台文本，待中心确认', {
  '2026-11': '承诺所填信息和所交材料真实、有效，知晓虚假申报须退回所提款项并承担责任',
})
export const homeless = codeList('本平台文本，待中心确认', { '2026-11': '承诺本人、配偶和未成年子女在本市无自有住房' })

export const appealReasons = codeList(OWN, {
  '1': '已经还款，没有入账',
  '2': '金额不对',
  '3': '扣款账户或者银行的原因',
  '4': '不是本人的贷款',
  '99': '其他',
})
export const appealTruths = codeList('本平台文本，待中心确认', { '2026-11': '承诺所述情况和所交证据真实，知晓虚假申诉的责任' })

export const repaymentPlans = codeList('标准未规定，代码待中心确认：提前还款后的还款安排', {
  '1': '期数不变，减少每期还款额',
  '2': '每期还款额不变，缩短期限',
})
