import fc from 'fast-check'
import t from 'tap'
import type { AlertReceiver } from '../../../../config/alerts.ts'
import type { Database } from '../../../../core/base/database.ts'
import { createEvaluate } from '../../../../plugins/operations/alerts/evaluate.ts'
import type { Reading, Readings } from '../../../../plugins/operations/alerts/readings.ts'
import { createAlertRows } from '../../../../plugins/operations/alerts/rows.ts'
import { type AlertRule, rulesOf, type Signal } from '../../../../plugins/operations/alerts/rules.ts'
import { createSilences } from '../../../../plugins/operations/alerts/silences.ts'
import { type AlertState, alertSources, alertStates } from '../../../../plugins/operations/alerts/states.ts'
import { createTell, type Notification } from '../../../../plugins/operations/alerts/tell.ts'
import { openStore, USER } from '../../../helper/filing.ts'
import { targets } from '../../../helper/targets.ts'

const RULE: AlertRule = {
  ...{ id: 'agency-down', title: '对方系统中断', signal: 'system-state', when: 'above', threshold: 1, severity: 'critical' },
  ...{ forSeconds: 120, repeatMinutes: 30, escalateMinutes: 60 },
}
const RECEIVERS: AlertReceiver[] = [
  {
    name: '值班',
    channels: [
      { kind: 'sms', to: ['13800000001'] },
      { kind: 'mail', to: ['a@example.org'] },
    ],
  },
  { name: '负责人', level: 2, channels: [{ kind: 'sms', to: ['13800000002'] }] },
  { name: '只看警告', severities: ['warning'], channels: [{ kind: 'sms', to: ['13800000003'] }] },
]
const MINUTE = 60_000

const down = (target = 'gas', value = 2): Reading => ({ signal: 'system-state', target, name: target, connector: target, value })

/** What watches a store: what it reads, its clock, and what it left to be sent. */
function watch(
  database: Database,
  { isPlanned = () => false, rules = [RULE] }: { isPlanned?: (connector: string) => boolean; rules?: AlertRule[] } = {},
) {
  const state: { at: number; readings: Reading[]; unknown: Signal[] } = { at: 1_800_000_000_000, readings: [], unknown: [] }
  const now = () => state.at
  const rows = createAlertRows(database)
  const silences = createSilences(database, now)
  const read = async (): Promise<Readings> => ({ readings: state.readings, unknown: new Set(state.unknown) })
  const part = () => {
    const evaluate = createEvaluate({ rows, rules, read, log: { warn: () => undefined }, now })
    const tell = createTell({ database, rows, silences, rules, receivers: RECEIVERS, isPlanned, nameOf: (target) => target, now })
    return async () => {
      await evaluate()
      await tell()
    }
  }
  const turn = part()
  let known = new Set<string>()
  return {
    state,
    rows,
    silences,
    /** Another process that looks at the same. */
    another: part,
    turn: async (readings: Reading[], minutes: number) => {
      state.at += minutes * MINUTE
      state.readings = readings
      await turn()
    },
    /** What was newly left to be sent: to whom, why, and about how many. */
    async told(): Promise<string[]> {
      const all = await database('alert_deliveries').orderBy(['receiver', 'channel'])
      const fresh = all.filter(({ id }) => !known.has(id))
      known = new Set(all.map(({ id }) => id))
      return fresh.map(({ receiver, channel, content }) => {
        const { telling, alerts } = JSON.parse(content) as Notification
        return `${receiver}${channel} ${telling} ${alerts.length}`
      })
    },
    async clear() {
      for (const table of ['alert_deliveries', 'alert_silences', 'alert_events', 'alerts']) await database(table).delete()
      known = new Set()
    },
  }
}

t.test('the table of states has ends, and no way but its own', async (t) => {
  const moves = Object.entries(alertStates).flatMap(([from, { to }]) => to.map((each) => `${from} ${each}`))
  t.same(moves.sort(), ['acknowledged resolved', 'firing acknowledged', 'firing resolved', 'pending firing', 'pending passed'])
  t.same(alertSources('resolved'), ['firing', 'acknowledged'])
})

