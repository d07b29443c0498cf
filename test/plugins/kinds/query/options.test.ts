import t from 'tap'
import type { ServiceContract } from '../../../../core/connector.ts'
import { build } from '../../../helper/hub.ts'
import { clone, contractOf, personal, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

type Row = Record<string, unknown>
const NARROWED = [
  'personal-account',
  'personal-transactions',
  'loan-information',
  'loan-account',
  'loan-transactions',
  'loan-overdue-events',
]

/** Inputs that the agency never hears of, so that what narrows the rows is the hub alone. */
const deaf = ({ inputs }: ServiceContract): Partial<ServiceContract> => ({
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([name, { schema, notes }]) => [
      name,
      { schema, notes: { ...notes, codes: notes.fact ? notes.codes : [] } },
    ]),
  ),
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const declarations = [clone('housing-fund', [...personal, 'employer-account']), clone('deaf', NARROWED, deaf)]
    const hub = await build(t, { target, declarations, sandboxTiming: { now: () => Date.UTC(2026, 9, 31) } })
    const get = async (path: string, person = 1) => {
      const response = await hub.get(`/v1/${path}`, { person, enterprise: 1 })
      if (response.statusCode !== 200) throw new Error(`${path}: ${response.body}`)
      return response.json()
    }
    const rows = async (query: string): Promise<Row[]> => (await get(`housing-fund/personal-transactions?pageSize=500${query}`)).data
    const all = await rows('')
    const columns = <K extends string>(found: Row[], name: K) => found.map((row) => row[name])

    t.test('a time range narrows what it is declared for, both ends included', async (t) => {
      const day = (row: Row) => String(row['postingDate'])
      const within = all.filter((row) => day(row) >= '2025-03-10' && day(row) <= '2025-08-15')
      t.ok(within.length > 3 && within.some((row) => day(row) === '2025-03-10') && within.some((row) => day(row) === '2025-08-15'))
      t.strictSame(await rows('&timeRange=2025-03-10/2025-08-15'), within)
      t.strictSame(await rows('&timeRange=2025-03-10,2025-08-15'), within)
      t.strictSame(
        await rows('&timeRange=2026-01-01/..'),
        all.filter((row) => day(row) >= '2026-01-01'),
      )
      t.strictSame(
        await rows('&timeRange=../2024-12-31'),
        all.filter((row) => day(row) <= '2024-12-31'),
      )
      t.strictSame(await rows('&timeRange=../..'), all)
      t.strictSame(await rows('&timeRange=1999-01-01/1999-12-31'), [])

      const { data: account } = await get('housing-fund/personal-account?timeRange=2026-01-01/2026-03-31')
      t.strictSame(columns(account.contributionMonthDetails, 'contributionMonth'), ['2026-03', '2026-02', '2026-01'])
      t.equal(account.accountBalance, 86882.74, 'the record itself stays')
      const { data: loan } = await get('housing-fund/loan-account?timeRange=2024-01-01/2024-02-29')
      t.strictSame(columns(loan.repaymentSchedule, 'dueDate'), ['2024-01-20', '2024-02-20'])
      const { data: employer } = await get('housing-fund/employer-account?timeRange=2026-10-01/2026-10-31')
      t.strictSame(columns(employer.recentPaymentDetails, 'postingDate'), ['2026-10-15'])
      t.strictSame((await get('housing-fund/loan-information?timeRange=2019-06-18/2019-06-18')).data.length, 1)
      t.strictSame((await get('housing-fund/loan-contract?timeRange=2019-06-19/..')).data, [])
    })

    t.test('an agency that ignores the parameters changes nothing', async (t) => {
      const questions = [
        'personal-account?timeRange=2026-01-01/2026-03-31',
        'personal-transactions?timeRange=2025-03-10/2025-08-15',
        'loan-information?timeRange=2019-06-19/..',
        'loan-account?loanAccountNumber=990100000000000011&timeRange=2024-01-01/2024-02-29',
        'loan-transactions?businessType=03&pageSize=500',
        'loan-transactions?installmentNumber=66&loanAccountNumber=990100000000000011',
        'loan-overdue-events?timeRange=2025-01-01/2025-12-31',
        'loan-overdue-events?timeRange=2024-01-01/2024-12-31',
      ]
      // A link to a file is the service's own, and another each time.
      const said = async (path: string) =>
        JSON.parse(JSON.stringify((await get(path)).data, (key, value) => (key === 'href' ? typeof value : value))) as unknown
      for (const question of questions) t.strictSame(await said(`deaf/${question}`), await said(`housing-fund/${question}`), question)
      t.strictSame((await get('deaf/loan-transactions?businessType=03')).data.length, 1)
      const other = await hub.get('/v1/deaf/loan-account?loanAccountNumber=990100000000000031')
      t.strictSame(verdict(other), [404, 'HUB_NO_RECORD'])
    })

    t.test('rows are filtered by any field that is shown in full', async (t) => {
      const interest = all.filter((row) => (row['contributionWithdrawalType'] as Row)['code'] === '09')
      t.ok(interest.length > 0 && interest.length < all.length)
      t.strictSame(await rows('&contributionWithdrawalType=09'), interest, 'by code')
      t.strictSame(await rows(`&contributionWithdrawalType=${encodeURIComponent('年终结息')}`), interest, 'by name')
      t.strictSame(
        await rows('&transactionAmount=2064'),
        all.filter((row) => row['transactionAmount'] === 2064),
      )
      t.strictSame(
        await rows('&transactionAmount.from=10000&transactionAmount.to=15000'),
        all.filter((row) => Number(row['transactionAmount']) >= 10000 && Number(row['transactionAmount']) <= 15000),
      )
      t.strictSame(columns(await rows('&postingDate=2025-03-10'), 'postingDate'), ['2025-03-10'])
      t.strictSame(columns(await rows('&postingDate.from=2026-09-01&postingDate.to=2026-09-30'), 'postingDate'), ['2026-09-15'])
      t.strictSame(await rows('&withdrawalReason=06&postingDate.from=2026-01-01'), [], 'all filters must hold')
      const instalment = (await get('housing-fund/loan-transactions?currentInstallmentNumber=66')).data
      t.strictSame(columns(instalment, 'currentInstallmentNumber'), [66, 66], 'turned overdue, then paid')
      t.equal((await get('housing-fund/loan-contract?loanTerms.from=180&borrowerName=贾明')).data.length, 1)
    })

    t.test('a masked field can be neither filtered nor sorted by: its hidden part could be guessed', async (t) => {
      for (const id of personal) {
        for (const [name, { notes }] of Object.entries(contractOf(id).fields)) {
          if (!notes.mask) continue
          // A key is no filter: it asks for the record of a number that is known whole.
          const filters = name in contractOf(id).inputs ? [] : [name]
          for (const query of [...filters, `${name}.from`, `${name}.to`]) {
            const refused = await hub.get(`/v1/housing-fund/${id}?${query}=9`)
            t.strictSame(verdict(refused), [400, 'HUB_VALIDATION'], `${id}?${query}`)
            t.strictSame(columns(refused.json().errors, 'pointer'), [`/query/${query}`])
          }
          const sorted = await hub.get(`/v1/housing-fund/${id}?sort=-${name}`)
          t.match(sorted.json(), { status: 400, errors: [{ pointer: '/query/sort' }] })
        }
      }
    })

    t.test('rows are sorted by a field, those without a value last', async (t) => {
      const dates = columns(await rows('&sort=postingDate'), 'postingDate')
      t.strictSame(dates, [...dates].sort())
      t.strictSame(columns(await rows('&sort=-postingDate'), 'postingDate'), [...dates].reverse())
      const amounts = columns(await rows('&sort=-transactionAmount'), 'transactionAmount').map(Number)
      t.strictSame(
        amounts,
        [...amounts].sort((a, b) => b - a),
      )
      for (const sort of ['withdrawalReason', '-withdrawalReason']) {
        const reasons = columns(await rows(`&sort=${sort}`), 'withdrawalReason')
        t.match(reasons[0], { code: '06' })
        t.equal(reasons.filter((reason) => reason === null).length, all.length - 1)
      }
    })

    t.test('fields chooses and orders the columns', async (t) => {
      const chosen = await rows('&fields=transactionAmount,postingDate')
      t.strictSame(
        chosen,
        all.map(({ transactionAmount, postingDate }) => ({ transactionAmount, postingDate })),
      )
      const { data, meta } = await get('housing-fund/personal-account?fields=accountBalance,idNumber')
      t.strictSame(data, { accountBalance: 86882.74, idNumber: '411***********000X' })
      t.ok(meta.traceId)
    })

    t.test('pages follow each other without a gap', async (t) => {
      const first = await get('housing-fund/personal-transactions')
      t.strictSame(first.data, all.slice(0, 20))
      t.strictSame(first.meta.page, { number: 1, size: 20, total: all.length })
      const walked: Row[] = []
      for (let page = 1; walked.length < all.length && page < 9; page++)
        walked.push(...(await get(`housing-fund/personal-transactions?page=${page}&pageSize=7`)).data)
      t.strictSame(walked, all)
      const beyond = await get('housing-fund/personal-transactions?page=100&pageSize=7')
      t.match(beyond, { data: [], meta: { page: { number: 100, size: 7, total: all.length } } })
      const filtered = await get('housing-fund/personal-transactions?transactionAmount=2064&pageSize=1&page=2')
      t.equal(filtered.meta.page.total, all.filter((row) => row['transactionAmount'] === 2064).length)
    })

    t.test('a question longer than the agency’s page is asked page by page', async (t) => {
      // Person 3 has two loans repaid in 96 instalments each: more rows than the agency's pages of 100.
      const { data, meta } = await get('housing-fund/loan-transactions?pageSize=500', 3)
      t.ok(meta.page.total > 150, `${meta.page.total} rows`)
      t.equal(data.length, meta.page.total)
      t.equal(new Set(columns(data, 'transactionSerialNumber')).size, data.length)
    })
  })
}
