import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { compileService } from '../../../../core/call/service.ts'
import type { SourceRow } from '../../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import { type actStates, assertActMove } from '../../../../plugins/kinds/filing/act-states.ts'
import { type ActRow, createActRows, createActs } from '../../../../plugins/kinds/filing/acts.ts'
import { createDelivery } from '../../../../plugins/kinds/filing/delivery.ts'
import { createSubmissionRows } from '../../../../plugins/kinds/filing/rows.ts'
import { statesOf } from '../../../../plugins/kinds/filing/states.ts'
import { createSubmissions } from '../../../../plugins/kinds/filing/submissions.ts'
import { type DeliveryContext, defaultPace, type Sender } from '../../../../plugins/kinds/filing/task.ts'
import { asker, openStore, type Store, self, USER } from '../../../helper/filing.ts'
import { targets } from '../../../helper/targets.ts'
import { transfer, transfers } from '../../../helper/transfer.ts'

const service = compileService(transfers, transfer)
const states = statesOf(transfer.contract.submission)

/** What the agency does with a cancellation, and with a question. */
type Cancelling = 'ok' | 'ok-silent' | 'not-processed' | 'refused' | 'unknown-done' | 'unknown-undone'
type Asking = 'ok' | 'not-processed' | 'unknown'

function createAgency(cancels: Cancelling[], gets: Asking[]) {
  const agency = { filed: 0, arrived: 0, cancelled: false }
  const row = (serial: unknown): SourceRow => ({ lsh: serial, sqbh: 'A1', blzt: agency.cancelled ? '04' : '01' })
  const trouble = (delivery: 'not-processed' | 'refused' | 'unknown') =>
    new UpstreamError(delivery === 'refused' ? 'HUB_UPSTREAM_REFUSED' : 'HUB_UPSTREAM_TIMEOUT', { delivery })

  function cancel(serial: unknown): SourceRow[] {
    const mood = cancels.shift() ?? 'ok'
    if (mood === 'not-processed') throw trouble(mood)
    agency.arrived++
    if (mood === 'refused') throw trouble(mood)
    if (mood !== 'unknown-undone') agency.cancelled = true
    if (mood.startsWith('unknown')) throw trouble('unknown')
    return mood === 'ok' ? [row(serial)] : []
  }

  const call: Sender['call'] = async ({ method, sid, params }) => {
    const serial = params['lsh']
    if (method === 'GET') {
      const mood = gets.shift() ?? 'ok'
      if (mood !== 'ok') throw trouble(mood)
      return { rows: agency.filed > 0 ? [row(serial)] : [], total: null, status: 200 }
    }
    if (sid !== service.sid) return { rows: cancel(serial), total: null, status: 200 }
    agency.filed++
    return { rows: [row(serial)], total: null, status: 200 }
  }
  return Object.assign(agency, { call })
}

function createHub(store: Store, agency: ReturnType<typeof createAgency>) {
  let time = Date.UTC(2026, 0, 31)
  const now = () => time
  const { database, vault } = store
  const context: DeliveryContext = {
    rows: createSubmissionRows(database, now, () => states),
    acts: createActRows(database, now),
    vault,
    services: new Map([[service.key, service]]),
    upstreams: new Map([['waterworks', agency]]),
    asker,
    audit: async () => {},
    log: { error: () => {}, warn: () => {} } as never,
    pace: { ...defaultPace, random: () => 0.5, patience: 6 },
  }
  const common = { database, vault, wake: () => {}, now }
  const submissions = createSubmissions({ ...common, policyOf: () => transfer.contract.submission })
  const acts = createActs(common)
  return {
    context,
    submissions,
    acts,
    async untilDue(id: string) {
      const { due_at, lease_until } = await database('submissions').where({ id }).first()
      if (due_at === null) return false
      time = Math.max(time, Number(due_at), Number(lease_until))
      return true
    },
  }
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
    audit: (note) => touch(() => context.audit(note)),
    upstreams: new Map([...context.upstreams].map(([key, upstream]) => [key, { call: (...call) => touch(() => upstream.call(...call)) }])),
  }
}

for (const target of targets) {
  t.test(`${target.name}: whatever fails and whoever dies, an act arrives at most once and ends truly`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const { database } = store
    const script = fc.record({
      cancels: fc.array(fc.constantFrom<Cancelling>('ok', 'ok-silent', 'not-processed', 'refused', 'unknown-done', 'unknown-undone'), {
        maxLength: 4,
      }),
      gets: fc.array(fc.constantFrom<Asking>('ok', 'ok', 'not-processed', 'unknown'), { maxLength: 8 }),
      crashes: fc.array(fc.nat({ max: 9 }), { maxLength: 5 }),
    })
    const property = fc.asyncProperty(script, async ({ cancels, gets, crashes }) => {
      const agency = createAgency(cancels, gets)
      const { context, submissions, acts, untilDue } = createHub(store, agency)
      const request = { service, by: self(USER), input: {}, idempotencyKey: randomUUID(), faceVerification: null }
      const { submission } = await submissions.accept({ ...request, account: { externalId: '10000001' }, traceId: '0'.repeat(32) })
      const { id } = submission
      const rowOf = () => database('submissions').where({ id }).first()
      while ((await rowOf()).state !== 'reviewing' && (await untilDue(id))) await createDelivery(context)(id)
      await untilDue(id)
      await acts.request({ ...request, kind: 'cancel', submissionId: id, idempotencyKey: randomUUID() })
      const actOf = (): Promise<ActRow> => Promise.resolve(database('submission_acts').where({ submission_id: id }).first())
      for (let steps = 0; ['requested', 'sending'].includes((await actOf()).state); steps++) {
        if (steps > 60) throw new Error('no end')
        await untilDue(id)
        const [crashAt] = crashes.splice(0, 1)
        await createDelivery(crashAt === undefined ? context : mortal(context, crashAt))(id).catch((error) => {
          if (error !== DEAD) throw error
        })
      }
      if (agency.arrived > 1) throw new Error(`arrived ${agency.arrived} times`)
      if (agency.filed !== 1) throw new Error(`filed ${agency.filed} times`)
      const { state } = await actOf()
      if (state === 'done' && !agency.cancelled) throw new Error('done, and not cancelled')
      if ((state === 'failed' || state === 'refused') && agency.cancelled) throw new Error(`${state}, and cancelled`)
      for (let steps = 0; agency.cancelled && steps < 20 && (await untilDue(id)); steps++) await createDelivery(context)(id)
      if (agency.cancelled && (await rowOf()).state !== 'withdrawn') throw new Error('cancelled, and not followed')
      await assertRecorded(store, id)
    })
    await fc.assert(property, { numRuns: database.engine === 'sqlite' ? 150 : 25 })
  })
}

/** Every change of an act stands in its log, and every one is legal. */
async function assertRecorded({ database }: Store, submissionId: string): Promise<void> {
  const act: ActRow = await database('submission_acts').where({ submission_id: submissionId }).first()
  let at: keyof typeof actStates | null = null
  for (const { from_state, to_state } of await database('submission_act_events').where({ act_id: act.id }).orderBy('id')) {
    if (from_state !== at) throw new Error(`the log breaks at ${from_state} after ${at}`)
    if (at) assertActMove(at, to_state)
    at = to_state
  }
  if (act.state !== at) throw new Error(`the log ends at ${at}, the act at ${act.state}`)
}
