/** The platform's own lists; none of its codes was at hand, so they are this hub's proposal until it confirms them. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待许邻e家确认'

export const signUpStates = codeList(`报名状态，${OWN}`, {
  '01': '已提交',
  '02': '审核中',
  '03': '报名成功',
  '04': '未通过',
  '05': '已取消',
})

export const roomStates = codeList(`功能室预约状态，${OWN}`, { '1': '已预约', '2': '已使用', '3': '已取消', '4': '已过期' })

export const roomUses = codeList(`使用事由，${OWN}`, {
  '1': '文体活动',
  '2': '居民议事',
  '3': '儿童托管、阅读',
  '4': '志愿服务',
  '9': '其他',
})

/** 居民吹哨: what residents report; the kinds follow what community grids look after. */
export const issueKinds = codeList(`问题类别，${OWN}`, {
  '01': '环境卫生',
  '02': '公共设施损坏',
  '03': '消防、安全隐患',
  '04': '占道、乱停乱放',
  '05': '物业服务',
  '06': '邻里矛盾',
  '07': '困难群众需要帮助',
  '99': '其他',
})

/** “吹哨报到”: whistled, the units named reported for duty, handled, answered. */
export const issueStates = codeList(`办理状态，${OWN}`, {
  '01': '已吹哨',
  '02': '网格员已核实',
  '03': '部门已报到、办理中',
  '04': '已办结',
  '05': '不属于受理范围',
  '06': '已撤回',
})

export const itemStates = codeList(`事项状态，${OWN}`, { '1': '可以在线办理', '2': '暂停办理' })

/** 《河南省人口与计划生育条例》: 实行生育登记服务制度. */
export const birthStates = codeList(`生育登记状态，${OWN}`, {
  '01': '已提交',
  '02': '审核中',
  '03': '已登记',
  '04': '不予登记',
  '05': '已撤回',
})

export const childOrders = codeList(`孩次，${OWN}`, { '1': '第一孩', '2': '第二孩', '3': '第三孩', '9': '其他' })

export const spousePapers = codeList(`配偶证件类型，${OWN}`, { '1': '居民身份证', '2': '护照', '3': '港澳台居民通行证' })
/** Papers with an id number (GB 11643). */
export const CARDS = ['1'] as const

export const truths = codeList(`承诺文本版本，${OWN}`, { '2026-1': '所填内容真实（2026年第1版）' })

export const updateKinds = codeList(`动态类别，${OWN}`, { '1': '通知公告', '2': '网格工作', '3': '社区活动', '4': '便民信息' })
