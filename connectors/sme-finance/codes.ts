/** Code lists of the 中小企业融资综合信用服务平台. Its own were not at hand: kinds are those of the rules named, and all are open. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待融资平台确认'

/** 《企业会计准则——基本准则》第三章 资产; a person's are those that lenders ask for. */
export const assetKinds = codeList(`资产类别，《企业会计准则》，${OWN}`, {
  '01': '房屋、建筑物',
  '02': '机器设备',
  '03': '运输工具',
  '04': '存货',
  '05': '应收账款',
  '06': '知识产权',
  '07': '存款、理财',
  '99': '其他',
})

/** 《企业信息公示暂行条例》: 存续状态 of the annual report. */
export const operatingStates = codeList(`经营状态，《企业信息公示暂行条例》，${OWN}`, { '1': '开业', '2': '歇业', '3': '清算' })

/** 工信部联企业〔2011〕300号 《中小企业划型标准规定》. */
export const sizes = codeList('《中小企业划型标准规定》（工信部联企业〔2011〕300号）', {
  '1': '大型',
  '2': '中型',
  '3': '小型',
  '4': '微型',
})
