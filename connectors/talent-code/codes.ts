/**
 * Code lists of the 人才码 platform. Its own were not at hand: what each holds follows the rules named with it, and all are open
 * until the platform confirms them.
 */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待人才码平台确认'

/** Cities of Henan sort talents into six classes; which achievements make which is the city's own catalogue. */
export const talentCategories = codeList(`人才分类目录（A 至 F 类），${OWN}`, {
  A: 'A类 顶尖人才',
  B: 'B类 国家级领军人才',
  C: 'C类 省级领军人才',
  D: 'D类 市级领军人才',
  E: 'E类 高级人才',
  F: 'F类 基础人才',
})

/** GB/T 4658-2006, the classes that graduates have. */
export const educationLevels = codeList('GB/T 4658-2006 学历代码', {
  '11': '博士研究生毕业',
  '14': '硕士研究生毕业',
  '21': '大学本科毕业',
  '31': '大学专科毕业',
  '41': '中等专科毕业',
  '44': '职业高中毕业',
  '47': '技工学校毕业',
  '61': '普通高中毕业',
  '71': '初中毕业',
})

export const experienceKinds = codeList(`经历类别，${OWN}`, { '1': '学习经历', '2': '工作经历' })

/** What a class is asked for on. */
export const grounds = codeList(`认定依据，${OWN}`, {
  '1': '学历学位',
  '2': '专业技术职称',
  '3': '职业技能等级',
  '4': '人才计划和荣誉',
  '5': '企业薪酬和贡献',
})

export const caseStatuses = codeList(`认定办理状态，${OWN}`, {
  '01': '已提交',
  '02': '已受理',
  '03': '审核中',
  '04': '已认定',
  '05': '未通过',
  '06': '不予受理',
  '07': '待补正',
  '08': '已撤回',
})

export const holdings = codeList(`人才资格状态，${OWN}`, { '1': '有效', '2': '已到期', '3': '已注销' })

export const benefitKinds = codeList('权益类别（合同 1.4.21：景点、酒店）', { '1': '景点权益', '2': '酒店权益' })

export const useStatuses = codeList(`权益使用状态，${OWN}`, { '1': '已核销', '2': '已取消' })

export const truths = codeList(`真实性承诺文本版本，${OWN}`, { '2026-1': '所填内容及所附材料真实（2026年第1版）' })
