import t from 'tap'
import type { CompiledService } from '../../../core/call/service.ts'
import { enterprises, mandates, people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { found } from '../../helper/waiting.ts'

type Row = Record<string, unknown>

/** What is to be true of each person, whichever agency is asked. */
interface Life {
  person: number
  sex: string
  born: string
  /** Where they work; who has retired works nowhere. */
  firm?: number
  /** The last month with an employer, of whoever has neither a job nor a pension. */
  left?: string
  retired?: string
  pension?: string
  spouse?: number
  places: string[]
  loans: number
}

const lives: Life[] = [
  { person: 1, sex: '女', born: '1990-01-01', firm: 1, spouse: 2, places: ['虚拟街8号1幢', '示例路1号院'], loans: 1 },
  { person: 2, sex: '男', born: '1985-12-31', firm: 2, spouse: 1, places: ['样本大道16号', '示例路1号院'], loans: 0 },
  { person: 3, sex: '男', born: '1960-03-15', pension: 'employee', retired: '2020-03-31', places: ['拟定路3号'], loans: 2 },
  { person: 4, sex: '女', born: '2001-08-15', firm: 3, places: [], loans: 0 },
  { person: 5, sex: '男', born: '1978-11-09', left: '2026-05', places: ['样例大道66号'], loans: 0 },
  { person: 6, sex: '女', born: '2000-02-29', left: '2026-03', places: [], loans: 0 },
  { person: 8, sex: '女', born: '1955-09-07', pension: 'public-institution', retired: '2010-09-30', places: [], loans: 0 },
]

/** Fields that speak of what is to come. */
const AHEAD = /(dueDate|Deadline|MaturityDate|expiry|EndDate|EndTime|^day$|ValidityPeriod|validUntil|authorisedUntil)/i
/** Where the agency's rows go by time; the newest first unless it is a plan. */
const TIME = ['postingDate', 'transactionDate', 'contributionMonth', 'contributionTime', 'benefitPaymentPeriod', 'purchaseDate', 'dueDate']

const AT_ONCE = 8
const CLOCKS = ['2026-10-31', '2027-02-03']
const at = (day: string) => Date.parse(`${day}T10:00:00+08:00`)

let clock = at(CLOCKS[0] ?? '')
const hub = await build(t, { sandboxTiming: { now: () => clock } })
const services = [...hub.app.services.values()].filter(
  ({ connector, contract }) => !contract.submission && connector.accounts === undefined && contract.identity !== 'none',
)
const many = ({ rows }: CompiledService) => (rows === 'many' ? '?pageSize=500' : '')

async function ask(key: string, token: { person: number; enterprise?: number }, query = ''): Promise<Row[]> {
  const service = services.find((candidate) => candidate.key === key) as CompiledService
  const suffix = query === '' ? many(service) : query
  const look = () => hub.get(`/v1/${key.replace('.', '/')}${suffix}`, token)
  // An agency whose answers come late on a busy machine is left alone for a while: that is no answer.
  const response = await found(look, ({ statusCode }) => statusCode < 500)
  if (response.statusCode >= 500) throw new Error(`${key}: ${response.body}`)
  const { data } = response.json()
  return data === undefined || data === null ? [] : [data].flat()
}

/** So many at once as a busy machine answers in time. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(work))
}

/** Every value of an answer that is a day, a month or a time, with the name it stands under. */
function days(value: unknown, name = ''): [name: string, day: string][] {
  if (typeof value === 'string') return /^\d{4}-\d\d(-\d\d|$)/.test(value) && !value.includes('至') ? [[name, value.slice(0, 10)]] : []
  if (typeof value !== 'object' || value === null) return []
  // The end of a validity, which its field names.
  if ('until' in value) return days(value.until, name)
  return Object.entries(value).flatMap(([key, inner]) => days(inner, Number.isNaN(Number(key)) ? key : name))
}

/** Every list of rows within an answer, itself included. */
function listsIn(value: unknown): Row[][] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null) ? [value as Row[]] : []
  return [...own, ...Object.values(value).flatMap(listsIn)]
}

function sorted(list: readonly Row[]): boolean {
  const name = TIME.find((candidate) => list.every((row) => typeof row[candidate] === 'string'))
  if (!name) return true
  const values = list.map((row) => String(row[name]))
  const upwards = values.toSorted()
  return values.join() === (name === 'dueDate' ? upwards : upwards.toReversed()).join()
}

