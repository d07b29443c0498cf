/**
 * Code lists of the 营商环境投诉 platform. Its own were not at hand: what each holds follows the rules named with it, and all are open
 * until the platform confirms them.
 */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待投诉平台确认'

/** 合同 1.4.18: 类型（投诉或者咨询）. */
export const complaintTypes = codeList(`投诉类型（合同 1.4.18），${OWN}`, { '1': '投诉', '2': '咨询' })
/** Each way of submitting takes the one type that is its own. */
export const complaintOnly = codeList(`投诉类型（合同 1.4.18），${OWN}`, { '1': '投诉' }, { closed: true })
export const consultationOnly = codeList(`投诉类型（合同 1.4.18），${OWN}`, { '2': '咨询' }, { closed: true })

/** Whom a complaint is about: departments that deal with enterprises. */
export const departments = codeList(`被投诉部门，《优化营商环境条例》（国务院令第722号）所涉市直部门，${OWN}`, {
  '01': '发展和改革委员会',
  '02': '行政审批和政务信息管理局',
  '03': '市场监督管理局',
  '04': '税务局',
  '05': '自然资源和规划局',
  '06': '住房和城乡建设局',
  '07': '生态环境局',
  '08': '人力资源和社会保障局',
  '09': '应急管理局',
  '10': '消防救援支队',
  '11': '公安局',
  '12': '供水、供电、供气、供热企业',
  '99': '其他',
})

/** 《优化营商环境条例》 第六章 监管执法, 第七章 法治保障: what complaints are about. */
export const problemKinds = codeList(`问题类别，《优化营商环境条例》，${OWN}`, {
  '01': '审批服务不便、超期',
  '02': '违规设置前置条件、重复要材料',
  '03': '乱收费、乱罚款、乱摊派',
  '04': '执法不规范、重复检查',
  '05': '政策承诺不兑现',
  '06': '拖欠账款',
  '07': '招标投标不公平',
  '08': '工作作风、推诿扯皮',
  '99': '其他',
})

export const caseStatuses = codeList(`办理状态，${OWN}`, {
  '01': '已提交',
  '02': '已受理',
  '03': '已转办',
  '04': '已答复',
  '05': '不予受理',
  '06': '已撤回',
})

export const truths = codeList(`真实性承诺文本版本，${OWN}`, { '2026-1': '所述情况真实，愿意配合核实（2026年第1版）' })
