import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as client from 'openid-client'
import t, { type Test } from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { enterpriseId, userId } from '../../helper/identity.ts'
import { verdict } from '../../helper/queries.ts'
import { type Target, targets } from '../../helper/targets.ts'
import { application, errorOf, serve } from '../../helper/third-party.ts'

const PERMIT = '/v1/desk/permit'
const BOOKING = '/v1/desk/booking'
const NONE = [404, 'HUB_NO_RECORD']
const REFUSED = [403, 'HUB_MANDATE_REQUIRED']
const DAY = 86_400_000

/** Who calls: a person, for himself or for an enterprise. */
interface Who {
  person: number
  enterprise?: number
}

const [SELF, AGENT, COLLEAGUE] = [{ person: 2 }, { person: 2, enterprise: 2 }, { person: 1, enterprise: 2 }] as const

async function until(what: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(30)) if (await what()) return true
  return false
}

async function open(t: Test, target: Target) {
  const hub = await serve(t, {
    target,
    declarations: [deskConnector()],
    sandboxTiming: { progressStepMs: 600_000 },
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
  })
  const { database } = hub.app
  const get = (url: string, who: Who) => hub.get(url, who)
  const post = (url: string, who: Who, key: string = randomUUID()) =>
    hub.post(url, { ...who, headers: { 'idempotency-key': key }, body: {} })
  const idOf = async (response: ReturnType<typeof post>) => (await response).json().data?.id as string
  return {
    hub,
    database,
    get,
    post,
    file: (who: Who, key?: string) => idOf(post(PERMIT, who, key)),
    book: (who: Who, key?: string) => idOf(post(BOOKING, who, key)),
    async listed(who: Who): Promise<unknown[]> {
      const response = await get(PERMIT, who)
      return response.statusCode === 200 ? response.json().data.map(({ id }: { id: string }) => id) : verdict(response)
    },
    async reviewed(id: string, who: Who): Promise<void> {
      if (!(await until(async () => (await get(`${PERMIT}/${id}`, who)).json().data?.state === 'reviewing')))
        throw new Error('not reviewed')
    },
    mandate: ({ person, enterprise = 0 }: Who) =>
      database('mandates').where({ user_id: userId(person), enterprise_id: enterpriseId(enterprise) }),
    /** A call with a token of the exchange. */
    async exchanged(fields: Record<string, string>, actor: number) {
      const config = await application(hub, 'sandbox-backend')
      const actor_token = await hub.token({ person: actor })
      const answer = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
        audience: 'desk',
        actor_token,
        actor_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        ...fields,
      })
      const authorization = `Bearer ${answer.access_token}`
      return {
        scope: answer.scope?.split(' ').sort(),
        get: (url: string) => hub.app.inject({ url, headers: { authorization } }),
        post: (url: string, key: string = randomUUID()) =>
          hub.app.inject({ method: 'POST', url, headers: { authorization, 'idempotency-key': key }, payload: {} }),
      }
    },
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const desk = await open(t, target)
    const { hub, database, get, post, file, book, listed, mandate, exchanged } = desk

    t.test('one key, two principals: two filings, and each token sees its own', async (t) => {
      const key = randomUUID()
      const [own, units] = [await file(SELF, key), await file(AGENT, key)]
      t.not(own, units)
      t.equal(await file(SELF, key), own, 'the same key once more')
      t.equal(await file(AGENT, key), units)
      t.same(await listed(SELF), [own])
      t.same(await listed(AGENT), [units])
      t.same((await get(PERMIT, SELF)).json().meta.page.total, 1)
      t.same(verdict(await get(`${PERMIT}/${units}`, SELF)), NONE)
      t.same(verdict(await get(`${PERMIT}/${own}`, AGENT)), NONE)
      t.same(verdict(await post(`${PERMIT}/${units}/cancel`, SELF)), NONE)
      t.same(verdict(await post(`${PERMIT}/${own}/cancel`, AGENT)), NONE)
    })

    t.test('an act likewise', async (t) => {
      const key = randomUUID()
      const [own, units] = [await book(SELF, key), await book(AGENT, key)]
      t.ok(own && units)
      t.not(own, units)
      t.equal(await book(SELF, key), own)
      t.equal(await book(AGENT, key), units)
      t.same(verdict(await get(`${BOOKING}/${units}`, SELF)), NONE)
      t.same(verdict(await get(`${BOOKING}/${own}`, AGENT)), NONE)
      t.equal((await get(`${BOOKING}/${units}`, AGENT)).statusCode, 200)
      t.same(verdict(await get(`${BOOKING}/${units}`, COLLEAGUE)), NONE, 'another agent')
    })

    t.test('an agent sees what he filed; the legal representative sees it all, and may take it back', async (t) => {
      const [his, theirs] = [await file(AGENT), await file(COLLEAGUE)]
      t.notOk((await listed(COLLEAGUE)).includes(his))
      t.same(verdict(await get(`${PERMIT}/${his}`, COLLEAGUE)), NONE)
      await mandate(COLLEAGUE).update({ role: 'legal-representative' })
      t.ok([his, theirs].every(async (id) => (await listed(COLLEAGUE)).includes(id)))
      t.same((await listed(COLLEAGUE)).slice(0, 2).sort(), [his, theirs].sort())
      t.notOk((await listed(AGENT)).includes(theirs), 'and not the other way round')
      await desk.reviewed(his, AGENT)
      // What an agent filed outlives him.
      await mandate(AGENT).update({ status: 'disabled' })
      const key = randomUUID()
      t.match((await post(`${PERMIT}/${his}/cancel`, COLLEAGUE, key)).json().data, { id: his, act: { kind: 'cancel' } })
      const act = () => database('submission_acts').where({ submission_id: his }).first()
      await until(async () => (await act()).state === 'done')
      t.match(await act(), { state: 'done', user_id: userId(1) })
      t.equal((await post(`${PERMIT}/${his}/cancel`, COLLEAGUE, key)).statusCode, 202, 'the same key once more')
      await mandate(AGENT).update({ status: 'active' })
      await mandate(COLLEAGUE).update({ role: 'agent' })
    })

    t.test('an enterprise’s filing is followed when its agent has gone, and nothing more is done for him', async (t) => {
      const id = await file(AGENT)
      await desk.reviewed(id, AGENT)
      await mandate(AGENT).update({ status: 'disabled' })
      const row = () => database('submissions').where({ id }).first()
      const { polls } = await row()
      t.ok(await until(async () => (await row()).polls > polls), 'asked about')
      t.match(await row(), { failures: 0, last_error: null })

      // Asked for while he might, and not yet sent.
      const actId = randomUUID()
      await database('submission_acts').insert({
        id: actId,
        submission_id: id,
        user_id: userId(2),
        kind: 'cancel',
        idempotency_key: randomUUID(),
        request_hash: 'x',
        request_sealed: hub.app.vault.seal('{}', `submission-act:${actId}`),
        state: 'requested',
        created_at: Date.now(),
        updated_at: Date.now(),
      })
      const act = () => database('submission_acts').where({ id: actId }).first()
      t.ok(await until(async () => (await act()).state !== 'requested'))
      t.match(await act(), { state: 'failed', last_error: 'HUB_MANDATE_REQUIRED', attempts: 0 })

      const unit = database('enterprises').where({ id: enterpriseId(2) })
      await unit.clone().update({ status: 'frozen' })
      t.ok(await until(async () => (await row()).last_error === 'HUB_ENTERPRISE_FROZEN'), 'a frozen enterprise’s waits')
      await unit.clone().update({ status: 'active' })
      await mandate(AGENT).update({ status: 'active' })
    })

    t.test('what may no longer be done may no longer be seen, nor repeated', async (t) => {
      const [key, bookingKey, ownKey] = [randomUUID(), randomUUID(), randomUUID()]
      const [id, booking, own] = [await file(AGENT, key), await book(AGENT, bookingKey), await file(SELF, ownKey)]
      const verdicts = async () => [
        verdict(await get(PERMIT, AGENT)),
        verdict(await get(`${PERMIT}/${id}`, AGENT)),
        verdict(await post(PERMIT, AGENT, key)),
        verdict(await post(`${PERMIT}/${id}/cancel`, AGENT)),
        verdict(await get(`${BOOKING}/${booking}`, AGENT)),
        verdict(await post(BOOKING, AGENT, bookingKey)),
      ]
      const all = (verdict: unknown) => Array.from({ length: 6 }, () => verdict)
      const unit = () => database('enterprises').where({ id: enterpriseId(2) })
      await unit().update({ status: 'frozen' })
      t.same(await verdicts(), all([403, 'HUB_ENTERPRISE_FROZEN']), 'enterprise frozen')
      t.ok((await listed(SELF)).includes(own), 'his own are his')
      await unit().update({ status: 'active' })
      for (const change of [
        { status: 'disabled' },
        { ends_at: Date.now() - 1 },
        { scope: 'desk.balance' },
        { starts_at: Date.now() + DAY },
      ]) {
        await mandate(AGENT).update(change)
        t.same(await verdicts(), all(REFUSED), JSON.stringify(change))
        await mandate(AGENT).update({ status: 'active', ends_at: Date.now() + DAY, scope: '*', starts_at: 0 })
      }
      await hub.app.users.access.restrict('desk', ['designated'])
      t.same(await verdicts(), all([403, 'HUB_SERVICE_NOT_OPEN']), 'service closed')
      t.same(verdict(await get(`${PERMIT}/${own}`, SELF)), [403, 'HUB_SERVICE_NOT_OPEN'])
      t.same(verdict(await post(PERMIT, SELF, ownKey)), [403, 'HUB_SERVICE_NOT_OPEN'])
      await hub.app.users.access.restrict('desk', [])
      const him = database('users').where({ id: userId(2) })
      await him.clone().update({ level: 'login' })
      hub.app.users.forget(userId(2))
      t.same(await verdicts(), all([403, 'HUB_REAL_NAME_REQUIRED']), 'no longer verified')
      await him.clone().update({ level: 'real-name' })
      hub.app.users.forget(userId(2))
      t.same((await verdicts())[1], [200, null], 'and it is there again')
    })

    t.test('a token exchanged for an enterprise is for that, and sees nothing of its agent’s own', async (t) => {
      const key = randomUUID()
      const [own, booking] = [await file(SELF, key), await book(SELF, key)]
      const type = 'urn:xuchang-hub:token-type:enterprise'
      const unit = await exchanged({ subject_token: enterpriseId(2), subject_token_type: type }, 2)
      t.same(unit.scope, ['desk.booking', 'desk.certificate', 'desk.permit'], 'what agents may use')
      t.same(verdict(await unit.get(`${PERMIT}/${own}`)), NONE)
      t.same(verdict(await unit.get(`${BOOKING}/${booking}`)), NONE)
      t.same(verdict(await unit.post(`${PERMIT}/${own}/cancel`)), NONE)
      const filed = (await unit.post(PERMIT, key)).json().data.id
      t.not(filed, own)
      t.notOk((await unit.get(PERMIT)).json().data.some(({ id }: { id: string }) => id === own))
      t.notOk((await listed(SELF)).includes(filed))
      t.ok((await listed(AGENT)).includes(filed))
      t.same(verdict(await unit.get('/v1/desk/balance')), [403, 'HUB_SCOPE_INSUFFICIENT'])
      const beyond = exchanged({ subject_token: enterpriseId(2), subject_token_type: type, scope: 'desk.balance' }, 2)
      t.equal(await errorOf(beyond), 'invalid_scope', 'a service for persons')
    })

    t.test('a guardian asks where that is declared, and files nothing', async (t) => {
      await database('mandates').insert({
        id: 'guardian',
        user_id: userId(4),
        subject_user_id: userId(6),
        role: 'guardian',
        scope: 'desk',
        status: 'active',
        granted_by: 'test',
        starts_at: 0,
        ends_at: Date.now() + DAY,
      })
      const subject = { subject_token: userId(6), subject_token_type: 'urn:xuchang-hub:token-type:ward' }
      const ward = await exchanged(subject, 4)
      t.same(ward.scope, ['desk.child-certificate'])
      for (const scope of ['desk.permit', 'desk.booking', 'desk.balance', 'desk.certificate'])
        t.equal(await errorOf(exchanged({ ...subject, scope }, 4)), 'invalid_scope', scope)
      t.same((await exchanged({ ...subject, scope: 'desk' }, 4)).scope, ['desk.child-certificate'], 'the connector: what is usable of it')
      // A token that said more, as tokens of yesterday do.
      await database('mandates').where({ id: 'guardian' }).update({ scope: '*' })
      for (const url of [PERMIT, BOOKING]) t.same(verdict(await ward.post(url)), [403, 'HUB_SCOPE_INSUFFICIENT'])
      t.equal((await database('submissions').where({ user_id: userId(6) })).length, 0)

      const CHILD = '/v1/desk/child-certificate?format=pdf'
      const documents = async (person: number) => (await get('/v1/me/documents', { person })).json().data.length
      t.equal((await ward.get(CHILD)).statusCode, 200)
      t.equal((await get(`${CHILD}&dependant=${userId(6)}`, { person: 4 })).statusCode, 200)
      t.same([await documents(4), await documents(6)], [2, 0], 'what a guardian had printed for a child is the guardian’s')
      await database('mandates').where({ id: 'guardian' }).update({ status: 'disabled' })
      t.same([await documents(4), await documents(6)], [0, 0], 'while he is one')
      t.same(verdict(await ward.get(CHILD)), REFUSED)
    })
  })
}
