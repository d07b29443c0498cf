import { monthsBetween, SNAPSHOT, yuan } from '../../../core/connector.ts'
import { type Insured, LAST_MONTH, monthRow, ofInsured, ofUnit, type Rows, recentMonths, shareOf, units } from './insured.ts'

const AGENCY = '许昌市社会保险中心示例经办大厅'
const INSURANCES = ['110', '210', '410']

const firstMonths: Rows = ofInsured(({ unit, base, since, retired }) =>
  INSURANCES.map((insurance) => ({
    AAB004: unit.name,
    AAE140: insurance,
    AAC008: retired ? '4' : '1',
    AAC049: since,
    AAB301: unit.division,
    AAE003: lastMonthOf(retired),
    sbjgmc: AGENCY,
    myjfjl: recentMonths(24, lastMonthOf(retired)).map((month) => monthRow(insurance, base, month)),
  })),
)

/** Person 3 retired with sixty. */
function lastMonthOf(retired: boolean): string {
  return retired ? '202003' : LAST_MONTH
}

const yearsOf = ({ since, retired }: Insured) => Math.round((monthsBetween(since, lastMonthOf(retired)).length / 12) * 10) / 10

const eligibility = ofInsured((person) =>
  (
    [
      ['310', '04', 0],
      ['110', '01', person.retired ? 328_640 : 0],
      ['210', '03', 0],
    ] as const
  ).map(([insurance, category, amount]) => ({
    dyzgrz: [{ AAE140: insurance, rzjg: '1', rzsj: '20260312101500' }],
    AAC008: person.retired && insurance !== '310' ? '4' : '1',
    jfjl: recentMonths(12, lastMonthOf(person.retired)).map((month) => monthRow(insurance, person.base, month)),
    cbnx: yearsOf(person),
    AAA036: category,
    AAE019: yuan(amount),
    rztgsj: '20260312101500',
    rzyxq: '2026-03-12至2027-03-11',
  })),
)

const residentPension = ofInsured((_person, { index }) =>
  index > 3
    ? []
    : [
        {
          AAC008: '2',
          AAB301: '411003',
          lsjfrq: ['2011', '2010', '2009'].map((year) => ({ AAE001: year, jfrq: `${year}0618`, AAE082: '100.00' })),
        },
      ],
)

/** Persons 1 and 2 work, and yet have a pension here: so that every service can be tried as either of them. */
const onPension = (rows: (person: Insured) => Record<string, unknown>[]) =>
  ofInsured((person, { index }) => (index > 3 ? [] : rows(person)))

const retirement = onPension(({ unit }) => [{ txsptgsj: '20200410153000', AAB004: unit.name, AAB301: unit.division }])

const pensionMonths = (amount: Record<string, unknown>) =>
  onPension(() => recentMonths(12, SNAPSHOT.slice(0, 6)).map((month) => ({ ylffzt: '1', EAC064: month, AIC162: '20200331', ...amount })))

const certification = onPension(() => [
  {
    AAE140: '110',
    rzjg: '1',
    rzzt: '1',
    rzsj: '20260312101500',
    rzfs: '1',
    rzjl: [
      { rzsj: '20260312101500', rzjg: '1', rzfs: '1', wtgyy: '' },
      { rzsj: '20260312100800', rzjg: '2', rzfs: '1', wtgyy: '光线不足，人脸比对未通过' },
      { rzsj: '20250309093000', rzjg: '1', rzfs: '5', wtgyy: '' },
    ],
    yddbxx: '河南省郑州市金水区示例社保所代办',
  },
])

const pensionOfUnit = ofUnit((unit) =>
  recentMonths(24).map((month, position) => {
    const paid = position >= unit.behind
    const base = unit.base * unit.people
    const { employer, employee } = shareOf('110', base)
    return {
      AAB050: unit.registered,
      AAE003: month,
      AAB051: paid ? '1' : '2',
      AAB301: unit.division,
      AAB121: yuan(base),
      jfje: paid ? yuan(employer + employee) : '0.00',
      AAE140: '110',
      lsqfqk: unit.behind === 0 ? '无欠费' : `欠费${unit.behind}个月，合计${yuan((employer + employee) * unit.behind)}元`,
    }
  }),
)

const injuryMonth = (month: string, people: number, base: number) => ({
  AAE003: month,
  AAB119: people,
  AAB121: yuan(base),
  AAE080: yuan(shareOf('410', base).employer),
  EAD131: `${month}25`,
})

const injuryOfPerson = ofInsured(({ unit, base, since, retired }) => {
  const months = monthsBetween(since > '201101' ? since : '201101', lastMonthOf(retired))
  return [
    {
      AAB004: unit.name,
      AAC008: retired ? '4' : '1',
      jfjl: recentMonths(12, lastMonthOf(retired)).map((month) => injuryMonth(month, 1, base)),
      AAE003: lastMonthOf(retired),
      AAB301: unit.division,
      AAE140: '410',
      ljjfje: yuan(shareOf('410', base).employer * months.length),
    },
  ]
})

const injuryOfUnit = ofUnit((unit) => {
  const months = monthsBetween(unit.registered > '201101' ? unit.registered : '201101', LAST_MONTH)
  const base = unit.base * unit.people
  return [
    {
      AAC008: '1',
      jfjl: recentMonths(12).map((month) => injuryMonth(month, unit.people, base)),
      AAE003: LAST_MONTH,
      AAB301: unit.division,
      AAE140: '410',
      ljjfje: yuan(shareOf('410', base).employer * months.length),
    },
  ]
})

const isUnit = (number: string) => units.some(({ uscc }) => uscc === number)

/** The agency's records of the sandbox's invented people and units, in its own keys and forms. */
export const sandbox: Readonly<Record<string, Rows>> = {
  'benefit-eligibility': eligibility,
  'basic-information': firstMonths,
  'employee-contributions': firstMonths,
  'resident-pension-contributions': residentPension,
  'retirement-information': retirement,
  'employee-pension-benefits': pensionMonths({ jcylj: yuan(328_640) }),
  'public-institution-pension-benefits': pensionMonths({ czbfpch: 'CZ202610001', AAB034: '41100001' }),
  'benefit-certification-result': certification,
  'enterprise-pension-contributions': pensionOfUnit,
  'work-injury-contributions': (subject) => (isUnit(subject.number) ? injuryOfUnit(subject) : injuryOfPerson(subject)),
}
