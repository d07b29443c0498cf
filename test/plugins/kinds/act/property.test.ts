import fc from 'fast-check'
import t from 'tap'
import { HubError } from '../../../../core/base/errors.ts'
import { compileService } from '../../../../core/call/service.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import { type ActContext, clearUp, perform } from '../../../../plugins/kinds/act/perform.ts'
import { type ActRow, createActRows } from '../../../../plugins/kinds/act/rows.ts'
import { type ActState, actStates, allActStates, sourcesOf } from '../../../../plugins/kinds/act/states.ts'
import { serialOf } from '../../../../plugins/kinds/serial.ts'
import { actConnector } from '../../../helper/act-connector.ts'
import { asker, openStore, type Store, self, USER } from '../../../helper/filing.ts'
import { targets } from '../../../helper/targets.ts'

/** What the agency does with the next command, and with the next question. */
const commands = [
  'ok',
  'refused',
  'not-processed',
  'lost-done',
  'lost-undone',
  'lost-late',
  'unreadable',
  'death-before',
  'death-after',
] as const
const questions = ['ok', 'refused', 'not-processed', 'unknown'] as const
type Command = (typeof commands)[number]
type Question = (typeof questions)[number]

const connector = actConnector()
const serviceOf = (id: string) => {
  const declared = connector.services.find(({ contract }) => contract.id === id)
  if (!declared) throw new Error(id)
  return compileService(connector, declared)
}
const services = { renewal: serviceOf('renewal'), reservation: serviceOf('reservation') }

class Death extends Error {}

/** An agency that counts what it did a number, and a hub that may die at any moment. */
function createWorld(store: Store) {
  let now = 1_000_000
  const rows = createActRows(store.database, store.vault, () => now)
  const did = new Map<string, number>()
  /** Cut off, and done all the same, long after: when, by act. */
  const late = new Map<string, number>()
  let mood: Command = 'ok'
  let temper: Question = 'ok'
  let current = ''

  const act = () => did.set(current, (did.get(current) ?? 0) + 1)
  const reply = (row: object) => ({
    status: 200,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify({ code: '0', data: row })),
  })
  const trouble = (delivery: 'not-processed' | 'refused' | 'unknown') =>
    new UpstreamError(delivery === 'refused' ? 'HUB_UPSTREAM_REFUSED' : 'HUB_UPSTREAM_TIMEOUT', { delivery, status: 200 })

  const upstream: Pick<import('../../../../core/upstream/upstream.ts').Upstream, 'call'> = {
    async call({ method }, read) {
      const answer = (row: object) => Object.assign(read(reply(row)), { status: 200, at: now })
      if (method === 'GET') {
        if (temper !== 'ok') throw trouble(temper)
        return answer(did.has(current) ? { jyh: 'J1', lsh: serialOf(current) } : [])
      }
      // An agency that knows serial numbers knows the second of two.
      if (did.has(current)) throw trouble('refused')
      if (mood === 'death-before') throw new Death()
      if (mood === 'refused' || mood === 'not-processed') throw trouble(mood)
      if (mood === 'lost-late') late.set(current, now + 33_000)
      if (mood === 'lost-undone' || mood === 'lost-late') throw trouble('unknown')
      act()
      if (mood === 'death-after') throw new Death()
      if (mood === 'lost-done') throw trouble('unknown')
      return answer(mood === 'unreadable' ? { jyh: { not: 'text' } } : { jyh: 'J1' })
    },
  }
  // A hub that is dead settles nothing.
  const mortal = {
    ...rows,
    settle: async (row: ActRow, to: ActState, changes = {}) => (isDying() ? Promise.reject(new Death()) : rows.settle(row, to, changes)),
  }
  const isDying = () => dying
  let dying = false
  const upstreams = new Map([
    [
      'library',
      {
        call: (async (...parameters: Parameters<typeof upstream.call>) => {
          try {
            return await upstream.call(...parameters)
          } catch (error) {
            dying = error instanceof Death
            throw error
          }
        }) as typeof upstream.call,
      },
    ],
  ])
  const context: ActContext = { rows: mortal, vault: store.vault, upstreams, announce: async () => undefined }

  return {
    did,
    rows,
    pass: (ms: number) => {
      now += ms
      for (const [id, at] of late) if (at <= now && !did.has(id)) did.set(id, 1)
    },
    late,
    /** POST with a key, as the route does it. */
    async command(service: typeof services.renewal, key: string, how: Command, asked: Question): Promise<ActRow | null> {
      ;[mood, temper, dying] = [how, asked, false]
      const keyed = { service, by: self(USER), idempotencyKey: `key-${service.contract.id}-${key}`, input: { key } }
      const earlier = await rows.find(keyed)
      current = earlier?.id ?? ''
      const who = await asker(USER)
      if (earlier && earlier.state !== 'unsent') return (await clearUp(context, service, earlier, async () => who)).row
      const began = earlier
        ? await rows.beginAgain(earlier, service, 'a'.repeat(32))
        : await rows.begin({ ...keyed, account: null, traceId: 'a'.repeat(32), faceVerification: null })
      if (!began) return null
      current = began.id
      const outcome = await perform(context, service, began, who, { term: '1' }).catch((error: unknown) => error)
      if (!(outcome instanceof Error)) return (outcome as { row: ActRow }).row
      if (!(outcome instanceof HubError) && !(outcome instanceof Death)) throw outcome
      return null
    },
  }
}

const step = fc.record({
  service: fc.constantFrom('renewal' as const, 'reservation' as const),
  key: fc.constantFrom('first', 'second'),
  how: fc.constantFrom(...commands),
  asked: fc.constantFrom(...questions),
  wait: fc.constantFrom(...[0, 1000, 31_000, 60_000]),
})

const once = { service: 'renewal', key: 'first', how: 'ok', asked: 'ok' } as const
/** Done so late that the agency has denied it before, and refused when it is sent again. */
const LATE = [
  { ...once, how: 'lost-late' as const, wait: 31_000 },
  { ...once, wait: 31_000 },
  { ...once, wait: 0 },
  { ...once, wait: 0 },
]

for (const target of targets) {
  t.test(`${target.name}: whatever happens in whatever order, nothing is done twice and no answer is taken back`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const runs = target.name === 'embedded' ? 150 : 25
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await store.database('acts').delete()
        const world = createWorld(store)
        const final = new Map<string, string>()
        for (const { service, key, how, asked, wait } of steps) {
          await world.command(services[service], key, how, asked)
          for (const row of (await store.database('acts')) as ActRow[]) {
            const before = final.get(row.id)
            if (before !== undefined && before !== `${row.state} ${row.answer_sealed}`) return false
            if (row.state === 'done' || row.state === 'refused') final.set(row.id, `${row.state} ${row.answer_sealed}`)
            // What is told is so: done means done, and what may be sent again was not.
            const times = world.did.get(row.id) ?? 0
            if (times > 1 || (row.state === 'done' && times !== 1) || (row.state === 'refused' && times > 0)) return false
            if (row.state === 'unsent' && times > 0 && !world.late.has(row.id)) return false
          }
          world.pass(wait)
        }
        return true
      }),
      { numRuns: runs, examples: [[LATE]] },
    )
  })
}

t.test('the table of states says what leads where', async (t) => {
  t.same(sourcesOf('sending'), ['unsent'], 'what may have been done is never sent again')
  for (const state of allActStates) for (const to of actStates[state].to) t.ok(sourcesOf(to).includes(state))
  t.same(
    allActStates.filter((state) => actStates[state].to.length === 0),
    ['done', 'refused'],
  )
})
