import fc from 'fast-check'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { compileService } from '../../../core/call/service.ts'
import {
  type ConnectorDeclaration,
  codeList,
  defineConnector,
  exchange,
  field,
  input,
  type Paging,
  type Service,
  service,
} from '../../../core/connector.ts'
import { stateOf } from '../../../plugins/kinds/filing/progress.ts'
import { progressRow } from '../../../plugins/kinds/filing/simulated-progress.ts'
import { statesOf } from '../../../plugins/kinds/filing/states.ts'
import type { Reply, SandboxService } from '../../../plugins/kinds/simulation.ts'
import { createAnswers, somebodyElse } from '../../../plugins/sandbox/answers.ts'
import { distort } from '../../../plugins/sandbox/distortions.ts'
import type { Active, FaultKind } from '../../../plugins/sandbox/faults.ts'
import { endOfDay } from '../../../plugins/sandbox/gateway.ts'
import { enterprises, people } from '../../../plugins/sandbox/people.ts'
import { indexServices } from '../../../plugins/sandbox/services.ts'
import { envelopeVariants, wrap } from '../../../plugins/sandbox/wrapping.ts'
import { withdrawers } from '../../helper/proper-filing.ts'

const [person] = people as [(typeof people)[0]]
const [enterprise] = enterprises as [(typeof enterprises)[0]]
/** A person asks for themselves, an agent for the enterprise. */
const askerOf = ({ contract }: Service) => ({
  person: { id: person.id, name: person.name, idType: '01', idNumber: person.number },
  enterprise: contract.audience === 'enterprise' ? { id: enterprise.id, name: enterprise.name, uscc: enterprise.number } : null,
})
const filer = { ...askerOf(housingFund.services[0] as Service), enterprise: null }
const generating: ConnectorDeclaration = { ...housingFund, sandbox: {} }
const none: Active = new Map()
const faulty = (...kinds: FaultKind[]): Active => new Map(kinds.map((kind) => [kind, { kind }]))

function sandboxOf(connector: ConnectorDeclaration, id: string): SandboxService {
  const [found] = indexServices([connector]).get(`${connector.id}.${id}`) ?? []
  if (!found) throw new Error(`no service ${id}`)
  return found
}

/** One call as the hub makes it: parameters out, body back, rows opened, checked and mapped. */
function ask(connector: ConnectorDeclaration, declared: Service, query: Record<string, unknown> = {}, faults = none) {
  const hub = compileService(connector, declared)
  const sandbox = sandboxOf(connector, declared.contract.id)
  const asker = askerOf(declared)
  const found = createAnswers().find(sandbox, hub.params(query, asker))
  const body = wrap(sandbox, { ...found, rows: distort(found.rows, declared.contract.fields, faults) }, faults)
  const { rows, total } = hub.open({ status: 200, contentType: 'application/json', body: Buffer.from(body) })
  return { hub, rows: rows.map((row) => hub.map(row, asker)), absent: rows.flatMap((row) => hub.absent(row)), total }
}

t.test('rows generated from a declaration have every field, and the hub reads them all', async (t) => {
  for (const declared of housingFund.services) {
    const { hub, rows, absent } = ask(generating, declared)
    t.ok(rows.length > (hub.rows === 'many' ? 1 : 0), declared.contract.id)
    t.strictSame(absent, [], declared.contract.id)
    for (const row of rows) {
      const missing = Object.keys(declared.contract.fields).filter((name) => row[name] === null || row[name] === undefined)
      t.strictSame(missing, [], declared.contract.id)
    }
    t.strictSame(ask(generating, declared).rows, rows, 'the same again')
  }
})

t.test('the connector’s own rows are found through the verified asker', async (t) => {
  for (const declared of housingFund.services) {
    if (declared.contract.kind === 'submit') continue
    t.ok(ask(housingFund, declared).rows.length > 0, declared.contract.id)
  }
})

t.test('every harmless form of keys, values and envelopes means the same to the hub', async (t) => {
  const declared = housingFund.services.find(({ contract }) => contract.id === 'loan-account') as Service
  const plain = ask(generating, declared).rows
  for (const kind of [
    'upper-case',
    'lower-case',
    'camel-case',
    'string-numbers',
    'dates-dashed',
    'dates-epoch',
    'display-names',
  ] as const) {
    t.strictSame(ask(generating, declared, {}, faulty(kind)).rows, plain, kind)
  }
  for (const kind of ['json-in-string', 'root-array'] as const) t.strictSame(ask(generating, declared, {}, faulty(kind)).rows, plain, kind)
  for (const fault of envelopeVariants) {
    t.strictSame(ask(generating, declared, {}, new Map([['envelope', fault]])).rows, plain, JSON.stringify(fault.envelope))
  }
})

