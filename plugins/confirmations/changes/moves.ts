import { part } from '../../route-kit/part.ts'
import { change } from '../change.ts'

/** Two users who are one person. */
export const merge = change({
  title: '合并两个用户',
  permission: 'moves.change',
  payload: part.input({ from: part.id('用户编号'), into: part.id('并入的用户编号'), despite: part.text('身份不同而仍是同一人的理由') }, [
    'from',
    'into',
  ]),
  concerns: ({ from, into }) => [from, into],
  facts: ({ despite }) => (despite === undefined ? {} : { differentIdentities: despite }),
  async apply(transaction, payload, { userId: actor, reason }, { moves, forget }) {
    const id = await moves.within(transaction).merge({ ...payload, actor, reason })
    return { result: String(id), after: () => forget(payload.from) }
  },
})

/** One user who is two persons: what was bound goes to the other. */
export const split = change({
  title: '把用户的部分账户移入另一个用户',
  permission: 'moves.change',
  payload: part.input(
    { from: part.id('用户编号'), to: part.id('移入的用户编号'), accountIds: part.list('绑定编号', part.id('绑定编号')) },
    ['from', 'to', 'accountIds'],
  ),
  concerns: ({ from, to }) => [from, to],
  facts: ({ accountIds }) => ({ accountIds }),
  async apply(transaction, payload, { userId: actor, reason }, { moves }) {
    return { result: String(await moves.within(transaction).split({ ...payload, actor, reason })) }
  },
})
