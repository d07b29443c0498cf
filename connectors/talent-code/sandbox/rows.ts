import type { SandboxRow, SandboxRows, SandboxSubject, SandboxWorld } from '../../../core/connector.ts'
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
  const recent = filed.map(
    ({ reference, state, at, params }): SandboxRow => ({
      ...{ sqbh: reference, rdzt: STATES[state] ?? '01', sqsj: moment(at), rclb: params['rclb'], zjhm: subject.number },
    }),
  )
  const talent = talentOf({ ...subject, filed: [] }, world)
  const old: SandboxRow[] = talent
    ? [
        {
          ...{ sqbh: `RD${talent.number.slice(8)}`, rdzt: '04', rclb: talent.category, zjhm: subject.number },
          ...{ sqsj: `${day(talent.certified).slice(0, 8)}01 10:12:00`, bjsj: `${day(talent.certified)} 16:30:00` },
          shyj: '材料齐全，符合人才分类目录。',
        },
      ]
    : []
  return [...recent.reverse(), ...old, ...(subject.index === 6 ? [waiting(subject, world)] : [])]
}

/** Person 6, whose employment ended this spring: the contract that was sent with the application is over. */
function waiting({ number }: SandboxSubject, { today }: SandboxWorld): SandboxRow {
  return {
    ...{ sqbh: `RD${today.slice(0, 4)}00222`, rdzt: '07', sqsj: `${today.slice(0, 4)}-03-26 11:40:00`, rclb: 'F', zjhm: number },
    bzcl: [{ clmc: '劳动合同', bzyy: '所附合同已经到期，请提供现单位的劳动合同' }],
  }
}

/** Whoever is of working age may apply. */
const applicant: SandboxRows = ({ index, name, number }, { people }) =>
  people[index - 1]?.life.retirement ? [] : [{ xm: name, zjhm: number, shyj: '材料齐全，符合人才分类目录。' }]

/** The platform's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'talent-info': info,
  'dynamic-talent-code': code,
  'talent-code-verification': verification,
  'personal-center': centre,
  'talent-certification': applicant,
  'certification-status': status,
  'scenic-spot-benefits': () => places.filter(({ kind }) => kind === '1').map(placeRow),
  'hotel-benefits': () => places.filter(({ kind }) => kind === '2').map(placeRow),
  'own-benefits': own,
  'benefit-use': use,
}
