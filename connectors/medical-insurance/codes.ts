/**
 * Code lists of medical insurance. Names of the items are those of the national platform's interface
 * (standards: insutype, psn_insu_stas, med_type …); most of its code tables were not available, so
 * lists marked 待确认 are this hub's proposal until the agency confirms them. All lists are open.
 */
import { codeList } from '../../core/connector.ts'

/** psn_cert_type: the same codes as social security's. */
export { idTypes } from '../social-security/codes.ts'

const ITEM = '医保信息平台接口'
const OWN = '代码待经办机构确认'

/** 390 was found in no implementation. */
export const insuranceTypes = codeList(`${ITEM} insutype 险种类型，310 见于厂商实现，其余沿用社会保险险种代码（390 待核实）`, {
  '310': '职工基本医疗保险',
  '320': '公务员医疗补助',
  '330': '大额医疗费用补助',
  '340': '离休人员医疗保障',
  '390': '城乡居民基本医疗保险',
  '510': '生育保险',
})

export const insuranceStatuses = codeList(`${ITEM} psn_insu_stas 参保状态，${OWN}`, {
  '0': '未参保',
  '1': '正常参保',
  '2': '暂停参保',
  '4': '终止参保',
})

export const contributionTypes = codeList(`${ITEM} 缴费类型，${OWN}`, {
  '10': '正常缴费',
  '20': '补缴',
  '30': '一次性趸缴',
  '40': '退费',
  '99': '其他',
})

export const personCategories = codeList(`${ITEM} psn_type 人员类别（城乡居民），${OWN}`, {
  '1501': '新生儿',
  '1502': '未成年人（未入学）',
  '1503': '中小学生',
  '1504': '大学生',
  '1505': '成年居民',
  '1506': '老年居民',
})

export const medicalCategories = codeList(`${ITEM} med_type 医疗类别，${OWN}`, {
  '11': '普通门诊',
  '13': '急诊',
  '14': '门诊慢特病',
  '21': '普通住院',
  '41': '定点药店购药',
  '51': '生育门诊',
  '52': '生育住院',
  '99': '其他',
})

export const approvalStatuses = codeList(`${ITEM} 无此项，${OWN}：待遇审批状态`, {
  '0': '待受理',
  '1': '审核中',
  '2': '已办结',
  '3': '已撤销',
})

export const approvalResults = codeList(`${ITEM} 无此项，${OWN}：待遇审批结果`, {
  '0': '未审核',
  '1': '通过',
  '2': '未通过',
})

export const filingStatuses = codeList(`${ITEM} 无此项，${OWN}：异地就医备案状态`, {
  '0': '审核中',
  '1': '有效',
  '2': '已终止',
  '3': '未通过',
})

export const prescriptionStatuses = codeList(`${ITEM} 无此项，${OWN}：电子处方状态`, {
  '1': '待取药',
  '2': '已取药',
  '3': '已撤销',
  '4': '已过期',
})

export const caseStatuses = codeList(`${ITEM} 无此项，${OWN}：办件状态`, {
  '01': '已受理',
  '02': '审核中',
  '03': '审核通过',
  '04': '审核未通过',
  '05': '已办结',
  '06': '已撤销',
  '07': '待补正',
})

export const codeStates = codeList(`${ITEM} 无此项，${OWN}：医保码状态`, {
  '0': '未激活',
  '1': '已激活',
  '2': '已停用',
})

export const maternityBenefits = codeList(`${ITEM} 无此项，${OWN}：生育待遇类别`, {
  '01': '生育医疗费用',
  '02': '生育津贴',
  '03': '计划生育医疗费用',
})

export const policyCategories = codeList(`${ITEM} 无此项，${OWN}：政策与知识类别`, {
  '01': '参保缴费',
  '02': '门诊待遇',
  '03': '住院待遇',
  '04': '异地就医',
  '05': '生育待遇',
  '06': '药品与诊疗目录',
  '99': '其他',
})

export const householdRelations = codeList('GB/T 4761-2008 家庭关系代码（大类）', {
  '01': '本人或户主',
  '10': '配偶',
  '20': '子',
  '30': '女',
  '40': '孙子、孙女或外孙子、外孙女',
  '50': '父母',
  '60': '祖父母或外祖父母',
  '70': '兄弟姐妹',
  '99': '其他',
})
