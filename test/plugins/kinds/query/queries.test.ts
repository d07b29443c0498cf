import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import t, { type Test } from 'tap'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import { rowSchema } from '../../../../core/contract/fields.ts'
import { enterprises, people } from '../../../../plugins/sandbox/people.ts'
import { worldAt } from '../../../../plugins/sandbox/world.ts'
import { build } from '../../../helper/hub.ts'
import { auditOf, type ContractService, contractOf, personal, queries } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

type Row = Record<string, unknown>

const ajv = new Ajv({ strict: false })
formats.default(ajv)

const path = (id: string) => `/v1/housing-fund/${id}`
const rowsOf = (data: unknown) => (Array.isArray(data) ? data : [data]) as Row[]
const many = (id: string) => contractOf(id).kind === 'list' || contractOf(id).rows === 'many'

/** Whether a value has the form that the contract's type calls for. */
const forms: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string' || isCode(value),
  money: (value) => typeof value === 'number' && Math.abs(value * 100 - Math.round(value * 100)) < 1e-6,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)),
  datetime: (value) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/.test(String(value)),
  enum: isCode,
  list: (value) => Array.isArray(value) && value.length > 0,
  file: (value) => Array.isArray(value) && value.every((file) => Object.keys(file).sort().join() === 'href,id,mediaType,name'),
}

function isCode(value: unknown): boolean {
  const { code, name } = (value ?? {}) as { code?: unknown; name?: unknown }
  return typeof code === 'string' && typeof name === 'string'
}

/** The sandbox's clock, so that its months are known. */
const NOW = Date.UTC(2026, 9, 31)
const world = worldAt(NOW)

/** Fields that stay empty for person 1 and the first enterprise: a running loan isn't settled, and what is in order needs no remark. */
const EMPTY = new Set(['loan-account.loanSettlementDate', 'loan-overdue-events.remarks', 'employer-account.remarks'])

function checkForms(t: Test, { id, fields }: ContractService, rows: Row[]) {
  const names = fields.map(([name]) => name)
  for (const row of rows) t.strictSame(Object.keys(row), names, `${id}: every field of the contract, and no other`)
  const misshapen = fields.flatMap(([name, , type]) =>
    rows.flatMap((row) => (row[name] === null || forms[type]?.(row[name]) ? [] : [`${name}: ${JSON.stringify(row[name])}`])),
  )
  t.strictSame(misshapen, [], `${id}: types`)
  const empty = names.filter((name) => rows.every((row) => row[name] === null))
  t.strictSame(
    empty,
    names.filter((name) => EMPTY.has(`${id}.${name}`)),
    `${id}: filled fields`,
  )
}

