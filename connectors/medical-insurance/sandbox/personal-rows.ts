import { addDays, type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import { contributionRows, dashed, type Insured, insuredOf, type Life, ofInsured } from './insured.ts'
import { CODE_LIFE_MS, DAYS_OF_MONTH, MATERNITY_DAYS } from './rules.ts'
import { billOf, HOSPITAL, MATERNITY_HOSPITAL, visitsOf } from './visits.ts'

const OFFICE = '许昌市医疗保障中心'
const BEIJING_MS = 8 * 3_600_000
const timeOf = (epoch: number) => new Date(epoch + BEIJING_MS).toISOString().slice(0, 19).replace('T', ' ')

/** What a scanner reads from the QR code: another every second, for nobody's account. */
const code = ofInsured(({ world: { now } }, { index }) => [
  {
    psn_cert_type: '01',
    ec_token: `410000${String(index).padStart(4, '0')}SANDBOX${Math.floor(now / 1000)
      .toString(36)
      .toUpperCase()
      .padStart(11, '0')}`,
    ec_stas: '1',
    actv_time: '2021-04-02 11:20:31',
    expi_time: timeOf(now + CODE_LIFE_MS),
  },
])

/** Fen in the personal accounts; invented. */
const balances: Readonly<Record<number, number>> = { 1: 486_250, 2: 312_008, 3: 905_530, 4: 64_100, 5: 250_075, 6: 18_800, 8: 731_040 }

const certificate = ofInsured(({ job, since }, { index }) => [
  {
    insutype: '310',
    emp_name: job.employer,
    psn_insu_date: `${since}01000000`,
    cert_file: [{ id: `CBZM${index}`, name: '个人参保证明.pdf', mediaType: 'application/pdf' }],
  },
])

/** Who has no employer and no pension is insured no longer, until another employer pays. */
const hasLeft = ({ life, job }: Insured) => job.until !== null && life.retirement === null

function standing(person: Insured): string {
  if (hasLeft(person)) return `暂停参保（缴费至${person.through.slice(0, 4)}年${Number(person.through.slice(4))}月）`
  return person.life.retirement ? '正常参保（退休人员，不再缴费）' : '正常参保'
}

const yearsOn = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`

/** Approved some days after it began, for two years at a time, the last of which is not over. */
function approvals(kind: Life['illnesses'][number]['kind'], { life, world: { today } }: Insured) {
  return life.illnesses.flatMap((illness) => {
    if (illness.kind !== kind) return []
    const approved = addDays(illness.since, 18)
    const terms = Math.floor((Number(today.slice(0, 4)) - Number(approved.slice(0, 4))) / 2)
    const from = yearsOn(approved, yearsOn(approved, 2 * terms) > today ? 2 * (terms - 1) : 2 * terms)
    return [
      {
        illness,
        row: {
          opsp_dise_name: illness.name,
          aprv_stas: '2',
          aprv_rslt: '1',
          fixmedins_name: HOSPITAL,
          appy_time: `${dashed(addDays(illness.since, 10))} 09:12:00`,
          aprv_time: `${dashed(approved)} 16:40:00`,
          begndate: dashed(from),
          enddate: dashed(addDays(yearsOn(from, 2), -1)),
        },
      },
    ]
  })
}

const major = ofInsured((person) => approvals('major', person).map(({ row }) => row))

/** What the fund paid this last year for visits with that diagnosis. */
const chronic = ofInsured((person) =>
  approvals('chronic', person).map(({ illness, row }) => {
    const visits = visitsOf(person).filter(({ diagnosis }) => diagnosis === illness.name)
    return { ...row, fund_pay_sumamt: yuan(visits.reduce((sum, visit) => sum + billOf(visit).fund, 0)) }
  }),
)

/** The mother's, of each child born while she was insured. */
const maternity = ofInsured((person) => {
  const { life, firm, since } = person
  if (life.sex !== '女') return []
  return life.children
    .filter(({ born }) => born.slice(0, 6) > since)
    .flatMap(({ born }): SandboxRow[] => {
      const birth = { matn_date: dashed(born), fixmedins_name: MATERNITY_HOSPITAL, clr_optins: OFFICE }
      const staff = (firm?.staff ?? []).filter(({ from }) => from <= born.slice(0, 6))
      const average = staff.reduce((sum, { base }) => sum + base, 0) / Math.max(1, staff.length)
      const stay = visitsOf(person).find(({ category }) => category === '52')
      const allowance = Math.round((average / DAYS_OF_MONTH) * MATERNITY_DAYS)
      return [
        { ...birth, matn_trt_type: '02', alwn_days: MATERNITY_DAYS, matn_trt_amt: yuan(allowance), pay_date: dashed(addDays(born, 122)) },
        {
          ...birth,
          matn_trt_type: '01',
          alwn_days: 0,
          matn_trt_amt: yuan(stay ? billOf(stay).fund : 0),
          pay_date: dashed(addDays(born, 35)),
        },
      ]
    })
})

/** Person 3 is treated in Zhengzhou this year; the others' filings ended with a year that is over. */
const filings = ofInsured(({ world: { today } }, { index }) => {
  const running = index === 3
  const year = Number(today.slice(0, 4)) - (running ? 0 : 1)
  return [
    {
      filg_stas: running ? '1' : '2',
      fixmedins_name: '郑州示例医学院第一附属医院',
      begndate: `${year}-01-01`,
      enddate: `${year}-12-31`,
    },
  ]
})

const cases = ofInsured((person, { index }) => {
  const applied = addDays(person.world.today, -7)
  const running = {
    case_no: `YB${applied}0${index}`,
    case_name: '异地就医备案',
    appy_time: `${dashed(applied)} 14:05:00`,
    case_stas: '02',
    curr_step: '经办机构复核',
    optins_name: OFFICE,
    fnsh_time: '',
    case_rslt: '',
  }
  const done = approvals('chronic', person).map(({ illness, row }) => ({
    case_no: `YB${illness.since}1${index}`,
    case_name: '门诊慢性病认定',
    appy_time: row.appy_time,
    case_stas: '05',
    curr_step: '办结',
    optins_name: OFFICE,
    fnsh_time: row.aprv_time,
    case_rslt: `符合条件，准予享受门诊慢性病待遇（${illness.name}）`,
  }))
  return [running, ...done]
})

/** The agency's records of the sandbox's invented people, in its own keys and forms. */
export const personalRows: Readonly<Record<string, SandboxRows>> = {
  'medical-insurance-code': code,
  'account-balance': ofInsured((_person, { index }) => [{ insutype: '310', balc: yuan(balances[index] ?? 0) }]),
  'personal-basic-information': ofInsured((person, { index }) => [
    {
      insu_info: `职工基本医疗保险，${standing(person)}，参保地许昌市市本级`,
      clct_list: contributionRows(person, 12),
      card_no: `D0000000${index}`,
    },
  ]),
  'personal-insurance-information': ofInsured((person) => [
    { insutype: '310', emp_name: person.job.employer, clct_list: contributionRows(person, 12), psn_insu_stas: hasLeft(person) ? '2' : '1' },
  ]),
  contributions: ofInsured((person) => contributionRows(person, 24)),
  'personal-insurance-certificate': certificate,
  'personal-insurance-certificate-printing': certificate,
  'outpatient-major-disease-approval': major,
  'outpatient-chronic-disease-approval': chronic,
  'maternity-benefits': maternity,
  'out-of-area-treatment-filing': filings,
  'case-progress': cases,
  'family-account': ({ index }, { people }) =>
    (people[index - 1]?.life.parents ?? []).flatMap((parent) => {
      const member = people[parent - 1]
      return member ? [{ fam_psn_name: member.name, fam_certno: member.number, rlts: '50', bind_date: '2024-03-18' }] : []
    }),
  // What the agency knows when an application comes in; number, times and states are the platform's to make up.
  'resident-enrolment': (subject, world) =>
    insuredOf(subject, world)
      ? [
          {
            psn_name: subject.name,
            certno: subject.number,
            enrl_year: Number(world.today.slice(0, 4)) + 1,
            insuplc_admdvs: '411002',
            // The birthday stands from the seventh place on: 60 years ago or more.
            psn_type: Number(world.today) - Number(subject.number.slice(6, 14)) >= 600_000 ? '1506' : '1505',
            psn_clct_amt: yuan(40_000),
          },
        ]
      : [],
}
