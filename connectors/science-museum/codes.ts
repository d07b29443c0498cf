/** The platform's own lists; none of its codes was at hand, so they are this hub's proposal until it confirms them. */
import { codeList } from '../../core/connector.ts'

const OWN = '代码待科技馆预约平台确认'

export const paperKinds = codeList(`观众证件类型，${OWN}`, {
  '1': '居民身份证',
  '2': '护照',
  '3': '港澳居民来往内地通行证',
  '4': '台湾居民来往大陆通行证',
  '5': '外国人永久居留身份证',
})

/** Papers with an id number (GB 11643). */
export const CARDS = ['1'] as const

/** Those whose number tells no birthday. */
export const OTHER_PAPERS = ['2', '3', '4', '5'] as const

export const visitorKinds = codeList(`观众类别，${OWN}`, { '1': '成人', '2': '儿童' })

export const bookingStates = codeList(`预约状态，${OWN}`, {
  '0': '已占位',
  '1': '待参观',
  '2': '已参观',
  '3': '已取消',
  '4': '已退票',
  '5': '已过期',
})
