import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { HubError } from '../../../../core/base/errors.ts'
import type { SubmissionState } from '../../../../core/contract/filing-states.ts'
import type { SourceRow } from '../../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import type { Acting } from '../../../../plugins/access/principal.ts'
import { createDelivery } from '../../../../plugins/kinds/filing/delivery.ts'
import { isFinal, stateOf } from '../../../../plugins/kinds/filing/progress.ts'
import type { Submission } from '../../../../plugins/kinds/filing/reader.ts'
import { createSubmissionRows, type SubmissionRow } from '../../../../plugins/kinds/filing/rows.ts'
import { hubStates, statesOf } from '../../../../plugins/kinds/filing/states.ts'
import { type AcceptRequest, createSubmissions } from '../../../../plugins/kinds/filing/submissions.ts'
import type { Sender } from '../../../../plugins/kinds/filing/task.ts'
import { backOff, type DeliveryContext, defaultPace, type StepNote } from '../../../../plugins/kinds/filing/task.ts'
import { toView } from '../../../../plugins/kinds/filing/views.ts'
import { serialOf } from '../../../../plugins/kinds/serial.ts'
import { asker, OTHER_USER, openStore, type Store, self, USER, withdrawal } from '../../../helper/filing.ts'
import { targets } from '../../../helper/targets.ts'

const { names, canMove, pathTo } = statesOf(withdrawal.contract.submission)

const START = Date.UTC(2026, 0, 31, 1, 30)

const machineOf = () => statesOf(withdrawal.contract.submission)

/** What the agency does with the next POST or GET; beyond the script everything goes well. */
type Posting = 'ok' | 'not-processed' | 'refused' | 'unknown-filed' | 'unknown-unfiled' | 'late-filed' | 'unreadable'
type Asking = 'ok' | 'not-processed' | 'unknown' | 'refused' | 'foreign'

/** An agency that counts filings a serial, and never notices that it has one already. */
function createAgency(now: () => number, posts: Posting[] = [], gets: Asking[] = []) {
  const filings = new Map<string, number>()
  const late: { at: number; serial: string }[] = []
  const sent: { method: string; params: Record<string, unknown> }[] = []
  const agency = {
    filings,
    sent,
    status: '01',
    row: (serial: string): SourceRow => ({ lsh: serial, sqbh: `A${serial.slice(0, 6)}`, sqzt: agency.status }),
  }
  const file = (serial: string) => filings.set(serial, (filings.get(serial) ?? 0) + 1)
  const trouble = (delivery: 'not-processed' | 'refused' | 'unknown') =>
    new UpstreamError(delivery === 'refused' ? 'HUB_UPSTREAM_REFUSED' : 'HUB_UPSTREAM_TIMEOUT', { delivery })

  function post(serial: string): SourceRow[] {
    const mood = posts.shift() ?? 'ok'
    if (mood === 'late-filed') late.push({ at: now() + 20_000, serial })
    if (mood === 'ok' || mood === 'unknown-filed' || mood === 'unreadable') file(serial)
    if (mood === 'ok') return [agency.row(serial)]
    if (mood === 'unreadable') return [{ lsh: serial, sqbh: { not: 'text' } }]
    throw trouble(mood === 'not-processed' || mood === 'refused' ? mood : 'unknown')
  }

  function get(serial: string): SourceRow[] {
    const mood = gets.shift() ?? 'ok'
    if (mood === 'foreign') return [agency.row('f'.repeat(32))]
    if (mood !== 'ok') throw trouble(mood)
    return filings.has(serial) ? [agency.row(serial)] : []
  }

  const call: Sender['call'] = async ({ method, params }) => {
    for (const filing of late.splice(0)) filing.at <= now() ? file(filing.serial) : late.push(filing)
    sent.push({ method, params })
    const rows = method === 'POST' ? post(String(params['lsh'])) : get(String(params['lsh']))
    return { rows, total: null, status: 200 }
  }
  return Object.assign(agency, { call })
}

