/** Code lists of civil affairs and of the register of disabled persons. Those marked 待确认 are this hub's proposal. All are open. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待民政局、残联确认'

/** `op_type`, as several exchanges write it; INR was seen once. */
export const marriageBusiness = codeList('婚姻登记 op_type，见于多个公开的共享交换实现', {
  IA: '结婚',
  IB: '离婚',
  IC: '补领',
  ICA: '补发结婚证',
  ICB: '补发离婚证',
  ID: '撤销',
  INR: '涉外',
})

export const idTypes = codeList('GA/T 517-2004 常用证件代码（部分）', {
  '111': '居民身份证',
  '113': '户口簿',
  '114': '军官证',
  '414': '普通护照',
  '511': '台湾居民来往大陆通行证',
  '516': '港澳居民来往内地通行证',
  '553': '外国人永久居留证',
})

export const genders = codeList('GB/T 2261.1-2003 人的性别代码', { '0': '未知的性别', '1': '男', '2': '女', '9': '未说明的性别' })

export const disabilityCategories = codeList(`GB/T 26341-2010 残疾类别，${OWN}`, {
  '1': '视力残疾',
  '2': '听力残疾',
  '3': '言语残疾',
  '4': '肢体残疾',
  '5': '智力残疾',
  '6': '精神残疾',
  '7': '多重残疾',
})

export const disabilityLevels = codeList(`GB/T 26341-2010 残疾等级，${OWN}`, { '1': '一级', '2': '二级', '3': '三级', '4': '四级' })

export const holdingStates = codeList(`残疾人证状态，${OWN}`, { '1': '正常', '2': '冻结', '3': '注销', '4': '过期' })

export const applicationCategories = codeList(`《残疾人证管理办法》所列业务，${OWN}`, {
  '1': '新办',
  '2': '换领',
  '3': '补办',
  '4': '变更',
  '5': '迁移',
  '6': '注销',
})

export const educationLevels = codeList('GB/T 4658-2006 学历代码（大类）', {
  '10': '研究生教育',
  '20': '大学本科教育',
  '30': '大学专科教育',
  '40': '中等职业教育',
  '60': '普通高级中学教育',
  '70': '初级中学教育',
  '80': '小学教育',
  '90': '其他',
})

export const maritalStates = codeList('GB/T 2261.2-2003 婚姻状况代码（大类）', {
  '10': '未婚',
  '20': '已婚',
  '30': '丧偶',
  '40': '离婚',
  '90': '未说明的婚姻状况',
})

export const householdTypes = codeList(`户口性质，${OWN}`, { '1': '农业户口', '2': '非农业户口' })

export const relations = codeList(`与被监护人关系，${OWN}`, { '1': '配偶', '2': '父母', '3': '子女', '4': '其他近亲属', '9': '其他' })
