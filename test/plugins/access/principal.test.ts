import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { HubError } from '../../../core/base/errors.ts'
import { compileService } from '../../../core/call/service.ts'
import { recognise } from '../../../plugins/access/authorise.ts'
import { type Acting, actingOf, type Principal, seenBy } from '../../../plugins/access/principal.ts'
import { createStanding } from '../../../plugins/access/standing.ts'
import { createSubmissions } from '../../../plugins/kinds/filing/submissions.ts'
import { createUsers, type User } from '../../../plugins/users/users.ts'
import { deskConnector } from '../../helper/desk-connector.ts'
import { openStore, type Store } from '../../helper/filing.ts'
import { targets } from '../../helper/targets.ts'

const idOf = (kind: string, index: number) => `${kind}0000000-0000-4000-8000-00000000000${index}`
const USERS = [1, 2, 3].map((index) => idOf('b', index))
const UNITS = [1, 2].map((index) => idOf('c', index))
const CHILD = idOf('d', 1)

/** What may be said of somebody's right to act for somebody: as it is kept, and whether it holds now. */
const terms = {
  agent: { role: 'agent', holds: true },
  representative: { role: 'legal-representative', holds: true },
  ended: { role: 'agent', status: 'disabled', holds: false },
  formerRepresentative: { role: 'legal-representative', ends_at: 1, holds: false },
  notYet: { role: 'agent', starts_at: Date.now() + 3_600_000, holds: false },
  elsewhere: { role: 'agent', scope: 'desk.booking', holds: false },
  narrow: { role: 'agent', scope: 'desk.permit', holds: true },
} as const
type Term = keyof typeof terms

/** For whom a token is. */
type For = 'self' | 'child' | number

interface Filing {
  id: string
  user: number
  for: For
  key: string
}

/** The rule, in so many words: what somebody with a token for somebody sees, or why he is turned away. */
function createRule() {
  const filings: Filing[] = []
  const mandates = new Map<string, Term>()
  const guardians = new Set<number>()
  const frozen = new Set<number>()
  const service = { isClosed: false }

  function refusal(user: number, acting: For): string | null {
    if (service.isClosed) return 'HUB_SERVICE_NOT_OPEN'
    if (acting === 'self') return null
    if (acting === 'child') return guardians.has(user) ? null : 'HUB_MANDATE_REQUIRED'
    const term = mandates.get(`${user} ${acting}`)
    if (term === undefined || !terms[term].holds) return 'HUB_MANDATE_REQUIRED'
    return frozen.has(acting) ? 'HUB_ENTERPRISE_FROZEN' : null
  }

  function sees(user: number, acting: For, filing: Filing): boolean {
    if (filing.for !== acting) return false
    return filing.user === user || (typeof acting === 'number' && mandates.get(`${user} ${acting}`) === 'representative')
  }

  return { filings, mandates, guardians, frozen, service, refusal, sees }
}

type Rule = ReturnType<typeof createRule>

type Step =
  | { do: 'file'; user: number; acting: For; key: string }
  | { do: 'look'; user: number; acting: For }
  | { do: 'mandate'; user: number; unit: number; term: Term }
  | { do: 'guardian'; user: number; is: boolean }
  | { do: 'freeze'; unit: number; is: boolean }
  | { do: 'close'; is: boolean }

const user = fc.nat({ max: USERS.length - 1 })
const unit = fc.nat({ max: UNITS.length - 1 })
const acting: fc.Arbitrary<For> = fc.oneof(fc.constant('self' as const), fc.constant('child' as const), { arbitrary: unit, weight: 3 })
const key = fc.constantFrom('key-aaaa', 'key-bbbb')
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('file' as const), user, acting, key }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('look' as const), user, acting }), weight: 4 },
  {
    arbitrary: fc.record({ do: fc.constant('mandate' as const), user, unit, term: fc.constantFrom(...(Object.keys(terms) as Term[])) }),
    weight: 4,
  },
  fc.record({ do: fc.constant('guardian' as const), user, is: fc.boolean() }),
  fc.record({ do: fc.constant('freeze' as const), unit, is: fc.boolean() }),
  fc.record({ do: fc.constant('close' as const), is: fc.boolean() }),
)