t.test('the harmful ones are refused', async (t) => {
  const declared = housingFund.services.find(({ contract }) => contract.id === 'personal-account') as Service
  for (const kind of ['wrong-types', 'xml-in-json', 'error-text'] as const) {
    t.throws(() => ask(generating, declared, {}, faulty(kind)), { code: 'HUB_UPSTREAM_INVALID' }, kind)
  }
  t.throws(() => ask(generating, declared, {}, faulty('error-code')), { code: 'HUB_UPSTREAM_REFUSED' })
  for (const kind of ['empty', 'empty-as-error'] as const) t.strictSame(ask(generating, declared, {}, faulty(kind)).rows, [], kind)
})

const kinds = codeList('test', { '01': '甲', '02': '乙', '03': '丙' })
const rowDays = Array.from(
  { length: 23 },
  (_, index) => `2026${String((index % 12) + 1).padStart(2, '0')}${String(index + 1).padStart(2, '0')}`,
)

function listOf(paging?: Paging, envelope: Partial<ConnectorDeclaration['upstream']['envelope']> = {}): [ConnectorDeclaration, Service] {
  const records = service({
    id: 'records',
    name: '记录',
    section: '0',
    kind: 'list',
    audience: 'enterprise',
    identity: 'authorised-agent',
    inputs: {
      uscc: input.verified('统一社会信用代码', 'enterprise.uscc', { code: 'tyshxydm' }),
      timeRange: input.period('时间范围', { codes: ['ksrq', 'jsrq'], field: 'day' }),
      months: input.period('月份', { codes: ['ksny', 'jsny'], field: 'items.month' }),
      kind: input.choice('类型', kinds, { code: 'lx', field: 'kind' }),
      number: input.integer('序号', { code: 'xh', field: 'number' }),
    },
    fields: {
      day: field.date('日期', { code: 'rq' }),
      kind: field.code('类型', kinds, { code: 'lx' }),
      number: field.integer('序号', { code: 'xh' }),
      items: field.list('明细', { month: field.month('年月', { code: 'ny' }) }, { code: 'mx' }),
    },
    ...(paging ? { upstream: { paging } } : {}),
    timeoutMs: 1000,
    rate: { max: 1, perSeconds: 1 },
  })
  const connector = defineConnector({
    ...housingFund,
    id: 'demo',
    upstream: { ...housingFund.upstream, dialect: exchange(), envelope: { ...housingFund.upstream.envelope, ...envelope } },
    services: [records],
    health: { service: 'records', intervalSeconds: 60 },
    sandbox: {
      records: () =>
        rowDays.map((rq, index) => ({ rq, lx: `0${(index % 3) + 1}`, xh: index, mx: [{ ny: rq.slice(0, 6) }, { ny: '202501' }] })),
    },
  })
  return [connector, records]
}

t.test('pages put together are the whole list, whatever the style, base and size', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('page', 'offset'),
      fc.constantFrom(0 as const, 1 as const),
      fc.integer({ min: 1, max: 30 }),
      (style, base, rows) => {
        const paging: Paging =
          style === 'page' ? { style, page: 'p', size: 's', base, rows } : { style: 'offset', start: 'p', limit: 's', base, rows }
        const [connector] = listOf(paging)
        const sandbox = sandboxOf(connector, 'records')
        const answers = createAnswers()
        const all = Array.from({ length: Math.ceil(rowDays.length / rows) + 1 }, (_, index) => {
          const p = style === 'page' ? index + base : index * rows + base
          return answers.find(sandbox, { tyshxydm: enterprise.number, p, s: rows })
        })
        t.strictSame(
          all.flatMap((page) => page.rows.map(({ rq }) => rq)),
          rowDays,
        )
        t.ok(all.every(({ total }) => total === rowDays.length))
        t.equal(all.at(-1)?.rows.length, 0, 'past the end')
      },
    ),
    { numRuns: 60 },
  )
})

