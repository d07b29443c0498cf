import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import realEstate from '../../../../connectors/real-estate/index.ts'
import { signedCallback } from '../../../../core/connector.ts'
import type { CallbackChanges } from '../../../../plugins/sandbox/callbacks.ts'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { build } from '../../../helper/hub.ts'
import { registrationBodies, withPapers } from '../../../helper/proper-filing.ts'
import { type Target, targets } from '../../../helper/targets.ts'
import { transfers } from '../../../helper/transfer.ts'
import { unhurried } from '../../../helper/unhurried.ts'

const SYSTEM = 'real-estate/wechat'
const BASE = '/v1/real-estate/first-registration'
const TAKEN = { code: '200', message: '成功' }
const UNKNOWN = { serial: '0'.repeat(20), reference: 'SX0' }

/** As an agency's filings are, but asked about once an hour: what is known earlier is known by a notice. */
const unasked = unhurried(realEstate, 3600)
/** Another agency: it knows filings by its own number, and signs with a key pair. */
const byReference = {
  ...unhurried(transfers, 3600),
  upstream: {
    ...transfers.upstream,
    callback: signedCallback({
      parts: ['query', 'bodyHash'],
      digest: { sm2: 'rs' },
      place: { query: { t: '{time}', sign: '{signature}' }, headers: { 'x-hash': '{bodyHash}' } },
      reference: 'data.sqbh',
      answer: { taken: 'success', refused: 'fail' },
    }),
  },
}

async function open(t: Test, target: Target) {
  const hub = await build(t, {
    target,
    declarations: [unasked, byReference],
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
    sandboxTiming: { progressStepMs: 3_600_000 },
  })
  const { app, get, post } = hub
  const { callbacks, timing } = app.sandbox as Sandbox
  const rowOf = (id: string) => app.database('submissions').where({ id }).first()
  return {
    hub,
    timing,
    rowOf,
    notices: () => app.database('filing_notices').orderBy('id'),
    async file(base = BASE, body: object = registrationBodies['first-registration']): Promise<string> {
      const whole = await withPapers(hub, base.slice('/v1/'.length).replace('/', '.'), body)
      const filed = await post(base, { headers: { 'idempotency-key': randomUUID() }, body: whole })
      if (filed.statusCode !== 202) throw new Error(filed.body)
      const { id } = filed.json().data
      while ((await rowOf(id)).reference_hash === null) await sleep(20)
      return id
    },
    async namesOf(id: string, base = BASE) {
      return { serial: (await rowOf(id)).serial, reference: (await get(`${base}/${id}`)).json().data.applicationNumber }
    },
    /** Hands a notice in as if it had come over the wire. */
    async hand(names: { serial: string; reference: string }, changes?: CallbackChanges, system = SYSTEM) {
      const { url, headers, body } = callbacks.make(system, names, changes)
      return app.inject({ method: 'POST', url, headers, payload: body })
    },
    async until(id: string, state: string, base = BASE) {
      for (const end = Date.now() + 30_000; ; await sleep(30)) {
        const { data } = (await get(`${base}/${id}`)).json()
        if (data.state === state) return data
        if (Date.now() > end) throw new Error(`not ${state}: ${JSON.stringify(data)}`)
      }
    },
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, timing, rowOf, notices, file, namesOf, hand, until } = await open(t, target)

    t.test('a notice makes the hub ask; what cannot be the agency’s makes it do nothing', async (t) => {
      const id = await file()
      const names = await namesOf(id)
      const due = Number((await rowOf(id)).due_at)
      t.ok(due > Date.now() + 3_000_000, 'nobody would look for an hour')
      for (const changes of [
        { forged: true },
        { unsigned: true },
        { reserialised: true },
        { swapped: names.serial },
        { as: 'waterworks' },
        { at: Date.now() - 400_000 },
        { at: Date.now() + 400_000 },
      ] as const) {
        const told = await hand('swapped' in changes ? UNKNOWN : names, changes)
        t.match([told.statusCode, told.json().code], [401, '401'], JSON.stringify(changes))
      }
      t.equal(Number((await rowOf(id)).due_at), due)
      t.same((await hand(UNKNOWN)).json(), TAKEN, 'nobody learns which filings there are')
      const verdicts = (await notices()).map(({ verdict }) => verdict)
      t.same(verdicts, [...Array(7).fill('refused'), 'taken'], 'all are on record')
      const refused = await hub.app.database('audit_rows').where({ service: 'callback', outcome: 'HUB_NOTICE_INVALID' })
      t.equal(refused.length, 7)

      timing.progressStepMs = 0
      const nonce = randomUUID()
      const first = await hand(names, { nonce })
      t.same([first.statusCode, first.json()], [200, TAKEN])
      t.match(await until(id, 'approved'), { final: true })
      t.equal((await notices()).at(-1).submission_id, id)
      for (const changes of [{ nonce }, { nonce, at: Date.now() - 400_000 }]) t.same((await hand(names, changes)).json(), TAKEN)
      t.same(
        (await notices()).slice(-2).map(({ verdict, submission_id }) => [verdict, submission_id]),
        [
          ['repeated', null],
          ['repeated', null],
        ],
      )
      t.same((await hand(names)).json(), TAKEN, 'of one that has ended')
      t.equal((await rowOf(id)).due_at, null)
    })

    t.test('what it says is not believed: the agency that is asked knows nothing of it', async (t) => {
      timing.progressStepMs = 3_600_000
      const id = await file()
      const [names, before] = [await namesOf(id), await rowOf(id)]
      t.equal((await hand(names)).statusCode, 200)
      const polls = async () => Number((await rowOf(id)).polls)
      while ((await polls()) === Number(before.polls)) await sleep(20)
      t.equal((await rowOf(id)).state, before.state)
      t.ok(Number((await rowOf(id)).due_at) > Date.now() + 3_000_000)
    })

    t.test('by the agency’s own number, under its public key', async (t) => {
      timing.progressStepMs = 3_600_000
      const [user] = await hub.app.database('users').where({ id: (await hub.app.database('submissions').first()).user_id })
      const binding = { userId: user.id, connector: 'waterworks', externalId: '10000001', unionId: null }
      await hub.app.accounts.store.bind({ ...binding, level: 'real-name', by: 'id-match' })
      const base = '/v1/waterworks/transfer'
      const id = await file(base, { phone: '13900000000' })
      const names = await namesOf(id, base)
      const elsewhere = await hand(names, {}, SYSTEM)
      t.equal(elsewhere.statusCode, 200, 'another agency may say its number')
      t.ok(Number((await rowOf(id)).due_at) > Date.now() + 3_000_000, 'and hurries nothing')
      timing.progressStepMs = 0
      t.match(await hand(names, { reserialised: true }, 'waterworks'), { statusCode: 401, body: 'fail' })
      t.match(await hand(names, { forged: true }, 'waterworks'), { statusCode: 401, body: 'fail' })
      t.match(await hand(names, {}, 'waterworks'), { statusCode: 200, body: 'success' })
      await until(id, 'approved', base)
    })

    t.test('the sandbox’s agencies send them by themselves', async (t) => {
      await hub.app.listen({ port: 0, host: '127.0.0.1' })
      timing.progressStepMs = 100
      const id = await file()
      t.match(await until(id, 'approved'), { final: true })
      const told = await hub.app.database('filing_notices').where({ submission_id: id, verdict: 'taken' })
      t.ok(told.length > 0)
    })
  })
}

