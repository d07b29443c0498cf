import { grantGuardian, grantOperator } from '../../mandates/granting.ts'
import { readTerm } from '../../mandates/scope.ts'
import { part } from '../../route-kit/part.ts'
import { actorOf, change } from '../change.ts'

const terms = {
  userId: part.id('用户编号'),
  scope: part.text('可用的系统或服务'),
  startsAt: part.text('开始时间'),
  endsAt: part.text('结束时间'),
}

export const guardian = change({
  title: '登记监护关系',
  permission: 'mandates.grant',
  payload: part.input({ ...terms, childUserId: part.id('被监护人的用户编号') }, ['userId', 'childUserId', 'scope', 'endsAt']),
  concerns: ({ userId, childUserId }) => [userId, childUserId],
  facts: ({ scope, endsAt }) => ({ scope: scope.split(' '), endsAt }),
  async apply(transaction, { startsAt, endsAt, ...rest }, author, { vault }) {
    return { result: await grantGuardian(transaction, vault, { ...rest, ...readTerm(startsAt, endsAt) }, actorOf(author)) }
  },
})

/** Staff of a counter act for whoever stands there. */
export const operator = change({
  title: '授权窗口工作人员',
  permission: 'mandates.grant',
  payload: part.input(terms, ['userId', 'scope', 'endsAt']),
  concerns: ({ userId }) => [userId],
  facts: ({ scope, endsAt }) => ({ scope: scope.split(' '), endsAt }),
  async apply(transaction, { startsAt, endsAt, ...rest }, author, { vault }) {
    return { result: await grantOperator(transaction, vault, { ...rest, ...readTerm(startsAt, endsAt) }, actorOf(author)) }
  },
})