/** The counter's filing, made for children too, which no connector may declare: so that the rule is tried on all principals. */
function permitFor() {
  const connector = deskConnector()
  const declared = connector.services.find(({ contract }) => contract.id === 'permit')
  if (!declared) throw new Error('no permit')
  return compileService(connector, { ...declared, contract: { ...declared.contract, dependants: true } })
}

async function createWorld({ database, vault }: Store) {
  const permit = permitFor()
  const users = createUsers(database, vault)
  const standing = createStanding(database)
  const submissions = createSubmissions({ database, vault, wake: () => undefined })
  const now = Date.now()
  for (const [index, id] of [...USERS, CHILD].entries())
    await database('users').insert({
      id,
      issuer: 'test',
      subject: id,
      status: 'active',
      level: 'real-name',
      name_sealed: vault.seal(`某${index}`, `users.name:${id}`),
      id_type: '01',
      id_number_sealed: vault.seal(`41100219900101000${index}`, `users.id_number:${id}`),
      id_number_hash: String(index),
      created_at: now,
      updated_at: now,
    })
  for (const [index, id] of UNITS.entries())
    await database('enterprises').insert({ id, name: `示例${index}`, uscc: `91411000MA000${index}`, status: 'active', created_at: now })

  async function entrust(row: Record<string, unknown>) {
    const { user_id, enterprise_id = null, subject_user_id = null } = row
    await database('mandates').where({ user_id, enterprise_id, subject_user_id }).delete()
    const preset = { scope: '*', status: 'active', granted_by: 'test', starts_at: 0, ends_at: now + 86_400_000, created_at: now }
    await database('mandates').insert({ id: randomUUID(), ...preset, ...row })
  }

  /** Who acts for whom, as the routes find it out; throws where he may not. */
  async function admitted(who: number, acting: For): Promise<Acting> {
    const found = await users.byId(USERS[who] ?? '')
    const enterprise = typeof acting === 'number' ? (UNITS[acting] ?? '') : null
    const caller = { user: found as User, claims: { connector: null, enterprise } as never }
    const asker = await recognise(permit, caller, users, acting === 'child' ? CHILD : undefined)
    const represents = asker.enterprise !== null && (await standing.represents(found.id, asker.enterprise.id, permit.key))
    return actingOf(asker, represents)
  }

  return {
    permit,
    submissions,
    admitted,
    async reset() {
      for (const table of ['submission_events', 'submissions', 'mandates']) await database(table).delete()
      await database('enterprises').update({ status: 'active' })
      await users.access.restrict('desk', [])
    },
    /** → the id, new or of the filing with this key. */
    async file(who: number, acting: For, idempotencyKey: string): Promise<string> {
      const request = { service: permit, by: await admitted(who, acting), input: {}, idempotencyKey, traceId: '0'.repeat(32) }
      return (await submissions.accept({ ...request, faceVerification: null })).submission.id
    },
    mandate: (who: number, where: number, term: Term) => {
      const { holds: _, ...row } = terms[term]
      return entrust({ ...row, user_id: USERS[who], enterprise_id: UNITS[where] })
    },
    guardian: (who: number, is: boolean) =>
      entrust({ user_id: USERS[who], subject_user_id: CHILD, role: 'guardian', status: is ? 'active' : 'disabled' }),
    freeze: (where: number, is: boolean) =>
      database('enterprises')
        .where({ id: UNITS[where] })
        .update({ status: is ? 'frozen' : 'active' }),
    close: (is: boolean) => users.access.restrict('desk', is ? ['designated'] : []),
  }
}

type World = Awaited<ReturnType<typeof createWorld>>

const codeOf = (error: unknown) => (error instanceof HubError ? error.code : String(error))