t.test('what is no notice is refused, bounded, and told nothing', async (t) => {
  const { app } = await build(t, { declarations: [unasked] })
  const send = (url: string, payload: string, type = 'application/json') =>
    app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })
  const url = `/v1/callbacks/${SYSTEM}`
  t.equal((await send(url, '{"lsh":"1"}')).statusCode, 401)
  t.equal((await send(url, '<lsh>1</lsh>', 'text/xml')).statusCode, 401)
  t.equal((await send(url, '')).statusCode, 401)
  t.match((await send(url, 'x'.repeat(20_000))).json(), { code: 'HUB_BODY_TOO_LARGE' })
  for (const other of ['/v1/callbacks/real-estate', '/v1/callbacks/nobody', '/v1/callbacks/real-estate/other'])
    t.match((await send(other, '{}')).json(), { code: 'HUB_SERVICE_UNKNOWN' }, other)
})

t.test('a form that leaves a notice open is found at the start', async (t) => {
  const sound = { digest: { hmac: 'sha256' }, answer: { taken: '1', refused: '0' }, serial: 'lsh' } as const
  const headers = { x: '{signature}', t: '{time}' } as const
  const found = (parts: ('time' | 'body')[], more: object = {}) =>
    signedCallback({ ...sound, parts, place: { headers }, ...more } as Parameters<typeof signedCallback>[0]).check()
  t.same(found(['time', 'body']), [])
  t.match(found(['time']), [/the body is not signed/])
  t.match(found(['body']), [/neither time nor nonce is signed/, /the time is sent but not signed/, /the time is not signed/])
  t.match(found(['time', 'body'], { reference: 'slbh' }), [/either serial or reference/])
})
