import { masks } from '../../../core/contract/masks.ts'
import { part } from '../../route-kit/part.ts'
import { writePhone } from '../../users/administered.ts'
import { change } from '../change.ts'

/** What was asked for before this was kept has none. */
const version = part.text('申请时的资料')
const user = { userId: part.id('用户编号') }

/** Where codes and notices go: whoever has the phone is taken for the user. */
export const phone = change({
  title: '修改用户的手机号',
  permission: 'users.change',
  payload: part.input({ ...user, phone: part.maybe('手机号（null：取消）'), version }, ['userId', 'phone']),
  concerns: ({ userId }) => [userId],
  facts: ({ phone }) => ({ phone: phone === null ? '取消' : '更换' }),
  shown: ({ phone }) => ({ phone: phone === null ? '取消' : masks.phone(phone) }),
  async apply(transaction, { userId, phone, version: seen }, _author, { vault, forget }) {
    await writePhone(transaction, vault, userId, phone, seen)
    return { after: () => forget(userId) }
  },
})

/** 删除用户: what the user could do himself by 注销, without his face. */
export const deletion = change({
  title: '删除用户（注销账户，清除个人信息）',
  permission: 'users.change',
  payload: part.input(user, ['userId']),
  concerns: ({ userId }) => [userId],
  facts: () => ({}),
  async apply(transaction, { userId }, { userId: actor, reason, traceId }, { deleteUser }) {
    return { after: await deleteUser(transaction, userId, { actor, reason, traceId }) }
  },
})