/** Values of the sandbox's rows that a mask must not let through, as they stand at the agency. */
function secretsOf(id: string): string[] {
  const contract = contractOf(id)
  const subject = (contract.audience === 'enterprise' ? enterprises : people)[0]
  const rows = subject ? (housingFund.sandbox[id]?.(subject, world) ?? []) : []
  const codes = Object.values(contract.fields).flatMap(({ notes }) => (notes.mask ? notes.codes : []))
  return rows.flatMap((row) => codes.flatMap((code) => (typeof row[code] === 'string' ? [row[code]] : [])))
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [housingFund], sandboxTiming: { now: () => NOW } })

    t.test('all ten queries answer with all their fields, typed, masked and audited', async (t) => {
      t.equal(queries.length, 10)
      for (const service of queries) {
        const response = await hub.get(`${path(service.id)}${many(service.id) ? '?pageSize=500' : ''}`, { enterprise: 1 })
        t.equal(response.statusCode, 200, service.id)
        t.match(response.headers['content-type'], /^application\/json/)
        const { data, meta } = response.json<{ data: unknown; meta: Row }>()
        t.equal(Array.isArray(data), many(service.id), service.id)
        checkForms(t, service, rowsOf(data))
        const check = ajv.compile(rowSchema(contractOf(service.id).fields))
        for (const row of rowsOf(data)) t.ok(check(row), `${service.id}: ${ajv.errorsText(check.errors)}`)

        for (const secret of secretsOf(service.id)) t.notOk(response.body.includes(secret), `${service.id} shows ${secret}`)

        t.match(meta['asOf'], /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/)
        t.ok(Math.abs(Date.parse(String(meta['asOf'])) - Date.now()) < 10_000)
        t.equal('page' in meta, many(service.id))

        const [row, ...more] = await auditOf(hub, String(meta['traceId']))
        t.equal(more.length, 0)
        t.match(row, { connector: 'housing-fund', service: service.id, outcome: 'ok', status: 200, upstreamStatus: 200 })
        t.strictSame(
          row?.fields,
          service.fields.map(([name]) => name),
        )
        t.equal(row?.rows, rowsOf(data).length)
        t.equal(row?.enterprise, service.audience === 'enterprise' ? enterprises[0]?.id : null)
      }
    })

    t.test('answers are what the agency holds', async (t) => {
      const [account, employer, loan] = await Promise.all(
        ['personal-account', 'employer-account', 'loan-account'].map(
          async (id) => (await hub.get(path(id), { enterprise: 1 })).json().data,
        ),
      )
      t.match(account, {
        personName: '贾明',
        idType: { code: '01', name: '身份证' },
        idNumber: '411***********000X',
        personalAccountNumber: '*******0001',
        personalContributionBase: 8600,
        personalAccountStatus: { code: '01', name: '正常' },
        arrivalTime: '2026-10-15T09:30:12+08:00',
      })
      t.match(account.contributionMonthDetails[0], { contributionMonth: '2026-09', totalAmount: 2064, postingDate: '2026-10-15' })
      t.match(account.employerContributionDetails[0], { employerName: '许昌示例制造有限公司', contributionRate: 0.12 })
      t.match(employer, {
        employerName: '许昌示例制造有限公司',
        employerAccountNumber: '*******0001',
        employerAccountOpenDate: '2016-03-21',
        paidThroughMonth: '2026-09',
        activeContributorCount: 128,
        anomalyFlag: false,
      })
      t.match(loan, { disbursementAmount: 300000, disbursementDate: '2019-07-09', loanContractRate: 2.6, overdueTerms: 1 })
      t.equal(loan.repaymentSchedule.length, 180)
      t.notMatch(JSON.stringify(loan.voucherAttachments), /https?:/, 'an attachment is named, its address is not')

      const [coBorrower] = (await hub.get(path('co-borrowers'))).json().data
      t.match(coBorrower, { coBorrowerName: '甄*禾', coBorrowerIdNumber: '411***********9991', coBorrowerFundAccountNumber: '*******0002' })
      const [withdrawal] = (await hub.get(path('home-withdrawal-records'))).json().data
      t.match(withdrawal, { houseLocation: '许昌市魏都区****', payeeAccountName: '贾*', withdrawnAmount: 15000 })
      const [contract] = (await hub.get(path('loan-contract'))).json().data
      t.match(contract, {
        borrowerFundAccountNumber: '*******0001',
        borrowerIdNumber: '411***********000X',
        agreedMaturityDate: '2034-07-20',
      })
    })

    t.test('who has no record gets an empty list, or 404 where one record was asked for', async (t) => {
      for (const id of personal) {
        const response = await hub.get(path(id), { person: 7 })
        if (many(id)) {
          t.equal(response.statusCode, 200, id)
          t.match(response.json(), { data: [], meta: { page: { number: 1, size: 20, total: 0 } } }, id)
        } else {
          t.equal(response.statusCode, 404, id)
          t.match(response.headers['content-type'], 'application/problem+json')
          t.match(response.json(), { type: '/problems/HUB_NO_RECORD', code: 'HUB_NO_RECORD', status: 404 })
          t.match(response.json().detail, contractOf(id).name)
        }
        const [row] = await auditOf(hub, many(id) ? response.json().meta.traceId : response.json().traceId)
        t.match(row, { fields: [], status: response.statusCode })
      }
    })

    t.test('several records of one person are for that person to choose from', async (t) => {
      const ask = (query = '') => hub.get(`${path('loan-account')}${query}`, { person: 3 })
      const both = await ask()
      t.equal(both.statusCode, 409)
      const choices = { parameter: 'loanAccountNumber', values: ['990100000000000031', '990100000000000032'] }
      t.match(both.json(), { code: 'HUB_SEVERAL_RECORDS', choices })
      for (const value of choices.values) {
        const one = await ask(`?${choices.parameter}=${value}`)
        t.equal(one.statusCode, 200)
        t.equal(one.json().data.loanAccountNumber, value)
      }
      t.equal((await ask('?loanContractNumber=XCGJJ-JK-2006-00031')).json().data.loanAccountNumber, '990100000000000031')
      t.match((await ask('?loanAccountNumber=990100000000000011')).json(), { code: 'HUB_NO_RECORD' }, 'a loan of somebody else')
      t.equal((await hub.get(path('loan-information'), { person: 3 })).json().data.length, 2)
    })
  })
}
