import { addDays, addMonths, monthsBetween, type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import {
  type Firm,
  firstMonth,
  type Insured,
  later,
  monthRows,
  ofInsured,
  ofUnit,
  paidThrough,
  recentMonths,
  shareOf,
  unitMonth,
} from './insured.ts'
import { ARRIVES_ON, begins, CERTIFIED } from './rules.ts'

const AGENCY = '许昌市社会保险中心示例经办大厅'

/** What somebody is insured for here: who worked for an institution has its own pension. */
const insurancesOf = ({ life }: Insured) => (life.retirement?.institution ? ['120'] : ['110', '210', '410'])

/** Who has left an employer is insured again with the next one. */
const statusOf = ({ life, working }: Insured) => (working ? '1' : life.retirement ? '4' : '2')

const firstMonths: SandboxRows = ofInsured((person) =>
  insurancesOf(person).map((insurance) => {
    const months = monthRows(insurance, person, 24)
    return {
      AAB004: person.job.employer,
      AAE140: insurance,
      AAC008: statusOf(person),
      AAC049: firstMonth(person.life, insurance),
      AAB301: person.division,
      AAE003: months[0]?.['AAE003'] ?? null,
      sbjgmc: AGENCY,
      myjfjl: months,
    }
  }),
)

/** Years of work, those before there was insurance deemed to be insured. */
const yearsOf = ({ life, through }: Insured) => Math.round((monthsBetween(life.jobs[0]?.from ?? through, through).length / 12) * 10) / 10

/** The last day on which a pension had to be certified; none of somebody without one. */
function certifiedOn({ life, world: { today } }: Insured): string | null {
  if (!life.retirement) return null
  const year = Number(today.slice(0, 4))
  return `${today.slice(4) < CERTIFIED ? year - 1 : year}${CERTIFIED}`
}

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const yearLater = (day: string) => addDays(`${Number(day.slice(0, 4)) + 1}${day.slice(4)}`, -1)

/** A pension is certified every year; whoever works, and whoever is insured against illness, is not asked. */
const eligibility = ofInsured((person) => {
  const { life } = person
  const day = certifiedOn(person)
  const [pension = '110', ...others] = insurancesOf(person)
  const certified = {
    dyzgrz: day ? [{ AAE140: pension, rzjg: '1', rzsj: `${day}101500` }] : [],
    AAA036: life.retirement ? '01' : null,
    AAE019: yuan(life.retirement?.pension ?? 0),
    rztgsj: day ? `${day}101500` : null,
    rzyxq: day ? `${dashed(day)}至${dashed(yearLater(day))}` : null,
  }
  const uncertified = { dyzgrz: [], AAE019: '0.00', rztgsj: null, rzyxq: null }
  const row = (insurance: string, rest: SandboxRow) => ({
    AAE140: insurance,
    AAC008: statusOf(person),
    jfjl: monthRows(insurance, person, 12),
    cbnx: yearsOf(person),
    ...rest,
  })
  return [
    // Who has retired stays insured against illness and pays nothing (社会保险法 27).
    row('310', { ...uncertified, AAC008: life.retirement ? '1' : statusOf(person), AAA036: '04' }),
    row(pension, certified),
    ...others.filter((insurance) => insurance === '210').map((insurance) => row(insurance, { ...uncertified, AAA036: null })),
  ]
})

/** Who had no job yet, and was of age, paid as a resident; with the first job that came to rest. */
const residentPension = ofInsured(({ life: { born, jobs }, division }) => {
  const until = Number(jobs[0]?.from.slice(0, 4))
  const first = Math.max(Number(born.slice(0, 4)) + 18, Number(begins['170']?.slice(0, 4)), until - 3)
  const years = Array.from({ length: Math.max(0, until - first) }, (_, back) => String(until - 1 - back))
  if (years.length === 0) return []
  return [{ AAC008: '2', AAB301: division, lsjfrq: years.map((year) => ({ AAE001: year, jfrq: `${year}0618`, AAE082: '100.00' })) }]
})

const retirement = ofInsured(({ life, job, division }) =>
  life.retirement ? [{ txsptgsj: `${addDays(life.retirement.day, 10)}153000`, AAB004: job.employer, AAB301: division }] : [],
)

/** A row for each month since retirement, at most twelve; a person has a pension of one kind. */
const pensionMonths = (institution: boolean, rest: (month: string, pension: number) => SandboxRow) =>
  ofInsured(({ life, world: { today } }) => {
    const pension = life.retirement
    if (pension?.institution !== institution) return []
    const first = later(addMonths(pension.day.slice(0, 6), 1), institution ? (begins['120'] ?? '') : '')
    return recentMonths(12, today.slice(0, 6), first).map((month) => ({
      ylffzt: '1',
      EAC064: month,
      AIC162: pension.day,
      ...rest(month, pension.pension),
    }))
  })

const certification = ofInsured((person) => {
  const day = certifiedOn(person)
  if (!day) return []
  const [pension] = insurancesOf(person)
  const before = `${Number(day.slice(0, 4)) - 1}0309`
  return [
    {
      AAE140: pension,
      rzjg: '1',
      rzzt: '1',
      rzsj: `${day}101500`,
      rzfs: '1',
      rzjl: [
        { rzsj: `${day}101500`, rzjg: '1', rzfs: '1', wtgyy: '' },
        { rzsj: `${day}100800`, rzjg: '2', rzfs: '1', wtgyy: '光线不足，人脸比对未通过' },
        { rzsj: `${before}093000`, rzjg: '1', rzfs: '5', wtgyy: '' },
      ],
      yddbxx: '河南省郑州市金水区示例社保所代办',
    },
  ]
})

/** Units register within thirty days of their founding (社会保险法 57). */
const registered = ({ founded }: Firm) => addDays(founded, 25)

const pensionOfUnit = ofUnit((firm, today) => {
  const due = paidThrough({ behind: 0 }, today)
  const through = paidThrough(firm, today)
  const owed = (month: string) => unitMonth(firm, '110', month)
  const arrears = recentMonths(firm.behind, due).reduce((sum, month) => sum + owed(month).employer + owed(month).employee, 0)
  return recentMonths(24, due, registered(firm).slice(0, 6)).map((month) => {
    const { base, employer, employee } = owed(month)
    const paid = month <= through
    return {
      cbdjsj: `${registered(firm)}100000`,
      AAE003: month,
      AAB051: paid ? '1' : '4',
      AAB301: firm.division,
      AAB121: yuan(base),
      jfje: paid ? yuan(employer + employee) : '0.00',
      AAE140: '110',
      lsqfqk: firm.behind === 0 ? '无欠费' : `欠费${firm.behind}个月，合计${yuan(arrears)}元`,
    }
  })
})

const injuryMonth = (month: string, people: number, base: number, employer: number) => ({
  AAE003: month,
  AAB119: people,
  AAB121: yuan(base),
  AAE080: yuan(employer),
  EAD131: `${month}${ARRIVES_ON}`,
})

/** A record for each employer since there is this insurance, the present one first. */
const injuryOfPerson = ofInsured((person) =>
  insurancesOf(person).includes('410')
    ? person.life.jobs.toReversed().map(({ employer, firm, from, until, base }) => {
        const first = later(from, begins['410'] ?? '')
        const last = until ?? person.through
        const share = shareOf('410', base).employer
        return {
          AAB004: employer,
          AAC008: until === null ? '1' : '4',
          jfjl: recentMonths(12, last, first).map((month) => injuryMonth(month, 1, base, share)),
          AAE003: last,
          AAB301: person.world.firms.find(({ index }) => index === firm)?.division ?? '411002',
          AAE140: '410',
          ljjfje: yuan(share * monthsBetween(first, last).length),
        }
      })
    : [],
)

const injuryOfUnit = ofUnit((firm, today) => {
  const last = paidThrough(firm, today)
  const months = monthsBetween(registered(firm).slice(0, 6), last)
  const total = months.reduce((sum, month) => sum + unitMonth(firm, '410', month).employer, 0)
  return [
    {
      AAC008: '1',
      jfjl: recentMonths(12, last, months[0]).map((month) => {
        const { people, base, employer } = unitMonth(firm, '410', month)
        return injuryMonth(month, people, base, employer)
      }),
      AAE003: last,
      AAB301: firm.division,
      AAE140: '410',
      ljjfje: yuan(total),
    },
  ]
})

/** The agency's records of the sandbox's invented people and units, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'benefit-eligibility': eligibility,
  'basic-information': firstMonths,
  'employee-contributions': firstMonths,
  'resident-pension-contributions': residentPension,
  'retirement-information': retirement,
  'employee-pension-benefits': pensionMonths(false, (_month, pension) => ({ jcylj: yuan(pension) })),
  // One batch of the treasury a month.
  'public-institution-pension-benefits': pensionMonths(true, (month) => ({ czbfpch: `CZ${month}001`, AAB034: '41100001' })),
  'benefit-certification-result': certification,
  'enterprise-pension-contributions': pensionOfUnit,
  'work-injury-contributions': (subject, world) =>
    world.firms.some(({ number }) => number === subject.number) ? injuryOfUnit(subject, world) : injuryOfPerson(subject, world),
}
