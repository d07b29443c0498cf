import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { actStates } from '../../../../plugins/kinds/act/states.ts'
import { actConnector } from '../../../helper/act-connector.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { auditOf, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const RENEWAL = '/v1/library/renewal'
const declarations = [actConnector()]

interface Shown {
  id: string
  state: keyof typeof actStates
  stateName: string
  final: boolean
  statusUrl: string
  number: string | null
  term: { code: string; name: string } | null
  card: string | null
}

interface Asking {
  key?: string
  person?: number
  term?: string
  face?: boolean
}

function act(hub: Hub, path = RENEWAL, { key = randomUUID(), person = 1, term = '1', ...more }: Asking = {}) {
  return hub.post(path, { person, ...more, headers: { 'idempotency-key': key }, body: { term } })
}

/** What was told of how something ended: title and text. */
async function toldOf(hub: Hub): Promise<string[]> {
  await hub.app.messages.settle()
  const { data } = (await hub.get('/v1/me/messages')).json() as { data: { title: string; body: string }[] }
  return data.map(({ title, body }) => `${title}｜${body}`)
}

const shown = (response: { json(): unknown }) => (response.json() as { data: Shown }).data
const done = (hub: Hub) => [...(hub.app.sandbox?.counts('act').values() ?? [])].reduce((sum, count) => sum + count, 0)

async function fresh(t: Test, work: (hub: Hub, t: Test) => Promise<void>) {
  for (const target of targets) {
    await t.test(target.name, async (t) => work(await build(t, { target, declarations }), t))
  }
}

t.test('a command is done once and answered at once', async (t) => {
  await fresh(t, async (hub, t) => {
    for (const service of ['renewal', 'reservation', 'cancellation']) {
      const path = `/v1/library/${service}`
      const before = done(hub)
      const key = randomUUID()
      const first = await act(hub, path, { key })
      t.equal(first.statusCode, 200, first.body)
      const { id, ...data } = shown(first)
      t.match(data, {
        state: 'done',
        stateName: '已办理',
        final: true,
        statusUrl: `${path}/${id}`,
        number: 'J001',
        term: { code: '1', name: '一个月' },
      })
      t.equal(data.card, '************7890', 'masked')
      t.equal(first.headers['cache-control'], 'no-store')
      const again = await act(hub, path, { key })
      t.strictSame([again.statusCode, shown(again)], [200, { id, ...data }], 'the same answer')
      t.strictSame(shown(await hub.get(data.statusUrl)), { id, ...data }, 'and under its own address')
      t.equal(done(hub) - before, 1, 'done once')
      const { traceId } = (first.json() as { meta: { traceId: string } }).meta
      const rows = await auditOf(hub, traceId)
      t.strictSame(
        rows.map(({ outcome, status }) => [outcome, status]),
        [
          ['sending', 0],
          ['ok', 200],
        ],
        'the intention and the outcome are on record',
      )
      t.match(rows[1], { fields: ['number', 'term', 'card'], rows: 1, upstreamStatus: 200 })
    }
  })
})

t.test('who and what', async (t) => {
  const hub = await build(t, { declarations })
  const key = randomUUID()
  const first = shown(await act(hub, RENEWAL, { key }))
  t.strictSame(verdict(await act(hub, RENEWAL, { key, term: '2' })), [422, 'HUB_IDEMPOTENCY_CONFLICT'])
  t.strictSame(verdict(await act(hub, RENEWAL, { key: 'short' })), [400, 'HUB_IDEMPOTENCY_KEY_MISSING'])
  t.strictSame(verdict(await hub.post(RENEWAL, { body: { term: '1' } })), [400, 'HUB_IDEMPOTENCY_KEY_MISSING'])
  t.strictSame(verdict(await act(hub, RENEWAL, { term: '9' })), [400, 'HUB_VALIDATION'])
  t.strictSame(verdict(await hub.app.inject({ method: 'POST', url: RENEWAL, payload: { term: '1' } })), [401, 'HUB_TOKEN_MISSING'])
  t.strictSame(verdict(await hub.get(first.statusUrl, { person: 2 })), [404, 'HUB_NO_RECORD'], 'nobody sees what others did')
  t.not(shown(await act(hub, RENEWAL, { key, person: 2 })).id, first.id, "somebody else's key is another one")
  t.equal(done(hub), 2)
})

