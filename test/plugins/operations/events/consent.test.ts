import t from 'tap'
import { enter, listen, send, words } from '../../../helper/hall.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { verdict } from '../../../helper/queries.ts'
import { readSchema } from '../../../helper/schema.ts'
import { targets } from '../../../helper/targets.ts'

const PATH = '/v1/me/statistics-consent'
const [CITIZEN, OTHER, THIRD] = [2, 3, 4] as const

const ask = (hub: Hub, method: 'GET' | 'PUT' | 'DELETE', person: number = CITIZEN) => call(hub, method, PATH, { person })
const handOut = (hub: Hub, person: number = CITIZEN) => call(hub, 'POST', `${PATH}/slips`, { person })
const given = async (hub: Hub, person: number): Promise<boolean> => (await ask(hub, 'GET', person)).json().data.given

/** Everything that the hub keeps, as text. */
async function everything({ app: { database } }: Hub): Promise<string> {
  const tables = [...new Set((await readSchema(database)).map(({ table }) => table))]
  return JSON.stringify(await Promise.all(tables.map((table) => database(table))))
}

for (const target of targets)
  t.test(`${target.name}: who agrees himself is one of so many, and nobody knows which`, async (t) => {
    const hub = await build(t, { target, env: { STATISTICS_FEWEST_PEOPLE: '1' } })
    const purpose = '接入应用内统计'
    const names = { page: { '/home': '首页' } }
    await call(hub, 'POST', '/admin/event-sources', { person: 1, body: { id: 'app', name: '我的许昌', names, purpose } })
    const tell = async (more: object) => {
      const payload = { source: 'app', events: [{ kind: 'page', name: '/home' }], ...more }
      t.equal((await hub.app.inject({ method: 'POST', url: '/v1/events', payload })).statusCode, 202)
    }
    const counted = async () => {
      await hub.app.events.flush()
      const [row] = (await call(hub, 'GET', '/admin/statistics/pages?by=source', { person: 1 })).json().data
      return [row.times, row.installs]
    }

    await t.test('nobody takes part before he said so, whatever an app says', async (t) => {
      t.match((await ask(hub, 'GET')).json().data, { given: false, since: null })
      t.match([...verdict(await handOut(hub)), (await handOut(hub)).json().detail], [409, 'HUB_REQUEST_STATE', /没有同意/])
      await tell({ consent: true, install: 'b'.repeat(32) })
      await tell({ install: 'c'.repeat(48) })
      await tell({})
      t.same(await counted(), [3, null])
    })

    await t.test('with his consent he is handed slips, each of which is one installation', async (t) => {
      const said = (await ask(hub, 'PUT')).json().data
      t.match(said, { given: true, since: /^20/ })
      t.same((await ask(hub, 'PUT')).json().data, said, 'said again it is the same')
      const handed = await handOut(hub)
      t.equal(handed.statusCode, 201)
      t.equal(handed.headers['cache-control'], 'no-store')
      const { slip, lastDay } = handed.json().data
      t.match(lastDay, /^\d{4}-\d{2}-\d{2}$/)
      const second = (await handOut(hub)).json().data.slip
      await tell({ install: slip })
      await tell({ install: slip, consent: true })
      t.same(await counted(), [5, 1])
      await tell({ install: second, consent: false })
      t.same(await counted(), [6, 1], 'where the app was told otherwise')
      await tell({ install: second })
      t.same(await counted(), [7, 2])
      const kept = await everything(hub)
      for (const text of [slip, second]) t.notMatch(kept, text)
      t.notMatch(hub.logged(), slip)
      t.same(verdict(await handOut(hub, OTHER)), [409, 'HUB_REQUEST_STATE'], 'another one said nothing')

      t.equal((await ask(hub, 'DELETE')).statusCode, 204)
      t.match((await ask(hub, 'GET')).json().data, { given: false, since: /^20/ })
      t.same(verdict(await handOut(hub)), [409, 'HUB_REQUEST_STATE'])
      await ask(hub, 'PUT')
      t.equal((await handOut(hub)).statusCode, 201)
      const rows: { record: string }[] = await hub.app.database('audit_rows').where('service', 'like', 'me.statistics-consent.%')
      const acts = rows.map(({ record }) => JSON.parse(record)).filter(({ outcome }) => outcome === 'ok')
      t.equal(acts.filter(({ service }) => service === 'me.statistics-consent.give').length, 3)
      t.equal(acts.filter(({ service }) => service === 'me.statistics-consent.withdraw').length, 1)
      t.ok(acts.every(({ user }) => /^[0-9a-f]{32}$/.test(user)))
      t.equal((await hub.app.inject({ method: 'PUT', url: PATH })).statusCode, 401)
    })

    await t.test('of two accounts of one person what he said last holds, and what he withdrew stays withdrawn', async (t) => {
      const { moves } = hub.app.accounts
      const merge = () => moves.merge({ from: userId(CITIZEN), into: userId(OTHER), actor: 'cli:test', reason: '同一人', despite: '试' })
      let move = await merge()
      t.ok(await given(hub, OTHER), 'comes along')
      await moves.undo(move)
      t.same([await given(hub, CITIZEN), await given(hub, OTHER)], [true, false], 'as before')

      move = await merge()
      await ask(hub, 'DELETE', OTHER)
      await moves.undo(move)
      t.same([await given(hub, CITIZEN), await given(hub, OTHER)], [false, false])

      const earlier = (person: number, given: boolean, ms: number) =>
        hub.app
          .database('statistics_consents')
          .where({ user_id: userId(person) })
          .update({ given, said_at: Date.now() - ms })
      await earlier(CITIZEN, true, 2000)
      await earlier(OTHER, false, 1000)
      move = await merge()
      t.notOk(await given(hub, OTHER), 'his own later word')
      await moves.undo(move)
      t.ok(await given(hub, CITIZEN), 'what the other one had said before says nothing of him')
    })

    await t.test('who leaves takes it with him', async (t) => {
      await ask(hub, 'PUT', THIRD)
      t.equal((await hub.post('/v1/me/deregister', { person: THIRD })).statusCode, 204)
      t.same(await hub.app.database('statistics_consents').where({ user_id: userId(THIRD) }), [])
    })
  })

t.test('the page of the ledger says it, and has the switch', async (t) => {
  const hub = await build(t)
  const origin = await listen(hub)
  const browser = await enter(hub, origin, { person: CITIZEN })
  const action = '/hall/statistics-consent'
  const page = await browser.open('/hall/ledger')
  t.match(words(page), /使用统计.*您不参与使用统计。.*同意参与/)
  const forged = await browser.open(action, { method: 'POST', body: new URLSearchParams({ seal: 'x', do: 'on' }) })
  t.equal(forged.status, 400)
  t.equal((await fetch(`${origin}${action}`, { method: 'POST', body: new URLSearchParams({ do: 'on' }) })).status, 401)
  t.notOk(await given(hub, CITIZEN))
  const done = await send(browser, page, { do: 'on' }, { action })
  t.same([done.status, done.location?.endsWith('/hall/ledger')], [303, true])
  t.ok(await given(hub, CITIZEN))
  const after = await browser.open('/hall/ledger')
  t.match(words(after), /您参与使用统计（.* 起）。.*不再参与/)
  await send(browser, after, { do: 'off' }, { action })
  t.notOk(await given(hub, CITIZEN))
})
