/**
 * Code lists of the 天平公证 platform. Its own were not at hand: what each holds follows the law named with it, and all are open until the
 * platform confirms them.
 */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待公证平台确认'

/** 个人身份, 学历, 婚姻, 财产 are the contract's; the others hold what 《公证法》 第十一条、第十二条 has beside these. */
export const categories = codeList(`公证分类（合同 1.4.20，《公证法》第十一条、第十二条），${OWN}`, {
  '01': '个人身份',
  '02': '学历',
  '03': '婚姻',
  '04': '财产',
  '05': '继承',
  '06': '委托和声明',
  '07': '保全证据',
  '08': '企业事务',
})

export const assetKinds = codeList(`资产类别，${OWN}`, { '1': '不动产', '2': '股权', '3': '存款', '9': '其他' })

export const caseStatuses = codeList(`公证办理状态，${OWN}`, {
  '01': '已提交',
  '02': '已受理',
  '03': '审查中',
  '04': '已出具公证书',
  '05': '不予办理',
  '06': '不予受理',
  '07': '待补充材料',
  '08': '已撤回',
})

export const chargeStatuses = codeList(`缴费状态，${OWN}`, { '0': '未缴费', '1': '已缴费' })

export const orderStatuses = codeList('中枢的订单状态', {
  created: '待支付',
  paying: '待支付',
  paid: '已支付，正在销账',
  'written-off': '已缴费',
  settled: '已缴费',
  closed: '已关闭',
  refunding: '退款中',
  refunded: '已退款',
  exception: '正在核实',
})

/** 《公证程序规则》: an applicant says what the certificate is for, and where it will be used. */
export const purposes = codeList(`公证书用途，${OWN}`, {
  '1': '出国（境）留学',
  '2': '出国（境）定居、探亲',
  '3': '出国（境）工作',
  '4': '办理不动产登记',
  '5': '继承',
  '6': '诉讼、仲裁',
  '9': '其他',
})

/** ISO 3166-1 numeric codes of the places for which notaries write most often. */
export const places = codeList('GB/T 2659.1 国家和地区数字代码（常用）', {
  '156': '中国',
  '344': '中国香港',
  '446': '中国澳门',
  '158': '中国台湾',
  '392': '日本',
  '410': '韩国',
  '702': '新加坡',
  '036': '澳大利亚',
  '554': '新西兰',
  '840': '美国',
  '124': '加拿大',
  '826': '英国',
  '276': '德国',
  '250': '法国',
  '643': '俄罗斯',
})

export const languages = codeList('GB/T 4880.1 语种代码（常用）', {
  zh: '中文',
  en: '英文',
  ja: '日文',
  ko: '韩文',
  de: '德文',
  fr: '法文',
  ru: '俄文',
})

export const relations = codeList(`GB/T 4761 家庭关系（公证常用），${OWN}`, {
  '10': '配偶',
  '20': '子',
  '30': '女',
  '51': '父亲',
  '52': '母亲',
  '70': '兄弟姐妹',
})

export const truths = codeList(`真实性承诺文本版本，${OWN}`, { '2026-1': '所述情况及所附材料真实，知悉虚假陈述的法律责任（2026年第1版）' })
