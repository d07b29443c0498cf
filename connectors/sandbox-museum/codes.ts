import { codeList } from '../../core/connector.ts'

export const bookingStates = codeList('沙箱自拟', { '1': '待参观', '2': '已参观', '3': '已取消' })