const fen = (value: unknown) => Math.round(Number(value) * 100)
const sum = (rows: readonly Row[], name: string) => rows.reduce((total, row) => total + fen(row[name]), 0)
const codeOf = (value: unknown) => (value as { code?: string } | null)?.code

t.test('a person is who the number says', async (t) => {
  for (const { person, sex, born } of lives) {
    const { number, life } = people[person - 1] as (typeof people)[number]
    t.equal(Number(number[16]) % 2 === 1 ? '男' : '女', sex)
    t.equal(number.slice(6, 14), born.replaceAll('-', ''))
    t.match(life, { sex, born: number.slice(6, 14) })
    t.match(number.slice(14, 17), /^(000|999)$/, 'nobody’s')
  }
})

for (const day of CLOCKS) {
  t.test(`on ${day}`, async (t) => {
    clock = at(day)

    t.test('one life in every system', async (t) => {
      async function livesAs(life: Life): Promise<void> {
        const { person } = life
        const who = `person ${person}`
        const token = { person }
        const employer = life.firm === undefined ? undefined : enterprises[life.firm - 1]?.name
        const [insurance, care, funds, retirement, certified] = await Promise.all([
          ask('social-security.employee-contributions', token),
          ask('medical-insurance.personal-insurance-information', token),
          ask('housing-fund.personal-account', token),
          ask('social-security.retirement-information', token),
          ask('social-security.benefit-certification-result', token),
        ])
        if (employer) {
          for (const row of insurance) t.match(row, { insuredEmployerInfo: employer, insuranceStatus: { code: '1' } }, who)
          t.match(care, [{ insuredEmployer: employer }], who)
          t.match(funds, [{ personalAccountStatus: { code: '01' } }], who)
        } else {
          t.match(insurance[0], { insuranceStatus: { code: life.left ? '2' : '4' } }, who)
          t.match(care, [{ insuranceStatus: { code: life.left ? '2' : '1' } }], `${who}: who has retired stays insured`)
          t.ok(
            funds.every((row) => codeOf(row['personalAccountStatus']) === '02'),
            who,
          )
          const last = ((care[0]?.['contributionRecords'] ?? []) as Row[])[0]
          const until = life.left ?? String(life.retired).slice(0, 7)
          t.ok(String(last?.['contributionTime']).slice(0, 7) <= until, `${who} has paid till ${until}`)
          const [credited] = (funds[0]?.['contributionMonthDetails'] ?? []) as Row[]
          t.equal(credited?.['contributionMonth'], life.left, who)
        }
        t.equal(retirement.length, life.pension ? 1 : 0, who)
        t.equal(certified.length, life.pension ? 1 : 0, `${who}: only a pension is certified`)
        for (const kind of ['employee', 'public-institution']) {
          const paid = await ask(`social-security.${kind}-pension-benefits`, token)
          t.equal(paid.length, life.pension === kind ? 12 : 0, `${who} ${kind}`)
          const batches = paid.map((row) => row['fiscalAppropriationBatchNumber']).filter(Boolean)
          t.equal(new Set(batches).size, batches.length, 'a batch a month')
          for (const row of paid) t.equal(row['retirementEffectiveDate'], life.retired)
        }
        const places = (await ask('real-estate.property-registration', token)).map((row) => String(row['propertyLocation']))
        t.same(places.length, life.places.length, who)
        for (const place of life.places)
          t.ok(
            places.some((text) => text.includes(place)),
            place,
          )
        t.equal((await ask('housing-fund.loan-information', token)).length, life.loans, who)
        const couple = await ask('housing-fund.co-borrowers', token)
        t.equal(couple.length, life.spouse === undefined ? 0 : 1, who)
        const births = await ask('medical-insurance.maternity-benefits', token)
        t.equal(births.length > 0, person === 1, who)
        for (const row of births) t.equal(row['maternityDate'], '2025-02-18')
      }
      for (const life of lives) await livesAs(life)
      const eligible = await ask('social-security.benefit-eligibility', { person: 3 })
      const pension = eligible.find((row) => codeOf(row['benefitCategory']) === '01')
      const [month] = await ask('social-security.employee-pension-benefits', { person: 3 })
      t.equal(pension?.['benefitAmount'], month?.['monthlyBasicPension'], 'one pension, one amount')
    })

    t.test('nothing before its time, nothing after today, every list in order', async (t) => {
      const personal = people.flatMap(({ index, life }) =>
        services.map((service) => ({ service, token: { person: index }, since: life.born })),
      )
      const ofFirms = mandates.flatMap(({ person, enterprise }) =>
        person === 1
          ? services.map((service) => ({ service, token: { person, enterprise }, since: enterprises[enterprise - 1]?.founded }))
          : [],
      )
      const asked = [...personal, ...ofFirms].filter(
        ({ service, token }) => (service.contract.audience === 'enterprise') === 'enterprise' in token,
      )
      await each(asked, async ({ service, token, since = '' }) => {
        const rows = await ask(service.key, token)
        const label = `${service.key} ${JSON.stringify(token)}`
        const first = `${since.slice(0, 4)}-${since.slice(4, 6)}`
        const wrong = days(rows).filter(([name, date]) => (!AHEAD.test(name) && date > day.slice(0, date.length)) || date < first)
        t.same(wrong, [], label)
        t.ok([rows, ...listsIn(rows)].every(sorted), `${label} in order`)
      })
    })

    t.test('a month back is never empty, and an instalment is due', async (t) => {
      const from = new Date(clock - 31 * 86_400_000).toISOString().slice(0, 10)
      for (const id of ['housing-fund.personal-transactions', 'housing-fund.loan-transactions', 'medical-insurance.drug-purchase-records'])
        t.not((await ask(id, { person: 1 }, `?timeRange=${from}/..`)).length, 0, id)
      const [loan] = await ask('housing-fund.loan-account', { person: 1 })
      t.ok(String(loan?.['dueDate']) > day && Date.parse(String(loan?.['dueDate'])) - clock < 32 * 86_400_000)
      t.equal(loan?.['loanContractRate'], 2.6, 'as of 2026-01-01')
      const [code] = await ask('medical-insurance.medical-insurance-code', { person: 1 })
      t.equal(Date.parse(String(code?.['expiryTime'])) - clock, 60_000, 'a code lives for a minute')
    })

    t.test('sums and counts agree', async (t) => {
      const visits = await Promise.all(lives.map(({ person }) => ask('medical-insurance.consumption-records', { person })))
      for (const visit of visits.flat()) {
        const [bill] = visit['medicalExpenseReimbursementRecords'] as Row[]
        const parts = [...(visit['drugExpenseReimbursementRecords'] as Row[]), ...(visit['medicalServiceItemRecords'] as Row[])]
        t.equal(sum(parts, 'totalAmount'), fen(bill?.['totalAmount']))
        t.equal(fen(bill?.['fundPayment']) + fen(bill?.['accountPayment']) + fen(bill?.['cashPayment']), fen(bill?.['totalAmount']))
        const atPharmacy = codeOf(bill?.['medicalCategory']) === '41'
        t.equal(String(bill?.['institutionName']).includes('药房'), atPharmacy, 'hospital drugs at hospitals')
      }
      for (const { index, behind } of enterprises) {
        const token = { person: 1, enterprise: index }
        const [account] = await ask('housing-fund.employer-account', token)
        const [paper] = await ask('medical-insurance.employer-insurance-certificate-printing', token, '?format=json')
        const [held] = await ask('medical-insurance.employer-insurance-information', token)
        const pension = await ask('social-security.enterprise-pension-contributions', token)
        t.equal(held?.['insuredPersonCount'], account?.['activeContributorCount'])
        if (paper) t.equal((paper['insuredPersons'] as Row[]).length, held?.['insuredPersonCount'], 'the list is as long as it says')
        t.equal(pension.filter((row) => codeOf(row['actualContributionStatus']) === '4').length, behind, '欠费, not 暂停')
        t.equal(account?.['anomalyFlag'], behind > 0)
        const own = people.filter(({ life }) => life.jobs.at(-1)?.firm === index && life.jobs.at(-1)?.until === null)
        for (const { index: person } of own) {
          const [fund] = await ask('housing-fund.personal-account', { person })
          const [latest] = (fund?.['contributionMonthDetails'] ?? []) as Row[]
          t.equal(
            latest?.['contributionMonth'],
            account?.['paidThroughMonth'],
            `person ${person} is credited for what firm ${index} has paid`,
          )
        }
      }
    })
  })
}