t.test('rules of a hub: numbers changed, one turned off, one that there is not', async (t) => {
  const rules = rulesOf({ latency: { threshold: 2 }, schedule: { enabled: false } })
  t.equal(rules.find(({ id }) => id === 'latency')?.threshold, 2)
  t.notOk(rules.some(({ id }) => id === 'schedule'))
  t.throws(() => rulesOf({ lateness: {} }), /\/rules\/lateness/)
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const { database } = store
    const hub = watch(database)
    t.beforeEach(() => hub.clear())

    t.test('what lasts is told once, again until somebody is at it, higher up where nobody is, and when it is over', async (t) => {
      await hub.turn([down()], 0)
      t.same(await hub.told(), [], 'not yet')
      await hub.turn([down()], 2)
      t.same(await hub.told(), ['值班0 firing 1', '值班1 firing 1'])
      await hub.turn([down()], 1)
      t.same(await hub.told(), [])
      await hub.turn([down()], 29)
      t.same(await hub.told(), ['值班0 repeated 1', '值班1 repeated 1'])
      await hub.turn([down()], 30)
      t.same(await hub.told(), ['值班0 escalated 1', '值班1 escalated 1', '负责人0 escalated 1'])
      await hub.turn([down()], 30)
      t.same(await hub.told(), ['值班0 repeated 1', '值班1 repeated 1', '负责人0 repeated 1'])
      const [alert] = await hub.rows.open()
      const id = String(alert?.id)
      t.ok(
        await hub.rows.move(
          id,
          'acknowledged',
          { acknowledged_by: USER },
          { event: 'acknowledged', by: USER, detail: '在查' },
          hub.state.at,
        ),
      )
      await hub.turn([down()], 300)
      t.same(await hub.told(), [], 'somebody is at it')
      await hub.turn([], 1)
      t.same(await hub.told(), [], 'one look without it is no end')
      await hub.turn([], 1)
      t.same(await hub.told(), ['值班0 resolved 1', '值班1 resolved 1', '负责人0 resolved 1'])
      await hub.turn([], 5)
      t.same(await hub.told(), [])
      const found = await hub.rows.find(id)
      t.same(
        found?.events.map(({ event }) => event),
        ['fired', 'told', 'told', 'escalated', 'told', 'acknowledged', 'resolved', 'told'],
      )
      t.match(found?.events[0], { detail: '对方系统状况：中断' })
      t.match(found?.row, { state: 'resolved', acknowledged_by: USER })
      t.notOk(await hub.rows.move(id, 'acknowledged', {}, null, hub.state.at), 'what is over is over')
    })

    t.test('what passes is no alert, what comes and goes is one', async (t) => {
      await hub.turn([down()], 0)
      await hub.turn([], 1)
      await hub.turn([down()], 1)
      await hub.turn([down()], 2)
      for (const readings of [[down()], [], [down()], [], [down()]]) await hub.turn(readings, 1.5)
      t.same(await hub.told(), ['值班0 firing 1', '值班1 firing 1'])
      t.equal((await hub.rows.list({ page: 1, pageSize: 10 })).total, 1)
      t.same((await hub.rows.list({ state: 'passed', page: 1, pageSize: 10 })).rows.length, 1)
    })

    t.test('ten processes that look at once tell it once; many targets are one message', async (t) => {
      const turns = Array.from({ length: 10 }, () => hub.another())
      hub.state.readings = [down('gas'), down('water'), down('credit')]
      for (const minutes of [0, 2, 0]) {
        hub.state.at += minutes * MINUTE
        await Promise.all(turns.map((turn) => turn()))
      }
      const told = await hub.told()
      const counts = told.filter((each) => each.startsWith('值班0')).map((each) => Number(each.split(' ')[2]))
      t.equal(
        counts.reduce((sum, count) => sum + count, 0),
        3,
        told.join(),
      )
      t.equal((await hub.rows.open()).length, 3)
      for (const { id } of await hub.rows.open())
        t.equal((await hub.rows.find(id))?.events.filter(({ event }) => event === 'told').length, 1)
      await hub.clear()
      await hub.turn([down('gas'), down('water'), down('credit')], 0)
      await hub.turn([down('gas'), down('water'), down('credit')], 2)
      t.same(await hub.told(), ['值班0 firing 3', '值班1 firing 3'])
    })

    t.test('however many are wrong at once, all are told', async (t) => {
      const all = Array.from({ length: 400 }, (_, n) => down(`${'很长的系统名称'.repeat(6)}-${n}`))
      await hub.turn(all, 0)
      await hub.turn(all, 2)
      const told = (await hub.told()).filter((each) => each.startsWith('值班0'))
      t.equal(
        told.reduce((sum, each) => sum + Number(each.split(' ')[2]), 0),
        400,
      )
    })

    t.test('silenced or planned, nothing is told until the window is over', async (t) => {
      const planned = watch(database, {
        isPlanned: (connector) => connector === 'gas' && planned.state.at < 1_800_000_000_000 + 10 * MINUTE,
      })
      await planned.turn([down('gas'), down('water')], 0)
      await planned.turn([down('gas'), down('water')], 2)
      t.same(await planned.told(), ['值班0 firing 1', '值班1 firing 1'], 'water alone')
      await planned.turn([down('gas'), down('water')], 8)
      t.same(await planned.told(), ['值班0 firing 1', '值班1 firing 1'], 'gas, once its window is over')

      const until = planned.state.at + 60 * MINUTE
      const own = { rule: null, target: 'gas', from: planned.state.at, until, reason: '已知', createdBy: USER }
      const { id } = await planned.silences.add(own)
      await planned.silences.add({ ...own, rule: 'latency', target: null })
      await planned.turn([down('gas'), down('water')], 31)
      t.same(await planned.told(), ['值班0 repeated 1', '值班1 repeated 1'], 'a silence of another rule is none')
      t.ok(await planned.silences.end(id, USER))
      t.notOk(await planned.silences.end(id, USER))
      await planned.turn([down('gas'), down('water')], 0)
      t.same(await planned.told(), ['值班0 repeated 1', '值班1 repeated 1'])
    })

    t.test('of what could not be read nothing new is known; of a rule that is gone nothing is kept open', async (t) => {
      await hub.turn([down()], 0)
      await hub.turn([down()], 2)
      hub.state.unknown = ['system-state']
      await hub.turn([], 60)
      t.match(await hub.rows.open(), [{ state: 'firing' }])
      hub.state.unknown = []
      const without = watch(database, { rules: [] })
      without.state.at = hub.state.at
      await without.turn([down()], 60)
      t.same(await without.rows.open(), [])
    })

    t.test('what is old is cleared away, what is open stays', async (t) => {
      await hub.turn([down('gas'), down('water'), down('credit')], 0)
      await hub.turn([down('gas'), down('water')], 2)
      await hub.turn([down('gas')], 3)
      await hub.rows.purge(hub.state.at + 1, 0)
      t.same(
        (await hub.rows.list({ page: 1, pageSize: 10 })).rows.map(({ target }) => target),
        ['gas'],
      )
    })
  })
}

t.test('whatever happens in whatever order: one open alert at most, and nothing told of what somebody is at', async (t) => {
  const store = await openStore(targets[0] as (typeof targets)[number])
  t.teardown(() => store.close())
  const step = fc.record({ found: fc.boolean(), minutes: fc.integer({ min: 0, max: 90 }), acknowledge: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const hub = watch(store.database)
      await hub.clear()
      let before: AlertState | null = null
      for (const { found, minutes, acknowledge } of steps) {
        await hub.turn(found ? [down()] : [], minutes)
        const told = await hub.told()
        const open = await hub.rows.open()
        if (open.length > 1) return false
        if (before === 'acknowledged' && told.some((each) => !each.includes('resolved'))) return false
        if (open[0]?.state === 'pending' && told.some((each) => each.includes('firing'))) return false
        if (acknowledge && open[0]) await hub.rows.move(open[0].id, 'acknowledged', {}, null, hub.state.at)
        before = (await hub.rows.open())[0]?.state ?? null
      }
      return true
    }),
    { numRuns: 25 },
  )
})