/** A hub with a clock of its own, one agency, and what it wrote. */
function createHub(store: Store, posts: Posting[] = [], gets: Asking[] = [], changes: Partial<DeliveryContext> = {}) {
  let time = START
  const now = () => time
  const agency = createAgency(now, posts, gets)
  const notes: StepNote[] = []
  const errors: object[] = []
  const woken: [string, number][] = []
  const context: DeliveryContext = {
    rows: createSubmissionRows(store.database, now, machineOf),
    vault: store.vault,
    services: new Map([[withdrawal.key, withdrawal]]),
    upstreams: new Map([['fund', agency]]),
    asker,
    audit: async (note) => void notes.push(note),
    log: { error: (entry: object) => void errors.push(entry), warn: () => {} } as never,
    pace: { ...defaultPace, random: () => 0.5, patience: 6 },
    ...changes,
  }
  const submissions = createSubmissions({
    database: store.database,
    vault: store.vault,
    wake: (...call) => woken.push(call),
    policyOf: () => withdrawal.contract.submission,
    now,
  })
  const row = async (id: string) => (await store.database('submissions').where({ id }).first()) as SubmissionRow

  return {
    agency,
    context,
    notes,
    errors,
    woken,
    submissions,
    row,
    step: createDelivery(context),
    now,
    pass: (ms: number) => (time += ms),
    accept: async () => (await submissions.accept(newRequest())).submission.id,
    /** Moves the clock to when the row may be claimed next; false when never. */
    async untilDue(id: string) {
      const { due_at, lease_until } = await row(id)
      if (due_at === null) return false
      time = Math.max(time, due_at, lease_until)
      return true
    },
    state: async (id: string) => (await row(id)).state,
  }
}

function newRequest(changes: Partial<AcceptRequest> = {}): AcceptRequest {
  return {
    service: withdrawal,
    by: self(USER),
    input: { amount: 100 },
    idempotencyKey: randomUUID(),
    traceId: '0'.repeat(32),
    faceVerification: randomUUID(),
    ...changes,
  }
}

t.test('the table of states', async (t) => {
  for (const from of names) {
    for (const to of names) {
      const path = pathTo(from, to)
      let at = from
      for (const next of path ?? []) {
        t.ok(canMove(at, next), `${from} → ${to} walks ${at} → ${next}`)
        at = next
      }
      if (path) t.equal(at, to)
    }
  }
  t.same(pathTo('sending', 'arrived'), ['submitted', 'arrived'])
  t.equal(pathTo('approved', 'reviewing'), null)
  t.equal(pathTo('refused', 'submitted'), null)
})

t.test('progress rules', async (t) => {
  const policy = withdrawal.contract.submission ?? t.bailout('no policy')
  t.equal(stateOf(policy as never, { applicationStatus: { code: '05', name: '销户' } }), 'closed')
  t.equal(stateOf(policy as never, { applicationStatus: { code: '04', name: '到账' } }), 'arrived', 'by name')
  t.equal(stateOf(policy as never, { applicationStatus: { code: '77', name: '77' } }), null)
  t.equal(stateOf(policy as never, { applicationStatus: null }), null)
  t.equal(stateOf({ progress: [{ state: 'filed', when: {} }] }, {}), null, 'an agency cannot hand a filing back to the hub')
  const states = { arrived: { title: '已到账', after: ['approved'] } }
  const both = { states, progress: [{ state: 'arrived' as const, when: { paid: ['true'], open: ['false'] } }] }
  t.equal(stateOf(both as never, { paid: true, open: true }), null, 'all named fields must match')
  t.equal(stateOf(both as never, { paid: true, open: false }), 'arrived')
  t.ok(isFinal('closed', policy as never))
  t.notOk(isFinal('arrived', policy as never), 'an account is still to be closed')
  t.ok(isFinal('arrived', both as never), 'nothing lies further along')
  t.ok(isFinal('submitted', { progress: [] }))
})

