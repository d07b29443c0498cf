/** The platform's own lists; none of its codes was at hand, so they are this hub's proposal until it confirms them. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待微警务平台确认'

/** 高频事项 of the contract: 交警、户籍、警民互动. */
export const itemKinds = codeList(`高频事项类别，${OWN}`, { '1': '交警', '2': '户籍', '3': '警民互动' })

export const itemStates = codeList(`事项状态，${OWN}`, { '1': '正常办理', '2': '暂停办理' })

/** 认证级别: what the platform wants of whoever opens an item. */
export const assuranceLevels = codeList(`事项要求的认证级别，${OWN}`, { '1': '登录', '2': '实名', '3': '实人（人脸）' })