t.test('a face verification is spent by one act, however often it is sent', async (t) => {
  const hub = await build(t, { declarations })
  const path = '/v1/library/cancellation'
  const authorization = `Bearer ${await hub.token({ face: true })}`
  const send = (key: string) =>
    hub.app.inject({ method: 'POST', url: path, headers: { authorization, 'idempotency-key': key }, payload: { term: '1' } })
  const key = randomUUID()
  t.equal((await send(key)).statusCode, 200)
  t.equal((await send(key)).statusCode, 200, 'the same act once more')
  t.strictSame(verdict(await send(randomUUID())), [403, 'HUB_FACE_USED'])
  t.strictSame(verdict(await act(hub, path, { face: false })), [403, 'HUB_FACE_REQUIRED'])
  t.equal(done(hub), 1)
})

t.test('two at once are one', async (t) => {
  await fresh(t, async (hub, t) => {
    for (const path of [RENEWAL, '/v1/library/cancellation']) {
      const before = done(hub)
      const key = randomUUID()
      const token = `Bearer ${await hub.token()}`
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          hub.app.inject({ method: 'POST', url: path, headers: { authorization: token, 'idempotency-key': key }, payload: { term: '1' } }),
        ),
      )
      for (const answer of answers) t.match(answer.statusCode, /^20[02]$/, answer.body)
      t.equal(new Set(answers.map((answer) => shown(answer).id)).size, 1)
      t.equal(done(hub) - before, 1)
    }
  })
})

t.test('what is lost on its way is told as it is, and cleared up by asking', async (t) => {
  await fresh(t, async (hub, t) => {
    const { faults } = hub.app.sandbox ?? {}
    const key = randomUUID()
    faults?.set({ kind: 'accepted-then-reset', sid: 'lib.renew', times: 1 })
    const lost = await act(hub, RENEWAL, { key })
    t.match([lost.statusCode, shown(lost)], [202, { state: 'unclear', final: false, number: null }])
    t.equal(lost.headers['location'], shown(lost).statusUrl)
    t.ok(Number(lost.headers['retry-after']) > 0)
    t.match(shown(await hub.get(shown(lost).statusUrl)), { id: shown(lost).id, state: 'done', number: 'J001' })
    t.equal((await act(hub, RENEWAL, { key })).statusCode, 200)
    t.equal(done(hub), 1, 'never sent again')
    const told = await toldOf(hub)
    t.match(told, [/^结果已查明：已办理｜“续借”（[^）]+）的结果此前没有确认，现已查明：已办理。编号：/])
    t.match(told[0], shown(lost).id)
    t.equal(told.length, 1)

    faults?.set({ kind: 'accepted-then-reset', sid: 'lib.reserve', times: 1 })
    const path = '/v1/library/reservation'
    const unknown = await act(hub, path, { key })
    t.match([unknown.statusCode, shown(unknown).state], [202, 'unclear'])
    t.equal(shown(await hub.get(shown(unknown).statusUrl)).state, 'unclear', 'who cannot be asked leaves it open')
    t.match([(await act(hub, path, { key })).statusCode, done(hub)], [202, 2])
    t.equal((await toldOf(hub)).length, 1, 'what is still open is not told, and nothing twice')
  })
})

t.test('nobody has to look: the agency is asked by itself, and the citizen is told', async (t) => {
  const sweepMs = 50
  for (const target of targets)
    await t.test(target.name, async (t) => {
      const hub = await build(t, { target, declarations, jobs: { sweepMs } })
      const { database } = hub.app
      hub.app.sandbox?.faults.set({ kind: 'accepted-then-reset', sid: 'lib.renew', times: 1 })
      const lost = shown(await act(hub))
      const stateOf = async () => (await database('acts').where({ id: lost.id }).first()).state as string
      t.equal(await stateOf(), 'unclear', 'not before its time')
      await database('acts').where({ id: lost.id }).update({ due_at: Date.now() })
      for (const end = Date.now() + 20_000; (await stateOf()) === 'unclear' && Date.now() < end; ) await sleep(20)
      t.equal(await stateOf(), 'done')
      t.equal(done(hub), 1)
      t.match(await toldOf(hub), [/^结果已查明：已办理｜/])
      const { trace_id } = await database('acts').where({ id: lost.id }).first('trace_id')
      const looks = (await auditOf(hub, trace_id)).filter(({ action }) => action === 'status')
      t.match(looks, [{ method: 'GET', submission: lost.id }], 'on record')
      t.equal(looks.length, 1)

      hub.app.sandbox?.faults.set({ kind: 'timeout', sid: 'lib.renew', times: 1 })
      const silent = shown(await act(hub))
      await database('acts')
        .where({ id: silent.id })
        .update({ due_at: Date.now(), sent_at: Date.now() - 60_000 })
      const gone = async () => (await database('acts').where({ id: silent.id }).first()) as { state: string; due_at: number | null }
      for (const end = Date.now() + 20_000; (await gone()).state === 'unclear' && Date.now() < end; ) await sleep(20)
      t.match(await gone(), { state: 'unsent', due_at: null })
      t.match(await toldOf(hub), [/尚未办理。对方没有收到，仍需要的，请重新办理。/, /已办理/])
    })
})