t.test('back-off', async (t) => {
  const pace = { ...defaultPace, random: () => 1 }
  t.same(
    [1, 2, 3, 9, 10, 500].map((failures) => backOff(pace, failures)),
    [1000, 2000, 4000, 256_000, 300_000, 300_000],
  )
  t.equal(backOff({ ...pace, random: () => 0 }, 3), 2000, 'half of it is jitter')
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const first = createSubmissions({ database: store.database, vault: store.vault, wake: () => {} })
    const second = createSubmissions({ database: store.second, vault: store.vault, wake: () => {} })

    t.test('twenty requests with one key are one submission', async (t) => {
      const request = newRequest()
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? first : second).accept({ ...request, faceVerification: `face-${index}` })),
      )
      t.equal(new Set(results.map(({ submission }) => submission.id)).size, 1)
      t.equal(results.filter(({ replayed }) => !replayed).length, 1)
      const spent = await store.database('spent_face_verifications').where({ submission_id: results[0]?.submission.id })
      t.equal(spent.length, 1, 'one face verification is spent')
      t.equal((await first.findByKey(request))?.id, results[0]?.submission.id)
    })

    t.test('the same key with other content, or in other letters', async (t) => {
      const request = newRequest({ idempotencyKey: 'Key-aaaaaaaa', input: { amount: 1, note: 'x' } })
      const { submission } = await first.accept(request)
      await t.rejects(first.accept({ ...request, input: { amount: 2 } }), { code: 'HUB_IDEMPOTENCY_CONFLICT' })
      const enterpriseId = randomUUID()
      const by: Acting = { ...request.by, principal: `enterprise:${enterpriseId}`, enterpriseId }
      const forAnother = await first.accept({ ...request, by, faceVerification: randomUUID() })
      t.notOk(forAnother.replayed, 'for another principal it is another submission')
      t.equal((await first.accept({ ...request, by })).submission.id, forAnother.submission.id)
      const again = await first.accept({ ...request, input: { note: 'x', amount: 1 }, faceVerification: null })
      t.equal(again.submission.id, submission.id, 'order of members plays no part, nor does a face verification')
      const upper = await first.accept({ ...request, idempotencyKey: 'KEY-AAAAAAAA', faceVerification: randomUUID() })
      t.not(upper.submission.id, submission.id)
      const other = await first.accept({ ...request, by: self(OTHER_USER) })
      t.not(other.submission.id, submission.id, 'a key belongs to its user')
      for (const idempotencyKey of ['', 'short', 'a'.repeat(129), 'with space', '中文中文中文中文']) {
        await t.rejects(first.accept(newRequest({ idempotencyKey })), { code: 'HUB_IDEMPOTENCY_KEY_MISSING' })
      }
    })

    t.test('a face verification is spent once', async (t) => {
      const request = newRequest()
      await first.accept(request)
      const stepUp = { method: 'face', maxAgeSeconds: 300, once: true }
      const counted = await store.database('submissions').count({ n: '*' }).first()
      await t.rejects(first.accept({ ...request, idempotencyKey: randomUUID() }), { code: 'HUB_FACE_USED', extras: { stepUp } })
      await t.rejects(first.accept(newRequest({ faceVerification: null })), { code: 'HUB_FACE_REQUIRED', extras: { stepUp } })
      t.same(await store.database('submissions').count({ n: '*' }).first(), counted, 'a refusal leaves no row')
      const race = await Promise.allSettled(
        [first, second, first, second].map((hub) => hub.accept(newRequest({ faceVerification: 'raced-for' }))),
      )
      t.equal(race.filter(({ status }) => status === 'fulfilled').length, 1)
    })

    t.test('only one’s own, sealed, newest first', async (t) => {
      const { submissions, accept, pass } = createHub(store)
      const total = (await submissions.list(self(USER), withdrawal, { page: 1, pageSize: 1 })).total
      const ids = [await accept(), pass(1), await accept(), pass(1), await accept()].filter((id) => typeof id === 'string')
      t.equal((await submissions.read(self(USER), withdrawal, ids[0] as string))?.createdAt, '2026-01-31T09:30:00+08:00')
      t.equal(await submissions.read(self(OTHER_USER), withdrawal, ids[0] as string), null)
      t.equal((await submissions.list(self(USER), withdrawal, { page: 1, pageSize: 2 })).total, total + 3)
      const row = await store.database('submissions').where({ id: ids[0] }).first()
      t.notMatch(JSON.stringify(row), /amount/, 'the request is sealed')
    })

    t.test('to the end: filed once, followed to 销户', async (t) => {
      const hub = createHub(store)
      const id = await hub.accept()
      t.equal(hub.woken[0]?.[0], id)
      t.equal(await hub.step(id), (await hub.row(id)).due_at, 'a step says when the next is due')
      t.equal(await hub.state(id), 'submitted')
      t.equal(await hub.step(id), null, 'nothing is due yet')
      for (const [status, state] of [
        ['01', 'submitted'],
        ['03', 'approved'],
        ['02', 'approved'],
        ['04', 'arrived'],
        ['05', 'closed'],
      ]) {
        hub.agency.status = status as string
        t.ok(await hub.untilDue(id))
        await hub.step(id)
        t.equal(await hub.state(id), state, `${status}`)
      }
      const found = await hub.submissions.read(self(USER), withdrawal, id)
      t.match(found, { final: true, stateName: '已销户', lastError: null, attempts: 1, progress: { applicationStatus: { code: '05' } } })
      t.same(
        found?.history.map(({ state }) => state),
        ['filed', 'sending', 'submitted', 'approved', 'arrived', 'closed'],
      )
      t.notOk(await hub.untilDue(id), 'no more questions')
      t.same(hub.agency.sent[0], { method: 'POST', params: { sfzh: '41100219900101000X', je: 100, lsh: serialOf(id) } })
      t.same(hub.agency.sent[1], { method: 'GET', params: { sfzh: '41100219900101000X', lsh: serialOf(id) } })
      t.same(
        hub.notes.slice(0, 3).map(({ action, outcome }) => [action, outcome]),
        [
          ['delivery', 'sending'],
          ['delivery', 'ok'],
          ['status', 'ok'],
        ],
      )
      t.same(hub.notes[1]?.fields, ['applicationNumber', 'applicationStatus'])
    })

    t.test('what a caller sees', async (t) => {
      const hub = createHub(store)
      hub.agency.row = (serial) => ({ lsh: serial, sqbh: 'A1', yhzh: '6217000000001234' })
      const id = await hub.accept()
      const before = toView(withdrawal, (await hub.submissions.read(self(USER), withdrawal, id)) as Submission)
      t.match(before, { state: 'filed', applicationNumber: null, applicationTime: '2026-01-31T09:30:00+08:00' })
      t.same(before['applicationStatus'], { code: 'filed', name: '已提交' })
      await hub.step(id)
      const after = toView(withdrawal, (await hub.submissions.read(self(USER), withdrawal, id)) as Submission)
      t.match(after, { state: 'submitted', applicationNumber: 'A1', bankAccount: '************1234', history: Array })
    })

    t.test('nothing is sent that is not on record', async (t) => {
      let down = true
      const audit = async () => {
        if (down) throw new HubError('HUB_AUDIT_UNAVAILABLE')
      }
      const hub = createHub(store, [], [], { audit })
      const id = await hub.accept()
      await hub.step(id)
      t.same(hub.agency.sent, [])
      t.match(await hub.row(id), { state: 'filed', attempts: 0, last_error: 'HUB_AUDIT_UNAVAILABLE' })
      down = false
      await hub.untilDue(id)
      await hub.step(id)
      t.equal(await hub.state(id), 'submitted')
    })

    t.test('an unclear send is cleared up, never repeated blindly', async (t) => {
      const hub = createHub(store, ['late-filed'])
      const id = await hub.accept()
      await hub.step(id)
      t.match(await hub.row(id), { state: 'sending', last_error: 'HUB_UPSTREAM_TIMEOUT', sent_at: START })
      while ((await hub.state(id)) === 'sending' && (await hub.untilDue(id))) await hub.step(id)
      t.equal(await hub.state(id), 'submitted', '“nothing found” is not believed while the agency may still be at work')
      t.same([...hub.agency.filings.values()], [1])
    })

    t.test('an unreadable answer, foreign rows, a refused question: a person looks, and a retry asks first', async (t) => {
      const hub = createHub(store, ['unreadable'], ['foreign', 'refused', 'unknown'])
      const id = await hub.accept()
      for (let steps = 0; steps < 10 && (await hub.untilDue(id)); steps++) await hub.step(id)
      t.equal(await hub.state(id), 'attention')
      t.equal((await hub.submissions.read(self(USER), withdrawal, id))?.final, false)
      t.ok(await hub.submissions.retry(id))
      t.notOk(await hub.submissions.retry(id), 'only once')
      await hub.step(id)
      t.equal(await hub.state(id), 'submitted')
      t.equal(hub.agency.sent.filter(({ method }) => method === 'POST').length, 1)
    })

    t.test('an operator settles', async (t) => {
      const asker = async () => {
        throw new HubError('HUB_USER_DISABLED')
      }
      const hub = createHub(store, [], [], { asker })
      const [one, two] = [await hub.accept(), await hub.accept()]
      await hub.step(one)
      await hub.step(two)
      t.match(await hub.row(one), { state: 'attention', last_error: 'HUB_USER_DISABLED', due_at: null })
      t.same(hub.agency.sent, [])
      t.ok(await hub.submissions.resolve(one, 'refused'))
      t.ok(await hub.submissions.resolve(two, 'submitted'))
      t.equal((await hub.submissions.read(self(USER), withdrawal, one))?.final, true)
      t.match(await hub.row(two), { state: 'submitted', due_at: hub.now() })
      t.notOk(await hub.submissions.resolve(one, 'submitted'))
    })

    t.test('what never reached the agency is tried again, with growing waits', async (t) => {
      const hub = createHub(store, Array(20).fill('not-processed'))
      const id = await hub.accept()
      const waits: number[] = []
      while (await hub.untilDue(id)) {
        const next = await hub.step(id)
        if (next !== null) waits.push(next - hub.now())
      }
      t.same(waits, [750, 1500, 3000, 6000, 12_000])
      t.match(await hub.row(id), { state: 'attention', attempts: 6, unclear: 0, sent_at: null })
    })

    t.test('a refusal ends it; after a repeated send it is looked into first', async (t) => {
      const plain = createHub(store, ['refused'])
      const id = await plain.accept()
      await plain.step(id)
      t.match(await plain.row(id), { state: 'refused', due_at: null, last_error: 'HUB_UPSTREAM_REFUSED' })

      const repeated = createHub(store, ['unknown-unfiled', 'refused'])
      const again = await repeated.accept()
      while (await repeated.untilDue(again)) await repeated.step(again)
      t.equal(await repeated.state(again), 'refused')
      t.equal(repeated.agency.sent.at(-1)?.method, 'GET')
    })

    t.test('troubles while polling change no state; another filing’s number is no news', async (t) => {
      const hub = createHub(store, [], ['unknown', 'not-processed', 'foreign', 'refused'])
      const id = await hub.accept()
      await hub.step(id)
      for (let polls = 0; polls < 4; polls++) {
        await hub.untilDue(id)
        await hub.step(id)
        t.equal(await hub.state(id), 'submitted')
      }
      hub.agency.row = (serial) => ({ lsh: serial, sqbh: 'another', sqzt: '05' })
      await hub.untilDue(id)
      await hub.step(id)
      t.match(await hub.row(id), { state: 'submitted', failures: 5, last_error: 'HUB_UPSTREAM_INVALID' })
    })

    t.test('a row belongs to one worker at a time, and to nobody whose lease ran out', async (t) => {
      const hub = createHub(store)
      const id = await hub.accept()
      const claims = await Promise.all(Array.from({ length: 8 }, () => hub.context.rows.claim(id, 1000)))
      const [mine, ...others] = claims.filter((claim) => claim !== null)
      t.ok(mine)
      t.equal(others.length, 0)
      t.notOk((await hub.context.rows.due(1000)).includes(id))
      hub.pass(1000)
      t.ok((await hub.context.rows.due(1000)).includes(id))
      t.ok(await hub.context.rows.claim(id, 1000))
      t.equal(await hub.context.rows.save(mine as SubmissionRow, ['sending'], {}), null)
      t.equal(await hub.state(id), 'filed')
    })

    t.test('whatever happens: filed at most once, and it comes to an end', async () => {
      const posting = fc.constantFrom<Posting>(
        'ok',
        'not-processed',
        'refused',
        'unknown-filed',
        'unknown-unfiled',
        'late-filed',
        'unreadable',
      )
      const asking = fc.constantFrom<Asking>('ok', 'ok', 'not-processed', 'unknown', 'refused', 'foreign')
      const script = fc.record({
        posts: fc.array(posting, { maxLength: 6 }),
        gets: fc.array(asking, { maxLength: 8 }),
        crashes: fc.array(fc.nat({ max: 9 }), { maxLength: 4 }),
        progress: fc.shuffledSubarray(['01', '02', '03', '04', '77']),
        end: fc.constantFrom('05', '09'),
      })
      const property = fc.asyncProperty(script, async ({ posts, gets, crashes, progress, end }) => {
        const hub = createHub(store, posts, gets)
        const id = await hub.accept()
        const last = await live(hub, id, crashes, [...progress, ...(progress.includes('04') ? ['05'] : [end])])
        if (last === 'attention') {
          await hub.submissions.retry(id)
          const retried = await live(hub, id, [], ['05'])
          if (!['closed', 'rejected', 'refused', 'attention'].includes(retried)) throw new Error(`ended as ${retried} after a retry`)
        } else if (!['closed', 'rejected', 'refused'].includes(last)) throw new Error(`ended as ${last}`)
        const filed = hub.agency.filings.get(serialOf(id)) ?? 0
        if (filed > 1) throw new Error(`filed ${filed} times`)
        await assertHistory(store, id)
      })
      await fc.assert(property, { numRuns: store.database.engine === 'sqlite' ? 120 : 25 })
    })
  })
}

