import { part } from '../../route-kit/part.ts'
import { adminRoles, appoint } from '../../users/roles.ts'
import { change } from '../change.ts'

export const appointment = change({
  title: '任命管理员',
  permission: 'administrators.change',
  payload: part.input({ userId: part.id('用户编号'), role: part.choice('管理角色', adminRoles) }, ['userId', 'role']),
  concerns: ({ userId }) => [userId],
  facts: ({ role }) => ({ role }),
  async apply(transaction, { userId, role }, { userId: by }) {
    await appoint(transaction, userId, role, by)
    return {}
  },
})
