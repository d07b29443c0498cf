/**
 * Code lists of social security. GB/T 40217-2021 names the data items and leaves their codes to
 * GB/T 31594-2015 and LD/T 92-2013, whose text was not available: codes were read from public
 * implementations, and each source says so. Lists marked 待确认 are this hub's proposal until the
 * agency confirms them. All lists are open.
 */
import { codeList } from '../../core/connector.ts'

const ITEM = 'GB/T 40217-2021'
const VENDOR = '代码见于厂商实现'
const OWN = '代码待经办机构确认'

/** Shared with medical insurance; JGJ/T 320's list gives 03 to passports, so the two must not be mixed. */
export const idTypes = codeList(`${ITEM} AAA029（AAC058）证件类型，${VENDOR}`, {
  '01': '居民身份证（户口簿）',
  '02': '中国人民解放军军官证',
  '03': '中国人民武装警察警官证',
  '04': '港澳居民来往内地通行证（香港）',
  '05': '港澳居民来往内地通行证（澳门）',
  '06': '台湾居民来往大陆通行证',
  '07': '外国人永久居留证',
  '08': '外国人护照',
  '90': '社会保障卡',
  '99': '其他身份证件',
})

/** 170 and 390 were found in no implementation. */
export const insuranceCategories = codeList(`${ITEM} AAE140 险种，${VENDOR}（170、390 待核实）`, {
  '110': '企业职工基本养老保险',
  '120': '机关事业单位养老保险',
  '170': '城乡居民基本养老保险',
  '210': '失业保险',
  '310': '职工基本医疗保险',
  '320': '公务员医疗补助',
  '330': '大额医疗费用补助',
  '340': '离休人员医疗保障',
  '390': '城乡居民基本医疗保险',
  '410': '工伤保险',
  '510': '生育保险',
})

export const insuranceStatuses = codeList(`${ITEM} AAC008 个人参保状态，${OWN}`, {
  '0': '未参保',
  '1': '正常参保',
  '2': '暂停参保',
  '4': '终止参保',
})

export const contributionStatuses = codeList(`${ITEM} AAC031 个人缴费状态、AAB051 单位缴费状态，${VENDOR}（4 ${OWN}）`, {
  '1': '参保缴费',
  '2': '暂停缴费',
  '3': '终止缴费',
  '4': '欠费',
})

export const contributionTypes = codeList(`${ITEM} AAA115 应缴类型，${OWN}`, {
  '10': '正常应缴',
  '20': '补缴',
  '30': '一次性缴费',
  '99': '其他',
})

export const benefitCategories = codeList(`${ITEM} AAA036 待遇项目，${OWN}`, {
  '01': '基本养老金',
  '02': '城乡居民养老金',
  '03': '失业保险金',
  '04': '职工医疗待遇',
  '05': '居民医疗待遇',
  '06': '工伤待遇',
  '99': '其他',
})

export const paymentStatuses = codeList(`${ITEM} 无此项，${OWN}：养老金发放状态`, {
  '0': '未发放',
  '1': '正常发放',
  '2': '暂停发放',
  '3': '终止发放',
})

export const certificationResults = codeList(`${ITEM} 无此项，${OWN}：待遇资格认证结果`, {
  '0': '未认证',
  '1': '通过',
  '2': '未通过',
})

export const certificationStatuses = codeList(`${ITEM} 无此项，${OWN}：待遇资格认证状态`, {
  '0': '待认证',
  '1': '有效期内',
  '2': '已过期',
  '3': '认证中',
})

export const certificationMethods = codeList(`${ITEM} 无此项，${OWN}：待遇资格认证方式`, {
  '1': '人脸识别自助认证',
  '2': '经办窗口认证',
  '3': '社区上门认证',
  '4': '数据比对认证',
  '5': '异地协助认证',
  '99': '其他',
})
