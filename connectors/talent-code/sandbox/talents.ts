import { addDays, type SandboxRow, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

/** Whom the platform has on its roster. Days are YYYYMMDD. */
export interface Talent {
  readonly index: number
  readonly name: string
  readonly idNumber: string
  readonly category: string
  readonly education: string
  readonly number: string
  readonly certified: string
  /** Ended before its time: who has left the city is struck off. */
  readonly struckOff?: true
}

interface Studies {
  school: string
  subject: string
  from: string
  until: string
}

interface Roster {
  category: string
  education: string
  studies: Studies
  position: string
  certified: string
  struckOff?: true
}

/** Of the sandbox's people: a pattern-maker with a skill certificate, a graduate who has gone abroad, an engineer who can work no more. */
const roster: Readonly<Record<number, Roster>> = {
  1: {
    category: 'F',
    education: '31',
    studies: { school: '示例服装职业技术学院', subject: '服装与服饰设计', from: '200809', until: '201106' },
    position: '服装制版师',
    certified: '20240415',
  },
  4: {
    category: 'F',
    education: '21',
    studies: { school: '样本大学', subject: '软件工程', from: '201909', until: '202306' },
    position: '软件测试工程师',
    certified: '20240902',
    struckOff: true,
  },
  5: {
    category: 'E',
    education: '14',
    studies: { school: '样本大学', subject: '计算机应用技术', from: '200109', until: '200404' },
    position: '高级工程师',
    certified: '20240415',
  },
}

/** Years for which a class is given. Assumed. */
const YEARS = 3

export const endOf = ({ certified }: Talent) => addDays(`${Number(certified.slice(0, 4)) + YEARS}${certified.slice(4)}`, -1)

/** 1 有效, 2 已到期, 3 已注销. */
export function holdingOf(talent: Talent, today: string): '1' | '2' | '3' {
  if (talent.struckOff) return '3'
  return endOf(talent) < today ? '2' : '1'
}

type Person = SandboxWorld['people'][number]

const numberOf = (certified: string, index: number) => `RC411000${certified.slice(0, 4)}${String(index * 37).padStart(5, '0')}`

function onRoster({ index, name, number }: Person): Talent[] {
  const entry = roster[index]
  if (!entry) return []
  const { category, education, certified, struckOff } = entry
  const own = { index, name, idNumber: number, category, education, certified, number: numberOf(certified, index) }
  return [struckOff ? { ...own, struckOff } : own]
}

/** Beijing's day of a moment. */
export const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')

/** Everybody on the roster, and whoever was certified by the app since. */
export function talents({ filed = [] }: Pick<SandboxSubject, 'filed'>, { people }: SandboxWorld): readonly Talent[] {
  const found = new Map(people.flatMap(onRoster).map((talent) => [talent.idNumber, talent]))
  for (const { service, state, params, at } of filed) {
    const person = people.find(({ number }) => number === params['rczjh'])
    if (service !== 'talent-certification' || state !== 'approved' || !person) continue
    const { index, name, number } = person
    const certified = dayOf(at)
    const said = { category: String(params['rclb']), education: String(params['xl']) }
    found.set(number, { index, name, idNumber: number, ...said, certified, number: numberOf(certified, index) })
  }
  return [...found.values()]
}

export function talentOf(subject: SandboxSubject, world: SandboxWorld): Talent | undefined {
  return talents(subject, world).find(({ idNumber }) => idNumber === subject.number)
}

/** School, and work as the social insurance knows it, the latest first. */
export function experienceOf({ index }: Talent, { people }: SandboxWorld): SandboxRow[] {
  const { studies, position } = roster[index] ?? {}
  const jobs = (people[index - 1]?.life.jobs ?? []).map(
    ({ employer, from, until }, place, all): SandboxRow => ({
      ...{ jllb: '2', dwmc: employer, qsny: from, jzny: until },
      gw: place === all.length - 1 ? position : null,
    }),
  )
  const school = studies ? [{ jllb: '1', dwmc: studies.school, gw: studies.subject, qsny: studies.from, jzny: studies.until }] : []
  return [...jobs.reverse(), ...school]
}
