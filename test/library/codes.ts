import { codeList } from '../../core/connector.ts'

export const loanStates = codeList('图书馆读者接口 借阅状态，待确认', { '1': '在借', '2': '已续借', '3': '逾期' })