/** Compares everything that somebody sees with what the rule says. */
async function look(world: World, rule: Rule, who: number, acting: For): Promise<void> {
  const refusal = rule.refusal(who, acting)
  const reader = await world.admitted(who, acting).catch(codeOf)
  if (typeof reader === 'string' || refusal !== null) {
    if (reader !== refusal) throw new Error(`${JSON.stringify(reader)} instead of ${refusal}`)
    return
  }
  const expected = rule.filings.filter((filing) => rule.sees(who, acting, filing)).map(({ id }) => id)
  const { rows, total } = await world.submissions.list(reader, world.permit, { page: 1, pageSize: 100 })
  const found = rows.map(({ id }) => id)
  if (total !== expected.length || [...found].sort().join() !== [...expected].sort().join())
    throw new Error(`lists ${found} for ${expected}`)
  for (const filing of rule.filings) {
    const isRead = (await world.submissions.read(reader, world.permit, filing.id)) !== null
    if (isRead !== expected.includes(filing.id)) throw new Error(`${isRead ? 'reads' : 'does not read'} ${JSON.stringify(filing)}`)
  }
}

async function take(world: World, rule: Rule, step: Step): Promise<void> {
  if (step.do === 'look') return look(world, rule, step.user, step.acting)
  if (step.do === 'file') {
    const { user, acting, key } = step
    const refusal = rule.refusal(user, acting)
    const id = await world.file(user, acting, key).catch(codeOf)
    const earlier = rule.filings.find((filing) => filing.user === user && filing.for === acting && filing.key === key)
    const isRight = refusal === null ? id === (earlier?.id ?? id) && !id.startsWith('HUB_') : id === refusal
    if (!isRight) throw new Error(`${id} instead of ${refusal ?? earlier?.id ?? 'a filing'}`)
    if (refusal === null && !earlier) rule.filings.push({ id, user, for: acting, key })
    if (rule.filings.filter((filing) => filing.id === id).length > 1) throw new Error('one filing for two')
  }
  if (step.do === 'mandate') {
    await world.mandate(step.user, step.unit, step.term)
    rule.mandates.set(`${step.user} ${step.unit}`, step.term)
  }
  if (step.do === 'guardian') {
    await world.guardian(step.user, step.is)
    rule.guardians[step.is ? 'add' : 'delete'](step.user)
  }
  if (step.do === 'freeze') {
    await world.freeze(step.unit, step.is)
    rule.frozen[step.is ? 'add' : 'delete'](step.unit)
  }
  if (step.do === 'close') {
    await world.close(step.is)
    rule.service.isClosed = step.is
  }
}

t.test(
  'whatever happens in whatever order, everybody sees what is his to see now, and one key files once for each principal',
  async (t) => {
    const [embedded] = targets
    if (!embedded) throw new Error('no store')
    const store = await openStore(embedded)
    t.teardown(() => store.close())
    const world = await createWorld(store)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
        await world.reset()
        const rule = createRule()
        for (const each of steps) await take(world, rule, each)
        for (const who of USERS.keys()) for (const acting of ['self', 'child', 0, 1] as const) await look(world, rule, who, acting)
      }),
      { numRuns: 80 },
    )
  },
)

t.test('of rows that belong to somebody, everybody sees exactly the rule’s', async (t) => {
  const principal: fc.Arbitrary<Principal> = fc.constantFrom('self', 'enterprise:a', 'enterprise:b', 'dependant:a')
  const name = fc.constantFrom('anna', 'bert')
  fc.assert(
    fc.property(name, principal, fc.boolean(), name, principal, (userId, own, represents, filer, whose) => {
      const person = { id: own === 'dependant:a' ? 'a' : userId, name: '某', idType: '01', idNumber: '1' }
      const enterprise = own.startsWith('enterprise:') ? { id: own.slice(11), name: '某', uscc: '1' } : null
      const columns = seenBy(actingOf({ userId, person, enterprise }, represents))
      const isSeen = Object.entries(columns).every(([column, value]) => value === { principal: whose, user_id: filer }[column])
      const isAll = represents && enterprise !== null
      return isSeen === (own === whose && (filer === userId || isAll))
    }),
  )
  t.throws(() => actingOf({ person: null, enterprise: null }, false), { code: 'HUB_TOKEN_MISSING' }, 'nobody owns nothing')
})
