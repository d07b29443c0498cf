import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ConnectorDeclaration } from '../../../../core/connector.ts'
import { checkSubmission } from '../../../../plugins/kinds/filing/check.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'
import { transfer, transfers } from '../../../helper/transfer.ts'

const BASE = '/v1/waterworks/transfer'
const CANCEL = 'waterworks.transfer-cancel'
const CHANGE = 'waterworks.transfer-change'
const policy = transfer.contract.submission as NonNullable<typeof transfer.contract.submission>

interface Options {
  person?: number
  key?: string
  face?: boolean
  body?: object
}

/** A hub in which persons 1 and 2 have a household, and what a person does there. */
async function open(
  t: Test,
  target: (typeof targets)[number],
  declarations: readonly ConnectorDeclaration[] = [transfers],
  settleMs = 400,
) {
  const hub = await build(t, {
    target,
    declarations,
    sandboxTiming: { progressStepMs: 600_000 },
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs } },
  })
  for (const [index, { id }] of people.slice(0, 2).entries())
    await hub.app.accounts.store.bind({
      userId: id,
      connector: 'waterworks',
      externalId: `1000000${index + 1}`,
      unionId: null,
      level: 'real-name',
      by: 'id-match',
    })
  const counts = new Map<string, number>()
  const upstream = hub.app.upstreams.get('waterworks')
  if (!upstream) throw new Error('no waterworks')
  const { call } = upstream
  upstream.call = (outgoing, ...more) => {
    if (outgoing.method === 'POST') counts.set(outgoing.sid, (counts.get(outgoing.sid) ?? 0) + 1)
    return call(outgoing, ...more)
  }
  const send = async (method: 'POST' | 'PATCH', url: string, { person = 1, key = randomUUID(), face = true, body = {} }: Options = {}) =>
    hub.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${await hub.token({ person, face })}`, 'idempotency-key': key },
      payload: body,
    })
  const read = async (id: string) => (await hub.get(`${BASE}/${id}`)).json().data
  const until = async (id: string, test: (data: ReturnType<typeof JSON.parse>) => boolean) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(30)) {
      const data = await read(id)
      if (test(data)) return data
    }
    throw new Error(`not reached: ${JSON.stringify(await read(id))}`)
  }
  const file = async () => {
    const id: string = (await send('POST', BASE, { body: { phone: '13900000000' } })).json().data.id
    await until(id, ({ state }) => state === 'reviewing')
    return id
  }
  return {
    hub,
    counts,
    read,
    until,
    file,
    settled: (id: string) => until(id, ({ act }) => !['requested', 'sending'].includes(act?.state)),
    cancel: (id: string, options?: Options) => send('POST', `${BASE}/${id}/cancel`, options),
    change: (id: string, options?: Options) => send('PATCH', `${BASE}/${id}`, options),
    fault: (kind: 'accepted-then-reset' | 'reset' | 'http-503' | 'refuse-submission', sid: string, times = 1) =>
      hub.app.sandbox?.faults.set({ kind, sid, times }),
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const place = await open(t, target)
    const { hub, counts, file, cancel, change, settled, until, read, fault } = place
    t.beforeEach(() => counts.clear())

    t.test('a filing is withdrawn, once, by its owner', async (t) => {
      const id = await file()
      t.equal((await read(id)).act, null)
      const key = randomUUID()
      const asked = await cancel(id, { key, body: { reason: '不办了' } })
      t.equal(asked.statusCode, 202)
      t.equal(asked.headers['location'], `${BASE}/${id}`)
      t.match(asked.json().data, { id, act: { kind: 'cancel' } })
      t.match(await settled(id), { state: 'withdrawn', stateName: '已撤回', final: true, act: { state: 'done', stateName: '已办理' } })
      const again = await cancel(id, { key, body: { reason: '不办了' } })
      t.match([again.statusCode, again.json().data.state], [202, 'withdrawn'], 'the same key answers the same')
      t.equal((await cancel(id, { key, body: { reason: '别的' } })).json().code, 'HUB_IDEMPOTENCY_CONFLICT')
      const late = await cancel(id)
      t.match([late.statusCode, late.json().code], [409, 'HUB_FILING_STATE'])
      t.match(late.json().detail, /已撤回/)
      t.equal(counts.get(CANCEL), 1)
      const { history } = await read(id)
      t.same(
        history.map(({ state }: { state: string }) => state),
        ['filed', 'sending', 'submitted', 'reviewing', 'withdrawn'],
      )
      const events = await hub.app.database('submission_act_events').orderBy('id')
      t.same(
        events.map(({ from_state, to_state }) => [from_state, to_state]),
        [
          [null, 'requested'],
          ['requested', 'sending'],
          ['sending', 'done'],
        ],
      )
      const [row] = await hub.app.database('submission_acts')
      t.notMatch(JSON.stringify(row), /不办了/)
    })

    t.test('a filing is changed, and goes on', async (t) => {
      const id = await file()
      t.equal((await change(id, { body: { phone: '1' } })).json().code, 'HUB_VALIDATION')
      t.equal((await change(id, { body: { phone: '13911112222' } })).statusCode, 202)
      t.match(await settled(id), { state: 'reviewing', final: false, phone: /^139.*2222$/, act: { kind: 'change', state: 'done' } })
      t.equal(counts.get(CHANGE), 1)
    })

    t.test('who may not', async (t) => {
      const id = await file()
      for (const response of [await cancel(id, { person: 2 }), await cancel(randomUUID())])
        t.match([response.statusCode, response.json().code], [404, 'HUB_NO_RECORD'])
      t.equal((await cancel(id, { key: 'short' })).json().code, 'HUB_IDEMPOTENCY_KEY_MISSING')
      t.equal((await cancel(id, { body: { nothing: 1 } })).json().code, 'HUB_VALIDATION')
      t.equal((await hub.app.inject({ method: 'POST', url: `${BASE}/${id}/cancel` })).statusCode, 401)
      t.equal((await read(id)).act, null)
      if (hub.app.sandbox) Object.assign(hub.app.sandbox.timing, { progressStepMs: 0 })
      await until(id, ({ state }) => state === 'approved')
      t.equal((await cancel(id)).json().code, 'HUB_FILING_STATE', 'too late')
      if (hub.app.sandbox) Object.assign(hub.app.sandbox.timing, { progressStepMs: 600_000 })
      t.equal(counts.get(CANCEL), undefined)
    })

    t.test('an outcome that is open is asked for, and nothing is sent twice', async (t) => {
      for (const [kind, state, act] of [
        ['accepted-then-reset', 'withdrawn', 'done'],
        ['reset', 'reviewing', 'failed'],
        ['refuse-submission', 'reviewing', 'refused'],
      ] as const) {
        const id = await file()
        counts.clear()
        fault(kind, CANCEL)
        t.equal((await cancel(id)).statusCode, 202)
        t.match(await settled(id), { state, act: { state: act } }, kind)
        t.equal(counts.get(CANCEL), 1, kind)
        if (act === 'done') continue
        t.equal((await cancel(id)).statusCode, 202, 'anew, by the applicant’s own wish')
        t.match(await settled(id), { state: 'withdrawn', act: { state: 'done' } })
      }
    })

    t.test('what surely did not arrive is sent again, a few times', async (t) => {
      const id = await file()
      fault('http-503', CHANGE)
      await change(id, { body: { phone: '13933334444' } })
      t.match(await settled(id), { phone: /4444$/, act: { state: 'done' } })
      t.equal(counts.get(CHANGE), 2)
      fault('http-503', CHANGE, 10)
      counts.clear()
      await change(id, { body: { phone: '13955556666' } })
      t.match(await settled(id), { phone: /4444$/, act: { state: 'failed' } })
      t.equal(counts.get(CHANGE), policy.maxAttempts)
      hub.app.sandbox?.faults.clear()
    })

    t.test('of two at once, one is done', async (t) => {
      const id = await file()
      const both = await Promise.all([cancel(id), cancel(id)])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [202, 409])
      await settled(id)
      t.equal(counts.get(CANCEL), 1)
    })

    t.test('one at a time: while the outcome of one is open, there is no other', async (t) => {
      const slow = await open(t, target, [transfers], 600_000)
      const id = await slow.file()
      slow.fault('reset', CANCEL)
      t.equal((await slow.cancel(id)).statusCode, 202)
      const busy = await slow.cancel(id)
      t.match([busy.statusCode, busy.json().code], [409, 'HUB_FILING_STATE'])
      t.match(busy.json().detail, /上一次操作|正在办理/)
      t.equal(slow.counts.get(CANCEL), 1)
    })

    t.test('OpenAPI shows both', async (t) => {
      const { paths } = (await hub.get('/openapi.json')).json()
      t.match(paths[`${BASE}/{id}/cancel`].post, { operationId: 'waterworks.transfer.cancel', description: /已报送、审核中、待补正/ })
      t.match(paths[`${BASE}/{id}`].patch, { operationId: 'waterworks.transfer.change' })
    })
  })
}

t.test('a face verification is spent by an act as by a filing', async (t) => {
  const face = { maxAgeSeconds: 300, once: true }
  const services = transfers.services.map((service) =>
    service === transfer ? { ...service, contract: { ...transfer.contract, identity: 'face' as const, face } } : service,
  )
  const [target] = targets
  const place = await open(t, target as (typeof targets)[number], [{ ...transfers, services }])
  const id = await place.file()
  t.equal((await place.cancel(id, { face: false })).json().code, 'HUB_FACE_REQUIRED')
  const key = randomUUID()
  t.equal((await place.cancel(id, { key })).statusCode, 202)
  t.equal((await place.cancel(id, { key, face: false })).statusCode, 202, 'a repeat needs none')
  t.equal((await hubSpent(place.hub)).length, 2)
})

const hubSpent = ({ app }: Hub) => app.database('spent_face_verifications')

t.test('mistakes in a declaration are named', async (t) => {
  const { contract } = transfer
  const problems = (changes: Partial<typeof policy>) => checkSubmission('x', { ...contract, submission: { ...policy, ...changes } })
  const { cancel, change } = policy
  if (!cancel || !change) return t.bailout('no acts')
  t.same(problems({}), [])
  t.match(problems({ cancel: { ...cancel, when: [] } }), [/cancel: there is no state/])
  t.match(problems({ cancel: { ...cancel, when: ['filed'] } }), [/does not have a filing that is filed/])
  t.match(problems({ cancel: { ...cancel, when: ['approved'] } }), [/no way from approved to withdrawn/])
  t.match(problems({ cancel: { ...cancel, to: 'refused' } }), [/no rule of progress leads to refused/])
  t.match(problems({ cancel: { ...cancel, sid: change.sid } }), [/the sid is taken/, /the sid is taken/])
  t.match(problems({ change: { ...change, inputs: { phone: cancel.inputs?.['reason'] } } as never }), [/must name the field/])
})
