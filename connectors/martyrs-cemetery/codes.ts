/** The platform's own lists; none of its codes was at hand, so they are this hub's proposal until it confirms them. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待烈士陵园线上服务平台确认'

/** 合同 1.4.15: 个人预约、团队预约和预约志愿者三种类型. */
export const bookingTypes = codeList(`预约类型（合同 1.4.15），${OWN}`, { '1': '个人预约', '2': '团队预约', '3': '预约志愿者' })
/** Each way of booking takes the one type that is its own. */
export const individualOnly = codeList(`预约类型（合同 1.4.15），${OWN}`, { '1': '个人预约' }, { closed: true })
export const groupOnly = codeList(`预约类型（合同 1.4.15），${OWN}`, { '2': '团队预约' }, { closed: true })
export const volunteerOnly = codeList(`预约类型（合同 1.4.15），${OWN}`, { '3': '预约志愿者' }, { closed: true })

export const bookingStates = codeList(`预约状态，${OWN}`, { '1': '已预约', '2': '已参观', '3': '已取消', '4': '已过期' })

/** 合同 1.4.15: 整合全景预览、语音导览、清明祭英烈、红色资讯等功能. */
export const features = codeList(`线上功能（合同 1.4.15），${OWN}`, {
  '1': '全景预览',
  '2': '语音导览',
  '3': '清明祭英烈',
  '4': '红色资讯',
})

export const newsKinds = codeList(`资讯类别，${OWN}`, { '1': '通知公告', '2': '纪念活动', '3': '英烈事迹', '4': '政策法规' })
