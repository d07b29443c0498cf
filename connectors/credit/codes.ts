/**
 * Code lists of 信用许昌. Their kinds are those of the national rules named with each; the codes of most of them
 * were not at hand, so those marked 待确认 are this hub's proposal until the platform confirms them. All are open.
 */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待信用平台确认'

/** 双公示 2019: XK_XDR_TYPE, CF_XDR_TYPE; 1 自然人 is public, the others' order is assumed. */
export const partyKinds = codeList(`行政许可和行政处罚信息公示标准（2019）相对人类别，${OWN}`, {
  '0': '法人及非法人组织',
  '1': '自然人',
  '2': '个体工商户',
})

/** 许可类别 XK_XKLB. */
export const licenceKinds = codeList(`《行政许可法》第十二条 许可类别，${OWN}`, {
  '1': '普通',
  '2': '特许',
  '3': '认可',
  '4': '核准',
  '5': '登记',
  '9': '其他',
})

/** 处罚类别 CF_CFLB1, CF_CFLB2. */
export const penaltyKinds = codeList(`《行政处罚法》第九条 处罚种类，${OWN}`, {
  '01': '警告',
  '02': '通报批评',
  '03': '罚款',
  '04': '没收违法所得、没收非法财物',
  '05': '暂扣许可证件',
  '06': '降低资质等级',
  '07': '吊销许可证件',
  '08': '限制开展生产经营活动',
  '09': '责令停产停业',
  '10': '责令关闭',
  '11': '限制从业',
  '12': '行政拘留',
  '99': '其他',
})

/** XK_ZT, CF_ZT. */
export const recordStates = codeList(`双公示 当前状态，${OWN}`, { '0': '正常', '1': '撤销', '2': '异议', '3': '其他' })

export const trustLists = codeList(`守信激励对象名单，${OWN}`, {
  '01': '纳税信用A级纳税人',
  '02': '海关高级认证企业',
  '03': '诚信示范企业',
  '04': '优秀青年志愿者',
})

export const dishonestyLists = codeList(`《全国失信惩戒措施基础清单》所列严重失信主体名单，${OWN}`, {
  '01': '失信被执行人名单',
  '02': '重大税收违法失信主体名单',
  '03': '市场监督管理严重违法失信名单',
  '04': '拖欠农民工工资失信联合惩戒对象名单',
  '05': '安全生产严重失信主体名单',
})

export const caseKinds = codeList(`典型案例类别，${OWN}`, { '1': '守信激励', '2': '失信惩戒', '3': '信用修复', '4': '信易+' })

export const sceneKinds = codeList(`信易+场景，${OWN}`, { '1': '信易贷', '2': '信易批', '3': '信易租', '4': '信易游', '5': '信易医' })

/** What an objection is against. */
export const recordKinds = codeList(`信用信息类别，${OWN}`, {
  '1': '行政许可',
  '2': '行政处罚',
  '3': '守信名单',
  '4': '失信名单',
  '9': '其他信用信息',
})

/** 《社会信用体系建设法》 has not come; reasons are those of credit platforms' objection forms. */
export const objectionReasons = codeList(`异议事由，${OWN}`, {
  '1': '信息错误',
  '2': '信息遗漏',
  '3': '不应公示',
  '4': '超过公示期',
  '5': '侵犯商业秘密或者个人隐私',
  '6': '非本人、本单位信息',
})

export const caseStatuses = codeList(`办件状态，${OWN}`, {
  '01': '已收件',
  '02': '已受理',
  '03': '核实中',
  '04': '同意',
  '05': '不同意',
  '06': '不予受理',
  '07': '待补正',
  '08': '已撤回',
})

export const creditGrades = codeList(`公共信用综合评价等级，${OWN}`, { A: '优', B: '良', C: '中', D: '差' })

export const reportPurposes = codeList(`信用报告用途，${OWN}`, {
  '1': '招标投标',
  '2': '政府采购',
  '3': '申请政策资金',
  '4': '融资贷款',
  '5': '上市和再融资',
  '6': '本人、本单位留存',
  '9': '其他',
})

/** 发展改革委令2023年第58号 第十六条: what is asked for when a penalty's publication is to end early. */
export const commitments = codeList(`信用承诺文本版本，${OWN}`, { '2026-1': '信用修复承诺书（2026年第1版）' })
export const truths = codeList(`真实性承诺文本版本，${OWN}`, { '2026-1': '所述情况及所附材料真实（2026年第1版）' })
