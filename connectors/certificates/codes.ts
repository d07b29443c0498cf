/** Code lists of electronic certificates. Those marked 待确认 are this hub's proposal until the platform confirms them. All are open. */
import { codeList } from '../../core/connector.ts'

export const genders = codeList('GB/T 2261.1-2003 人的性别代码', { '0': '未知的性别', '1': '男', '2': '女', '9': '未说明的性别' })

/** ZZZT: 1 and 2 were read in public models of e-licences; the others are what registers say besides. */
export const certificateStates = codeList('电子证照 ZZZT 证照状态，1、2 见于公开实现，其余代码待确认', {
  '1': '有效',
  '2': '注销',
  '3': '撤销',
  '4': '吊销',
  '5': '过期',
})
