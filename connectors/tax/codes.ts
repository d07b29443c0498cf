/**
 * Code lists of the tax bureau, in the names of 金税 systems as vendors use them (`…Dm` code, `…Mc` name). Of their codes only 10106
 * was read in public material; the others are common knowledge of the field or, where marked 待确认, this hub's proposal. All are open.
 */
import { codeList } from '../../core/connector.ts'

const VENDOR = '金税征收项目，10106 见于厂商实现，其余代码待税务局确认'
const OWN = '代码待税务局确认'

/** 征收项目 zsxmDm. */
export const taxTypes = codeList(VENDOR, {
  '10101': '增值税',
  '10102': '消费税',
  '10104': '企业所得税',
  '10106': '个人所得税',
  '10107': '资源税',
  '10109': '城市维护建设税',
  '10110': '房产税',
  '10111': '印花税',
  '10112': '城镇土地使用税',
  '10113': '土地增值税',
  '10114': '车船税',
  '10117': '车辆购置税',
  '10118': '耕地占用税',
  '10119': '契税',
  '10121': '环境保护税',
  '30203': '教育费附加',
  '30216': '地方教育附加',
})

/** GB/T 12406-2008 表示货币的代码, numeric. */
export const currencies = codeList('GB/T 12406-2008 表示货币的代码（数字）', {
  '156': '人民币',
  '344': '港元',
  '392': '日元',
  '840': '美元',
  '978': '欧元',
})

/** 有效标志 yxbz. */
export const validities = codeList(`金税 有效标志，${OWN}`, { Y: '有效', N: '无效' })

export const capitalChanges = codeList(`注册资本变动类型，${OWN}`, { '1': '增资', '2': '减资' })

export const arrearsStates = codeList(`欠税状态，${OWN}`, { '0': '无欠税', '1': '欠缴', '2': '部分清缴', '3': '已清缴' })

/** 征收品目 zspmDm of 社保费: who pays is part of the item. */
export const premiumItems = codeList(`社保费征收品目，${OWN}`, {
  '102030101': '企业职工基本养老保险费（单位缴纳）',
  '102030102': '企业职工基本养老保险费（职工个人缴纳）',
  '102030201': '失业保险费（单位缴纳）',
  '102030202': '失业保险费（职工个人缴纳）',
  '102030301': '职工基本医疗保险费（单位缴纳，含生育保险费）',
  '102030302': '职工基本医疗保险费（职工个人缴纳）',
  '102030401': '工伤保险费',
})

export const levyStates = codeList(`征缴状态，${OWN}`, { '1': '已申报未缴款', '2': '已缴款', '3': '逾期未缴款', '4': '未申报' })

export const declarationMethods = codeList(`申报方式，${OWN}`, {
  '11': '电子税务局申报',
  '12': '社保费管理客户端申报',
  '21': '办税服务厅申报',
  '31': '批量扣款申报',
})

export const treasuryResults = codeList(`入库结果，${OWN}`, { '0': '未入库', '1': '已入库', '2': '已退库' })

export const listings = codeList(`企业所得税年度纳税申报基础信息表（A000000）上市情况，${OWN}`, {
  '0': '非上市',
  '1': '境内上市',
  '2': '境外上市',
})

export const accountingStandards = codeList(`企业所得税年度纳税申报基础信息表（A000000）适用会计准则或会计制度，${OWN}`, {
  '110': '企业会计准则（一般企业）',
  '120': '企业会计准则（银行）',
  '130': '企业会计准则（证券）',
  '140': '企业会计准则（保险）',
  '200': '小企业会计准则',
  '300': '企业会计制度',
})

export const depreciationMethods = codeList(`企业所得税法实施条例及会计准则所列折旧方法，${OWN}`, {
  '1': '年限平均法',
  '2': '工作量法',
  '3': '双倍余额递减法',
  '4': '年数总和法',
  '9': '其他',
})

export const inventoryMethods = codeList(`企业所得税法实施条例第七十三条及会计准则所列存货计价方法，${OWN}`, {
  '1': '先进先出法',
  '2': '移动加权平均法',
  '3': '月末一次加权平均法',
  '4': '个别计价法',
  '9': '其他',
})

export const badDebtMethods = codeList(`坏账损失核算方法，${OWN}`, { '1': '备抵法', '2': '直接核销法' })
