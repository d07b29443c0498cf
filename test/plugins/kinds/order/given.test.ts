import t from 'tap'
import { beijing } from '../../../../core/base/time.ts'
import { type ConnectorDeclaration, field, input, service } from '../../../../core/connector.ts'
import { billing } from '../../../helper/bills.ts'
import { openOrders } from '../../../helper/orders.ts'
import { targets } from '../../../helper/targets.ts'

const inDays = (days: number) => beijing(Date.now() + days * 86_400_000).slice(0, 10)

/** Bills that are paid for a day within the week, to be collected at a counter that is open. */
function collected(): ConnectorDeclaration {
  const declaration = billing()
  const counters = service({
    id: 'counters',
    name: '窗口',
    section: '0',
    kind: 'list',
    audience: 'public',
    identity: 'none',
    timeoutMs: 2000,
    rate: { max: 100, perSeconds: 60 },
    inputs: {},
    fields: { counter: field.text('窗口', { code: 'ck', required: true }), open: field.flag('可选', { code: 'kx' }) },
  })
  const given = {
    collectOn: input.date('领取日期', { field: 'period', ahead: { from: 1, to: 7 } }),
    counter: input.choice('窗口', { from: 'counters', value: 'counter', open: 'open' }, { field: 'holder' }),
  }
  const services = declaration.services.map((each) =>
    each.contract.kind === 'order' ? { ...each, contract: { ...each.contract, inputs: { ...each.contract.inputs, ...given } } } : each,
  )
  const rows = [
    { ck: 'A', kx: '1' },
    { ck: 'B', kx: '0' },
  ]
  return { ...declaration, services: [...services, counters], sandbox: { ...declaration.sandbox, counters: () => rows } }
}

t.test('what an order is given is looked at before the bill is: days to come, and what the agency offers', async (t) => {
  const [target] = targets
  const { hub, post } = await openOrders(t, target as (typeof targets)[number], collected())
  const make = async (body: object) => {
    const response = await post('/v1/waterworks/orders', { body: { billNumber: 'B101', ...body } })
    return { status: response.statusCode, ...response.json() }
  }
  for (const collectOn of [inDays(0), inDays(8), '2001-01-01'])
    t.match(await make({ collectOn, counter: 'A' }), {
      status: 400,
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/collectOn', detail: `须在 ${inDays(1)} 至 ${inDays(7)} 之间` }],
    })
  for (const counter of ['B', 'C'])
    t.match(await make({ collectOn: inDays(1), counter }), {
      status: 400,
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/body/counter' }],
      choices: { parameter: 'counter', values: ['A'] },
    })
  t.equal((await hub.app.database('orders')).length, 0, 'nothing was written down')
  t.match(await make({ collectOn: inDays(1), counter: 'A' }), { status: 201 })
})
