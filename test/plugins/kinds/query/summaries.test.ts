import t from 'tap'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration } from '../../../../core/connector.ts'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { build } from '../../../helper/hub.ts'
import { readXlsx, sheetsOf } from '../../../helper/xlsx.ts'

type Row = Record<string, unknown>
interface Line {
  list: string | null
  period: string | null
  group: { code: string } | null
  count: number
  sums: Record<string, number | null>
}

const FUND = '/v1/housing-fund'
const hub = await build(t, {
  declarations: [housingFund] as readonly ConnectorDeclaration[],
  sandboxTiming: { now: () => Date.UTC(2026, 9, 31) },
})
const { faults } = hub.app.sandbox as Sandbox
t.afterEach(() => faults.clear())

async function get(path: string, enterprise?: number) {
  const response = await hub.get(`${FUND}/${path}`, { person: 1, ...(enterprise ? { enterprise } : {}) })
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.body}`)
  return response.json()
}

const cents = (amount: unknown) => Math.round(Number(amount) * 100)
const sum = (rows: Row[], name: string) => rows.reduce((total, row) => total + cents(row[name]), 0)

t.test('the records of a list are added up by year, month, term and all at once', async (t) => {
  const { data: all } = await get('loan-transactions?pageSize=500')
  const keys: Record<string, (row: Row) => string | null> = {
    all: () => null,
    year: (row) => String(row['transactionDate']).slice(0, 4),
    month: (row) => String(row['transactionDate']).slice(0, 7),
    term: (row) => String(row['currentInstallmentNumber']),
  }
  for (const [span, keyOf] of Object.entries(keys)) {
    const { data, meta } = await get(`loan-transactions?pageSize=1&summary=${span}`)
    t.equal(data.length, 1, 'of all records, not of the page')
    const lines: Line[] = meta.summary
    t.equal(lines.length, new Set(all.map(keyOf)).size, span)
    for (const { period, count, sums } of lines) {
      const own = all.filter((row: Row) => keyOf(row) === period)
      t.equal(count, own.length, `${span} ${period}`)
      for (const [name, amount] of Object.entries(sums)) t.equal(cents(amount), sum(own, name), `${span} ${period} ${name}`)
    }
  }
  const { meta } = await get('loan-transactions?summary=term')
  const terms = meta.summary.map(({ period }: Line) => Number(period))
  t.strictSame(
    terms,
    [...terms].sort((a, b) => a - b),
    'ten comes after nine',
  )
})

t.test('what filters leave is added up, split by a code', async (t) => {
  const { data } = await get('loan-transactions?pageSize=500&timeRange=2025-01-01/2025-12-31')
  const { meta } = await get('loan-transactions?timeRange=2025-01-01/2025-12-31&summary=all&summaryBy=loanTransactionType')
  const codes = new Set(data.map((row: { loanTransactionType: { code: string } }) => row.loanTransactionType.code))
  t.strictSame(new Set(meta.summary.map(({ group }: Line) => group?.code)), codes)
  t.equal(
    sum(
      meta.summary.map(({ sums }: Line) => sums),
      'transactionAmount',
    ),
    sum(data, 'transactionAmount'),
  )
  for (const bad of [
    'summary=week',
    'summaryBy=loanTransactionType',
    'summary=year&summaryBy=operator',
    'summary=year&summaryBy=transactionDate',
  ])
    t.equal((await hub.get(`${FUND}/loan-transactions?${bad}`)).statusCode, 400, bad)
  t.equal((await hub.get(`${FUND}/loan-contract?summary=year`)).statusCode, 400, 'a service without a declared sum')
})

t.test('lists inside a record are added up, narrowed and put in order', async (t) => {
  const { data: whole } = await get('loan-account')
  const schedule: Row[] = whole.repaymentSchedule
  const { meta } = await get('loan-account?summary=year')
  const lines: Line[] = meta.summary.filter(({ list }: Line) => list === 'repaymentSchedule')
  t.equal(
    lines.reduce((total, { count }) => total + count, 0),
    schedule.length,
  )
  t.equal(
    sum(
      lines.map(({ sums }) => sums),
      'interest',
    ),
    sum(schedule, 'interest'),
  )
  t.ok(meta.summary.some(({ list }: Line) => list === 'overdueRecords'))

  const inYear = schedule.filter(({ dueDate }) => String(dueDate).startsWith('2027'))
  const narrowed = await get('loan-account?repaymentSchedule.dueDate.from=2027-01-01&repaymentSchedule.dueDate.to=2027-12-31&summary=all')
  t.ok(inYear.length > 0)
  t.strictSame(narrowed.data.repaymentSchedule, inYear)
  t.strictSame(narrowed.data.prepaymentRecords, whole.prepaymentRecords, 'the other lists stay')
  t.equal(narrowed.meta.summary[0].count, inYear.length)
  const reversed = await get('loan-account?sort.repaymentSchedule=-dueDate')
  t.strictSame(reversed.data.repaymentSchedule, schedule.toReversed())
  const one = await get('loan-account?repaymentSchedule.installmentNumber=3')
  t.strictSame(one.data.repaymentSchedule, [schedule[2]])
  for (const bad of ['sort.repaymentSchedule=balance', 'repaymentSchedule.nothing=1', 'repaymentSchedule.dueDate.from=2027-13-01'])
    t.equal((await hub.get(`${FUND}/loan-account?${bad}`)).statusCode, 400, bad)
  const byType = await get('employer-account?recentPaymentDetails.transactionType=02', 1)
  t.ok(
    byType.data.recentPaymentDetails.every(({ transactionType }: { transactionType: { code: string } }) => transactionType.code === '02'),
  )
})

t.test('what cannot be read stays when a list is narrowed, goes along when it is put in order, and makes no sum', async (t) => {
  faults.set({
    kind: 'values',
    sid: 'housing-fund.loan-account',
    values: { 'hkjhb[1].yhrq': '"20260230"', 'hkjhb[2].yhlx': '"无"' },
  } as const)
  const { meta } = await get('loan-account?sort.repaymentSchedule=-installmentNumber&summary=all')
  const { data: whole } = await get('loan-account')
  const last = whole.repaymentSchedule.length - 1
  t.strictSame(meta.unreadable, [`repaymentSchedule[${last - 1}].dueDate`, `repaymentSchedule[${last - 2}].interest`])
  t.match(meta.summary[0].sums, { interest: null })
  t.type(meta.summary[0].sums.principal, 'number')
  const narrowed = await get('loan-account?repaymentSchedule.dueDate.from=2099-01-01')
  t.equal(narrowed.data.repaymentSchedule.length, 1)
  t.strictSame(narrowed.meta.unreadable, ['repaymentSchedule[0].dueDate'])
})

t.test('the turn to overdue and back is marked, in the answer and in files', async (t) => {
  const { data, meta } = await get('loan-transactions?pageSize=500')
  const places = data.flatMap((row: Row, index: number) => [
    ...(Number(row['normalToOverduePrincipal']) > 0 ? [{ at: `[${index}]`, mark: 'turned-overdue', title: '由正常转为逾期' }] : []),
    ...(Number(row['overdueToNormalPrincipal']) > 0 ? [{ at: `[${index}]`, mark: 'turned-normal', title: '由逾期转回正常' }] : []),
  ])
  t.ok(places.length >= 2)
  t.strictSame(meta.marks, places)
  const account = await get('loan-account')
  const [{ overdueInstallmentNumber: late }] = account.data.overdueRecords
  const at = account.data.repaymentSchedule.findIndex((item: Row) => item['installmentNumber'] === late)
  t.strictSame(account.meta.marks, [{ at: `repaymentSchedule[${at}]`, mark: 'overdue', title: '本期曾经逾期' }])
  t.strictSame((await get('loan-account?fields=overdueTerms')).meta.marks, [], 'what is not shown is not marked')
  t.equal((await get('personal-account')).meta.marks, undefined)

  const csv = (await hub.get(`${FUND}/loan-transactions?format=csv`)).body
  t.match(csv.split('\r\n')[0], /,提示$/)
  t.match(csv, /,由正常转为逾期\r\n/)
  t.match((await hub.get(`${FUND}/loan-account?format=csv&list=repaymentSchedule`)).body, /,本期曾经逾期\r\n/)
})

t.test('sums are a sheet of the workbook, and the CSV where they are asked for; no document', async (t) => {
  const lines = (await get('loan-account?summary=year')).meta.summary.length
  const csv = (await hub.get(`${FUND}/loan-account?format=csv&summary=year`)).body.trim().split('\r\n')
  t.equal(csv.length, lines + 1)
  t.match(csv[0], /^汇总的内容,年,条数,应还本金,/)
  const workbook = (await hub.get(`${FUND}/loan-account?format=xlsx&summary=year`)).rawPayload
  t.equal(sheetsOf(workbook).at(-1), '汇总')
  t.equal(readXlsx(workbook, sheetsOf(workbook).length).length, lines + 1)
  t.equal((await hub.get(`${FUND}/loan-account?format=pdf&summary=year`)).statusCode, 400)
})
