import { randomUUID } from 'node:crypto'
import t from 'tap'
import { build } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { auditOf, trace } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'
import { found } from '../../../helper/waiting.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN] = [1, 2, 3, 4] as const
const WHY = { purpose: '网关已恢复' }

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, messagesPace: { sweepMs: 50 }, jobs: { sweepMs: 50 }, schedules: { sweepMs: 3_600_000 } })
    const { database } = hub.app
    const overview = async () => (await call(hub, 'GET', '/admin/jobs', { person: OPERATOR })).json().data
    const typeOf = async (name: string) => (await overview()).types.find((type: { name: string }) => type.name === name)
    const dead = async (type: string) => (await call(hub, 'GET', `/admin/jobs/dead?type=${type}`, { person: AUDITOR })).json()
    const act = (id: string, does: string, person: number = OPERATOR, body: object = WHY, headers = {}) =>
      call(hub, 'POST', `/admin/jobs/${id}/${does}`, { person, body, headers })
    async function until(isSo: () => Promise<boolean>): Promise<void> {
      if (!(await found(isSo, Boolean))) throw new Error('it did not come about')
    }
    const notice = (changes: object) => {
      const id = randomUUID()
      const row = { id, topic: 'account', user_id: userId(CITIZEN), principal: 'self', about: userId(CITIZEN), once_key: id }
      const detail = JSON.stringify({ action: 'unlock', to: 'active', until: null })
      return { ...row, detail, due_at: 1, created_at: Date.now(), ...changes }
    }

    t.test('what cannot be told is tried for so long, and then waits for a person', async (t) => {
      const broken = notice({ detail: 'no JSON', failures: 16 })
      await database('notices').insert(broken)
      await until(async () => Number((await database('notices').where({ id: broken.id }).first()).failures) === 17)
      t.match(await typeOf('notices'), { waiting: 1, failed: 0 }, 'later once more')
      await database('notices').where({ id: broken.id }).update({ due_at: 1 })
      await until(async () => (await typeOf('notices')).failed === 1)
      t.match(await typeOf('notices'), { waiting: 0, due: 0, running: 0, failed: 1, oldestSeconds: null })
      const { data, meta } = await dead('notices')
      t.match(data, [{ id: broken.id, type: 'notices', about: `account ${userId(CITIZEN)}`, attempts: 18, lastError: 'SyntaxError' }])
      t.match(meta, { page: { total: 1 } })

      const detail = notice({}).detail
      await database('notices').where({ id: broken.id }).update({ detail })
      t.equal((await act(broken.id, 'replay', AUDITOR)).statusCode, 403)
      t.equal((await act(broken.id, 'replay', CITIZEN)).statusCode, 403)
      t.equal((await act(broken.id, 'replay', OPERATOR, {})).statusCode, 400, 'not without a reason')
      t.match((await act(broken.id, 'replay')).json().data, { id: broken.id, type: 'notices' })
      await until(async () => (await database('notices').where({ id: broken.id }).first()) === undefined)
      t.ok(await database('messages').where('once_key', 'like', `${broken.id}%`).first('id'), 'told after all')
      t.equal((await act(broken.id, 'replay')).statusCode, 404)
    })

    t.test('what is given up is gone, with the reason on record', async (t) => {
      const lost = notice({ dead_at: Date.now(), failures: 18 })
      for (const row of [lost, notice({ due_at: Date.now() * 2 })]) await database('notices').insert(row)
      const { traceId, headers } = trace()
      t.equal((await act(lost.id, 'drop', ADMIN, WHY, headers)).statusCode, 200)
      t.notOk(await database('notices').where({ id: lost.id }).first())
      t.match(await typeOf('notices'), { waiting: 1, failed: 0 }, 'and nothing else is')
      t.match(await auditOf(hub, traceId), [{ service: 'jobs.drop', purpose: WHY.purpose, target: lost.id }])
      t.equal((await act(randomUUID(), 'drop')).statusCode, 404)
    })

    t.test('a delivery and a day of the books, likewise', async (t) => {
      const [message, delivery, day] = [randomUUID(), randomUUID(), randomUUID()]
      const told = { id: message, user_id: userId(CITIZEN), once_key: message, topic: 'account', about: 'x', urgent: false, created_at: 1 }
      await database('messages').insert(told)
      const sent = {
        id: delivery,
        message_id: message,
        user_id: userId(CITIZEN),
        recipient: 'x',
        channel: 'sms',
        fallback: '',
        attempts: 5,
      }
      await database('message_deliveries').insert({ ...sent, state: 'failed', last_error: 'GATEWAY', created_at: 1, updated_at: 1 })
      t.match((await dead('deliveries')).data, [{ id: delivery, about: 'sms', lastError: 'GATEWAY', attempts: 5 }])
      t.equal((await act(delivery, 'drop')).statusCode, 200)
      t.equal((await database('message_deliveries').where({ id: delivery }).first()).state, 'dropped')

      const key = { connector: 'gone', channel: 'wechat', day: '2026-11-20' }
      await database('reconciliations').insert({ id: day, ...key, state: 'failed', last_error: 'NO_BILL', created_at: 1, updated_at: 1 })
      t.match((await dead('reconciliations')).data, [{ id: day, about: 'gone wechat 2026-11-20', lastError: 'NO_BILL' }])
      t.equal((await act(day, 'drop')).statusCode, 404, 'nobody gives a day’s books up')
      t.equal((await act(day, 'replay')).statusCode, 200)
      await until(async () => (await database('reconciliations').where({ id: day }).first()).last_error !== 'NO_BILL')
    })

    t.test('all types and schedules stand in the overview', async (t) => {
      const { types, schedules } = await overview()
      const names = types.map(({ name }: { name: string }) => name)
      t.same(names.sort(), [
        'alert-deliveries',
        'bookings',
        'deliveries',
        'files',
        'notices',
        'orders',
        'reconciliations',
        'revocations',
        'submissions',
        'subscriptions',
        'webhook-deliveries',
      ])
      t.match(
        schedules.find(({ name }: { name: string }) => name === 'reconciliations.plan'),
        { pattern: '30 10,14 * * *', failures: 0, lastError: null, dueAt: /T1[04]:30:00\+08:00$/ },
      )
      t.equal((await call(hub, 'GET', '/admin/jobs', { person: CITIZEN })).statusCode, 403)
    })
  })
}
