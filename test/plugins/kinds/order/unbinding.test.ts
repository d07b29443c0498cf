import { randomUUID } from 'node:crypto'
import t from 'tap'
import { people } from '../../../../plugins/sandbox/people.ts'
import { openOrders } from '../../../helper/orders.ts'
import { targets } from '../../../helper/targets.ts'

const ROUNDS = 16

for (const target of targets)
  t.test(`an account is not unbound while an order for it is being made: ${target.name}`, async (t) => {
    const { hub, make, post } = await openOrders(t, target)
    const { store } = hub.app.accounts
    const userId = people[2]?.id ?? ''
    const binding = { userId, connector: 'waterworks', externalId: '10000003', unionId: null, level: 'real-name', by: 'id-match' } as const
    const authorization = `Bearer ${await hub.token({ person: 3, face: true })}`
    const seen = { made: 0, unbound: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await store.bind(binding)
      const unbinding = hub.app.inject({ method: 'DELETE', url: `/v1/me/accounts/${id}`, headers: { authorization } })
      const [order, gone] = await Promise.all([make('B301', { person: 3, key: `race-${randomUUID()}` }), unbinding])
      if (order.status === 201) seen.made++
      else t.match(order, { status: 403, code: 'HUB_ACCOUNT_UNBOUND' })
      if (gone.statusCode === 204) seen.unbound++
      else t.match([gone.statusCode, gone.json().code], [409, 'HUB_ACCOUNT_HELD'])
      t.not(order.status === 201, gone.statusCode === 204, 'one of the two, never both')
      if (order.status === 201) t.equal((await post(`${order.statusUrl}/close`, { person: 3 })).statusCode, 200)
    }
    t.equal(seen.made + seen.unbound, ROUNDS)
  })