/** Steps until nothing is due; the process dies at the given interactions and another takes over. */
async function live(hub: ReturnType<typeof createHub>, id: string, crashes: number[], progress: string[]): Promise<SubmissionState> {
  const plan = [...crashes]
  for (let steps = 0; await hub.untilDue(id); steps++) {
    if (steps > 300) throw new Error('no end')
    const [crashAt] = plan.splice(0, 1)
    const context = crashAt === undefined ? hub.context : mortal(hub.context, crashAt)
    await createDelivery(context)(id).catch((error) => {
      if (error !== DEAD) throw error
    })
    const { state } = await hub.row(id)
    if (state !== 'filed' && state !== 'sending') hub.agency.status = progress.splice(0, 1)[0] ?? hub.agency.status
  }
  return hub.state(id)
}

const DEAD = new Error('the process died')

/** Everything a step touches, of a process that dies before or after its n-th touch. */
function mortal(context: DeliveryContext, crashAt: number): DeliveryContext {
  let left = crashAt
  const touch = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left-- <= 0) throw DEAD
    const result = await work()
    if (left-- <= 0) throw DEAD
    return result
  }
  const { rows } = context
  return {
    ...context,
    rows: { ...rows, claim: (...call) => touch(() => rows.claim(...call)), save: (...call) => touch(() => rows.save(...call)) },
    asker: (...call) => touch(() => context.asker(...call)),
    audit: (note) => touch(() => context.audit(note)),
    upstreams: new Map([...context.upstreams].map(([key, upstream]) => [key, { call: (...call) => touch(() => upstream.call(...call)) }])),
  }
}

async function assertHistory({ database }: Store, id: string): Promise<void> {
  const events = await database('submission_events').where({ submission_id: id }).orderBy('id')
  let at: SubmissionState | null = null
  for (const { from_state, to_state } of events) {
    if (from_state !== at) throw new Error(`the history breaks at ${from_state} after ${at}`)
    if (at && !canMove(at, to_state)) throw new Error(`${at} → ${to_state}`)
    at = to_state
  }
  const row = await database('submissions').where({ id }).first()
  if (row.state !== at) throw new Error(`the history ends at ${at}, the row at ${row.state}`)
}

t.test('docs/submissions.md draws the hub’s table, all of it and nothing else', async (t) => {
  const drawing = readFileSync(new URL('../../../../docs/submissions.md', import.meta.url), 'utf8')
  const drawn = [...drawing.matchAll(/^ {4}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} → ${to}`)
  const table = Object.entries(hubStates).flatMap(([from, { to }]) => to.map((next) => `${from} → ${next}`))
  t.same(drawn.toSorted(), table.toSorted())
})
