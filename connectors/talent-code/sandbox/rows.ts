import { addDays, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import { type Benefit, benefitsOf, left, placeRow, places } from './benefits.ts'
import { codeAt, codeEndsAt, codesTaken, hashOf } from './code.ts'
import { endOf, experienceOf, holdingOf, type Talent, talentOf, talents } from './talents.ts'

const day = (text: string) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
const moment = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

const standingOf = (talent: Talent, { today }: SandboxWorld): SandboxRow => ({
  xm: talent.name,
  zjhm: talent.idNumber,
  rcbh: talent.number,
  rclb: talent.category,
  zgzt: holdingOf(talent, today),
  rdrq: day(talent.certified),
  yxqz: day(endOf(talent)),
})

const ofTalent =
  (rows: (talent: Talent, subject: SandboxSubject, world: SandboxWorld) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) => {
    const talent = talentOf(subject, world)
    return talent ? rows(talent, subject, world) : []
  }

const info = ofTalent((talent, _subject, world) => [
  { ...standingOf(talent, world), xl: talent.education, jl: experienceOf(talent, world) },
])

/** Who is struck off, or whose time is over, has no code. The picture's number is the talent's: what it shows is the code of the minute. */
const code = ofTalent((talent, _subject, world) =>
  holdingOf(talent, world.today) === '1'
    ? [
        {
          ...standingOf(talent, world),
          rcm: codeAt(talent.idNumber, world.now),
          sxsj: moment(codeEndsAt(world.now)),
          rcmtp: [{ id: talent.number, name: '人才码.png', mediaType: 'image/png' }],
        },
      ]
    : [],
)

/** All codes that are taken now; of whom, nobody is told more than a shortened name. */
const verification: SandboxRows = (subject, world) =>
  talents(subject, world)
    .filter((talent) => holdingOf(talent, world.today) === '1')
    .flatMap(({ idNumber, name, category }) =>
      codesTaken(idNumber, world.now).map((rcm) => ({ rcm, sfyx: '1', xm: name, rclb: category, hysj: moment(world.now) })),
    )

const benefitRow = (benefit: Benefit, { today }: SandboxWorld): SandboxRow => ({
  qybh: benefit.number,
  qylb: benefit.kind,
  qymc: benefit.name,
  sydd: benefit.place,
  sycs: left(benefit),
  yxqz: `${today.slice(0, 4)}-12-31`,
  sfky: left(benefit) > 0 ? '1' : '0',
})

const own = ofTalent((talent, subject, world) => benefitsOf(talent, subject, world).map((benefit) => benefitRow(benefit, world)))

/** The use that a request names, before it is done and afterwards; what is used up is none. */
const use = ofTalent((talent, subject, world) => {
  const { qybh, lsh = '' } = subject.asked ?? {}
  return benefitsOf(talent, subject, world).flatMap((benefit) => {
    const done = benefit.uses.find(({ reference }) => reference === lsh)
    const others = benefit.uses.length - (done ? 1 : 0)
    if ((qybh !== undefined && qybh !== benefit.number) || others >= benefit.times) return []
    const hxm = String(hashOf(String(lsh)) % 1_000_000).padStart(6, '0')
    return [{ ...benefitRow(benefit, world), hxm, sysj: moment(done?.at ?? world.now), syzt: '1', sycs: benefit.times - others - 1 }]
  })
})

const centre = ofTalent((talent, subject, world) => {
  const benefits = benefitsOf(talent, subject, world)
  const uses = benefits.flatMap(({ name, place, uses }) =>
    uses.map(({ at }): SandboxRow => ({ qymc: name, sydd: place, sysj: moment(at), syzt: '1' })),
  )
  const kyqy = benefits.filter((benefit) => left(benefit) > 0).length
  return [{ ...standingOf(talent, world), kyqy, yycs: uses.length, syjl: uses }]
})

const STATES: Readonly<Record<string, string>> = {
  submitted: '01',
  reviewing: '03',
  incomplete: '07',
  approved: '04',
  rejected: '05',
  withdrawn: '08',
}

/** What was filed by the app, and how whoever is on the roster came there. */
const status: SandboxRows = (subject, world) => {
  const filed = (subject.filed ?? []).filter(({ service }) => service === 'talent-certification')
  const recent = filed.map(({ reference, state, at, params }): SandboxRow => {
    const decided = state === 'approved' || state === 'rejected'
    return caseRow(subject, {
      ...{ sqbh: reference, rdzt: STATES[state] ?? '01', sqsj: moment(at), rclb: params['rclb'] },
      ...(decided ? { shyj: '材料齐全，符合人才分类目录。' } : {}),
    })
  })
  const talent = talentOf({ ...subject, filed: [] }, world)
  return [...recent.reverse(), ...(talent ? historyOf(subject, talent) : []), ...(subject.index === 6 ? [waiting(subject, world)] : [])]
}

/** What a case has in any event, told or not. */
const caseRow = ({ number }: SandboxSubject, row: SandboxRow): SandboxRow => ({
  ...{ zjhm: number, bjsj: null, shyj: null, bzcl: [], bzqx: null },
  ...row,
})

/** The first attempt lacked a paper that never came; the second was granted. */
function historyOf(subject: SandboxSubject, { number, certified, category }: Talent): SandboxRow[] {
  const year = Number(certified.slice(0, 4))
  const place = number.slice(8)
  return [
    caseRow(subject, {
      ...{ sqbh: `RD${place}`, rdzt: '04', rclb: category, shyj: '材料齐全，符合人才分类目录。' },
      ...{ sqsj: `${day(certified).slice(0, 8)}01 10:12:00`, bjsj: `${day(certified)} 16:30:00` },
    }),
    caseRow(subject, {
      ...{ sqbh: `RD${year - 1}${place.slice(4)}`, rdzt: '05', rclb: category, shyj: '逾期未补正，不予认定。' },
      ...{ sqsj: `${year - 1}-10-09 09:05:00`, bjsj: `${year - 1}-11-02 17:00:00`, bzqx: `${year - 1}-10-30` },
      bzcl: [{ clmc: '社会保险缴费记录', bzyy: '未附近六个月的缴费记录' }],
    }),
  ]
}

/** Person 6, whose employment ended this spring: the contract that was sent with the application is over. */
function waiting(subject: SandboxSubject, { today }: SandboxWorld): SandboxRow {
  return caseRow(subject, {
    ...{ sqbh: `RD${today.slice(0, 4)}00222`, rdzt: '07', sqsj: moment(addDaysTo(today, -12)), rclb: 'F' },
    ...{ shyj: '材料不全，请补正。', bzqx: day(addDays(today, 10)) },
    bzcl: [{ clmc: '劳动合同', bzyy: '所附合同已经到期，请提供现单位的劳动合同' }],
  })
}

/** Ten in the morning of a day so many days away, in epoch milliseconds. */
const addDaysTo = (today: string, days: number) => Date.parse(`${day(addDays(today, days))}T10:00:00+08:00`)

/** Person 7 never signed in there. */
const STRANGER = 7

/** Whoever is of working age may apply. */
const applicant: SandboxRows = ({ index, name, number }, { people }) =>
  index === STRANGER || people[index - 1]?.life.retirement ? [] : [{ xm: name, zjhm: number, shyj: '材料齐全，符合人才分类目录。' }]

const offered =
  (kind: '1' | '2'): SandboxRows =>
  ({ index }) =>
    index === STRANGER ? [] : places.filter((place) => place.kind === kind).map(placeRow)

/** The platform's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'talent-info': info,
  'dynamic-talent-code': code,
  'talent-code-verification': verification,
  'personal-center': centre,
  'talent-certification': applicant,
  'certification-status': status,
  'scenic-spot-benefits': offered('1'),
  'hotel-benefits': offered('2'),
  'own-benefits': own,
  'benefit-use': use,
}
