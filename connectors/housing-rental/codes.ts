/** Code lists of the 住房租赁交易平台. Its own were not at hand: kinds are those of the rules named, and all are open. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待租赁交易平台确认'

/** 《城市房地产管理法》第四十五条、第五十四条: contracts that are filed. */
export const contractKinds = codeList(`合同类别，《城市房地产管理法》，${OWN}`, {
  '1': '住房租赁合同',
  '2': '商品房买卖合同',
  '3': '存量房买卖合同',
})

/** 《住房租赁条例》（国务院令第812号）: leases are filed; 《商品房销售管理办法》: sales. */
export const filingStatuses = codeList(`备案状态，${OWN}`, { '1': '待备案', '2': '已备案', '3': '备案变更中', '4': '已注销' })

export const partyRoles = codeList(`签署方，${OWN}`, { '1': '出租人', '2': '承租人', '3': '出卖人', '4': '买受人', '5': '经纪机构' })