t.test('a period keeps exactly the days inside, both ends included', async (t) => {
  const [connector, records] = listOf()
  const day = fc.constantFrom(...rowDays, '20260101', '20261231').map((text) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
  fc.assert(
    fc.property(fc.option(day), fc.option(day), (from, to) => {
      const { rows } = ask(connector, records, { timeRange: { from, to } })
      const expected = rowDays.map((text) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`)
      t.strictSame(
        rows.map((row) => row['day']),
        expected.filter((text) => (!from || text >= from) && (!to || text <= to)),
      )
    }),
    { numRuns: 60 },
  )
})

t.test('other filters, and columns inside a row', async (t) => {
  const [connector, records] = listOf()
  t.equal(ask(connector, records, { kind: '02' }).rows.length, 8)
  t.strictSame(
    ask(connector, records, { number: 5 }).rows.map((row) => row['number']),
    [5],
  )
  t.equal(ask(connector, records, { kind: '01', number: 1 }).rows.length, 0)
  const { rows } = ask(connector, records, { months: { from: '2026-01-01', to: null } })
  t.equal(rows.length, rowDays.length)
  t.ok(rows.every((row) => (row['items'] as unknown[]).length === 1))
})

t.test('the envelope is the declared one', async (t) => {
  const [connector, records] = listOf(
    { style: 'page', page: 'p', size: 's', base: 1, rows: 5 },
    { codeKeys: ['STATE'], success: ['0000'], messageKeys: ['MSG'], data: ['payload.rows'], total: ['payload.total'], empty: ['404'] },
  )
  const sandbox = sandboxOf(connector, 'records')
  const reply: Reply = { rows: [{ rq: '20260101' }], total: 9 }
  t.strictSame(JSON.parse(wrap(sandbox, reply, none)), { STATE: '0000', MSG: '成功', payload: { rows: reply.rows, total: 9 } })
  t.strictSame(JSON.parse(wrap(sandbox, { rows: [], total: 0 }, none)), { STATE: '404', MSG: '没有数据' })
  t.strictSame(JSON.parse(wrap(sandbox, { refusal: '不予受理' }, none)), { STATE: '-1', MSG: '不予受理' })
  t.equal(ask(connector, records).total, rowDays.length)
  const [bare, rows] = listOf(undefined, { codeKeys: [], data: [''] })
  t.equal(ask(bare, rows).rows.length, rowDays.length, 'an agency without an envelope')
})

t.test('an enterprise is found by its code alone, and mixed up only with another enterprise', async (t) => {
  const [connector] = listOf()
  const sandbox = sandboxOf(connector, 'records')
  const answers = createAnswers()
  for (const params of [{}, { tyshxydm: '91411000MA0000000X' }, { tyshxydm: person.number }])
    t.strictSame(answers.find(sandbox, params).rows, [])
  t.equal(somebodyElse(enterprise), enterprises[1])
  t.equal(somebodyElse(people.at(-1) as typeof person), person)
})

const submits = housingFund.services.filter(({ contract }) => contract.submission)

t.test('a filing walks the states of its life to the end', async (t) => {
  for (const { contract } of submits) {
    const sandbox = sandboxOf(housingFund, contract.id)
    const hub = compileService(housingFund, { contract, handler: null })
    const policy = contract.submission as NonNullable<typeof contract.submission>
    const eligible = people[(withdrawers[contract.id] ?? 1) - 1] as (typeof people)[number]
    const base = createAnswers().rowsOf(sandbox, eligible)[0] ?? {}
    // An appeal ends with its answer, a withdrawal with the money.
    const pays = 'withdrawalAmount' in contract.fields
    // What closes an account pays all of it.
    const amount = 'withdrawalAmount' in contract.inputs ? 1234.5 : Number(base['tqje'])
    const walked = (rejected: boolean) => {
      const filing = { sid: sandbox.sid, serial: 'S-1', at: Date.UTC(2026, 0, 1), params: { tqje: 1234.5 }, rejected }
      const rows = Array.from({ length: 8 }, (_, step) => hub.map(progressRow(sandbox, filing, base, filing.at + step * 1000, 1000), filer))
      t.equal(new Set(rows.map((row) => row['applicationNumber'])).size, 1)
      t.ok(rows.every((row) => row['applicationTime'] === '2026-01-01T08:00:00+08:00'))
      if (pays) t.ok(rows.every((row) => row['withdrawalAmount'] === amount))
      for (const row of rows) {
        const decided = ['approved', 'rejected', 'arrived', 'closed'].includes(String(stateOf(policy, row)))
        t.equal(row['reviewTime'] !== null, decided, 'the time of the review comes with the review')
      }
      return rows.map((row) => stateOf(policy, row)).filter((state, index, all) => state !== all[index - 1])
    }
    const closing = 'accountClosureStatus' in contract.fields
    t.strictSame(walked(false), ['reviewing', 'approved', ...(pays ? ['arrived'] : []), ...(closing ? ['closed'] : [])], contract.id)
    t.strictSame(walked(true), ['reviewing', 'rejected'], contract.id)
  }
})

t.test('whatever the times, a filing never goes back and makes only legal steps', async (t) => {
  const { contract } = submits[0] as Service
  const policy = contract.submission as NonNullable<typeof contract.submission>
  const sandbox = sandboxOf(housingFund, contract.id)
  const hub = compileService(housingFund, { contract, handler: null })
  const filing = { sid: sandbox.sid, serial: 'S-1', at: 0, params: {}, rejected: false }
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 2, maxLength: 12 }), fc.nat(3000), (times, stepMs) => {
      const states = times
        .sort((a, b) => a - b)
        .map((now) => stateOf(policy, hub.map(progressRow(sandbox, filing, {}, now, stepMs), filer)))
      for (const [index, state] of states.entries()) {
        const before = states[index - 1] ?? 'submitted'
        t.ok(state === before || statesOf(policy).canMove(before, String(state)), `${before} → ${state}`)
      }
    }),
    { numRuns: 40 },
  )
})

t.test('a day of the platform ends at 23:59:59 in Beijing, and always lies ahead', async (t) => {
  t.equal(new Date(endOfDay(Date.UTC(2026, 0, 1, 3))).toISOString(), '2026-01-01T15:59:59.000Z')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (now) => {
      const end = endOfDay(now)
      t.ok(end > now && end <= now + 86_400_000)
      t.equal((end + 8 * 3_600_000) % 86_400_000, 86_399_000)
    }),
    { numRuns: 50 },
  )
})