t.test('an agency that stays silent has it or not', async (t) => {
  const hub = await build(t, { declarations })
  hub.app.sandbox?.faults.set({ kind: 'timeout', sid: 'lib.renew', times: 1 })
  const key = randomUUID()
  const silent = shown(await act(hub, RENEWAL, { key }))
  t.equal(silent.state, 'unclear')
  t.equal(shown(await hub.get(silent.statusUrl)).state, 'unclear', 'nothing found so soon proves nothing')
  await hub.app
    .database('acts')
    .where({ id: silent.id })
    .update({ sent_at: Date.now() - 60_000 })
  t.match(shown(await hub.get(silent.statusUrl)), { state: 'unsent', final: false })
  t.equal(done(hub), 0)
  const again = await act(hub, RENEWAL, { key })
  t.match([again.statusCode, shown(again)], [200, { id: silent.id, state: 'done' }], 'the same key tries again')
  t.equal(done(hub), 1)
})

t.test('a refusal is final, what never got there is not', async (t) => {
  const hub = await build(t, { declarations })
  const key = randomUUID()
  const { faults } = hub.app.sandbox ?? {}
  faults?.set({ kind: 'refuse-submission', sid: 'lib.renew', times: 1 })
  const refused = await act(hub, RENEWAL, { key })
  t.match(refused.json(), { status: 502, code: 'HUB_UPSTREAM_REFUSED', agency: '演示单位' })
  t.match((await act(hub, RENEWAL, { key })).json(), { status: 502, code: 'HUB_UPSTREAM_REFUSED', agency: '演示单位' })
  t.equal(done(hub), 0)

  faults?.set({ kind: 'http-503', sid: 'lib.renew', times: 1 })
  const other = randomUUID()
  t.strictSame(verdict(await act(hub, RENEWAL, { key: other })), [503, 'HUB_UPSTREAM_UNAVAILABLE'])
  t.equal((await act(hub, RENEWAL, { key: other })).statusCode, 200)
  t.equal(done(hub), 1)
})

t.test('a hub that died between send and answer does not send again', async (t) => {
  const hub = await build(t, { declarations })
  const key = randomUUID()
  const { id, statusUrl } = shown(await act(hub, '/v1/library/reservation', { key }))
  const dead = { state: 'sending', answer_sealed: null, lease_until: Date.now() + 60_000 }
  await hub.app.database('acts').where({ id }).update(dead)
  const waiting = await act(hub, '/v1/library/reservation', { key })
  t.match([waiting.statusCode, shown(waiting).state], [202, 'sending'])
  await hub.app
    .database('acts')
    .where({ id })
    .update({ lease_until: Date.now() - 1 })
  t.equal(shown(await hub.get(statusUrl)).state, 'unclear')
  t.match([(await act(hub, '/v1/library/reservation', { key })).statusCode, done(hub)], [202, 1])
})

t.test('the declaration is checked', async (t) => {
  const bend = (change: object) => {
    const connector = actConnector()
    const services = connector.services.map((service) =>
      service.contract.id === 'renewal' ? { ...service, contract: { ...service.contract, ...change } } : service,
    )
    return build(t, { declarations: [{ ...connector, services }] })
  }
  await t.rejects(bend({ upstream: { method: 'GET' } }), /library\.renewal: an act is sent with POST, PUT or DELETE/)
  await t.rejects(bend({ act: { statusSid: 'x' } }), /act\.statusSid needs act\.serial/)
  await t.rejects(bend({ rows: 'many' }), /an act answers one record/)
  await t.rejects(bend({ kind: 'query' }), /act is for services of kind act/)
  await t.rejects(bend({ cache: { seconds: 1 } }), /cache is only for public queries/)
})
