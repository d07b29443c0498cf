import { codeList } from '../../core/connector.ts'

const OWN = '代码待天伦燃气确认'

export const relations = codeList(OWN, { '1': '户主', '2': '登记的共同用气人' })

export const userKinds = codeList(OWN, { '01': '居民用气', '02': '非居民用气' })

/** IC 卡表 is charged with a card at a counter; 物联网表 tells its reading and is charged from afar. */
export const meterKinds = codeList(OWN, { '1': '膜式表（机械表）', '2': 'IC 卡表', '3': '物联网表' })

export const settlements = codeList(OWN, { '1': '后付费（按抄表结算）', '2': '预付费' })

export const supplyStatuses = codeList(OWN, { '0': '未开通', '1': '正常用气', '2': '已报停' })

/** 按年累计 (发改价格〔2014〕467号); the third has no end. */
export const tiers = codeList('发改价格〔2014〕467号 居民阶梯气价三档，代码待天伦燃气确认', {
  '1': '第一档',
  '2': '第二档',
  '3': '第三档',
})

export const billStatuses = codeList(OWN, { '0': '未缴费', '1': '已缴费' })

/** `wechat` and `alipay` are what the hub sends with a write-off; the others are the company's own. */
export const paymentMethods = codeList(OWN, { wechat: '微信支付', alipay: '支付宝', counter: '营业厅', bank: '银行代扣' })

export const paymentKinds = codeList(OWN, { '1': '账单缴费', '2': '预付充值' })

export const transactionStatuses = codeList(OWN, { '1': '成功', '0': '失败' })

/** The hub's own, as `docs/payments.md` draws them. */
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

export const workOrderTypes = codeList(OWN, {
  '01': '燃气报修',
  '02': '预约开通',
  '03': '改装',
  '04': '安检',
  '05': '换表',
  '06': '校表',
  '08': '关停',
  '09': '恢复供气',
  '10': '信息变更',
})

export const workOrderStatuses = codeList(OWN, {
  '10': '已受理',
  '20': '已派单',
  '30': '上门处理中',
  '40': '已完成',
  '50': '不予办理',
  '60': '已取消',
  '70': '待补正',
})

export const decisions = codeList(OWN, { '1': '可以办理', '0': '不能办理' })

/** Somebody who smells gas telephones: no form is fast enough. */
export const faultKinds = codeList(`${OWN}；泄漏请直接拨打抢修电话`, {
  '1': '灶具或热水器不通气、打不着火',
  '2': '表具不走字或显示异常',
  '3': '阀门、管道锈蚀或损坏',
  '4': '连接软管老化',
  '5': '报警器、切断阀报警',
  '9': '其他',
})

export const modificationKinds = codeList(OWN, {
  '1': '移表',
  '2': '改管',
  '3': '增加用气点（壁挂炉等）',
  '4': '拆除用气点',
})

export const meterFaultKinds = codeList(OWN, {
  '1': '到期轮换',
  '2': '不走字',
  '3': '显示或通信故障',
  '4': '外观损坏',
  '5': '更换为物联网表',
})

export const calibrationReasons = codeList(OWN, { '1': '认为表计偏快', '2': '认为表计偏慢', '3': '到期检定' })

export const premises = codeList(OWN, { '1': '居民住宅（新装）', '2': '居民住宅（老旧小区补装）', '3': '商业', '4': '其他非居民' })

export const shutdownReasons = codeList(OWN, { '1': '长期无人居住', '2': '装修暂停', '3': '房屋拆迁', '4': '改用其他能源' })

export const changeItems = codeList(OWN, { '1': '联系电话', '2': '户主过户', '3': '家庭人口（阶梯基数）', '4': '用气性质' })

export const complaintKinds = codeList(OWN, { '1': '咨询', '2': '投诉', '3': '建议' })

export const inspectionResults = codeList(OWN, { '1': '合格', '2': '存在隐患', '3': '到访未遇' })

export const hazardLevels = codeList(OWN, { '0': '无', '1': '一般隐患', '2': '较大隐患', '3': '重大隐患（已停气）' })

export const rectifications = codeList(OWN, { '0': '待整改', '1': '已整改', '9': '不涉及' })

export const articleKinds = codeList(OWN, { '1': '日常用气', '2': '应急处置', '3': '设备年限', '4': '法规' })

export const certificatePurposes = codeList(OWN, { '1': '子女入学', '2': '居住证明', '3': '报销', '9': '其他' })
