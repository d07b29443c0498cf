import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { people } from '../../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'
import { transfers } from '../../../helper/transfer.ts'

const userId = people[0]?.id ?? ''

/** What the hub sends to the agency from here on. */
function overhear({ app }: Hub): { method: string; params: Record<string, unknown> }[] {
  const heard: { method: string; params: Record<string, unknown> }[] = []
  const upstream = app.upstreams.get('waterworks')
  if (!upstream) throw new Error('no waterworks')
  const { call } = upstream
  upstream.call = (outgoing, ...more) => {
    heard.push({ method: outgoing.method, params: outgoing.params })
    return call(outgoing, ...more)
  }
  return heard
}

for (const target of targets) {
  t.test(`${target.name}: a filing keeps the number under which it was accepted`, async (t) => {
    const hub = await build(t, { target, declarations: [transfers], sandboxTiming: { progressStepMs: 1500 }, jobs: { sweepMs: 100 } })
    const { store } = hub.app.accounts
    const bind = (externalId: string) =>
      store.bind({ userId, connector: 'waterworks', externalId, unionId: null, level: 'real-name', by: 'id-match' })
    const file = (query = '', key: string = randomUUID()) =>
      hub.post(`/v1/waterworks/transfer${query}`, { body: { phone: '13900000000' }, headers: { 'idempotency-key': key } })

    const unbound = await file()
    t.match([unbound.statusCode, unbound.json().code], [403, 'HUB_ACCOUNT_UNBOUND'])
    t.equal((await hub.app.database('submissions')).length, 0)

    const first = await bind('10000001')
    const heard = overhear(hub)
    const accepted = await file()
    t.equal(accepted.statusCode, 202)
    // Bound elsewhere before the worker has done more than its first step.
    await store.unbind(userId, first.id)
    await bind('10000009')
    const { id, statusUrl } = accepted.json().data
    const row = await hub.app.database('submissions').where({ id }).first()
    t.notMatch(row.account_sealed, /10000001/)
    for (let state = ''; state !== 'approved'; await sleep(50)) state = (await hub.get(statusUrl)).json().data.state
    t.equal(heard.filter(({ method }) => method === 'POST').length, 1)
    t.ok(heard.filter(({ method }) => method === 'GET').length > 0)
    for (const { params } of heard) t.equal(params['hh'], '10000001')

    const second = await bind('10000002')
    const several = await file()
    t.match([several.statusCode, several.json().code], [409, 'HUB_SEVERAL_RECORDS'])
    const key = randomUUID()
    t.equal((await file(`?binding=${second.id}`, key)).statusCode, 202)
    t.equal((await file(`?binding=${second.id}`, key)).statusCode, 202, 'asked again, it is the same')
    t.equal((await file('', key)).json().code, 'HUB_IDEMPOTENCY_CONFLICT', 'and another is another')
    t.equal((await file(`?binding=${randomUUID()}`)).json().code, 'HUB_ACCOUNT_UNBOUND', 'nobody else’s')
    t.notMatch(hub.logged(), /1000000[129]/)
  })
}
