import type { SandboxSubject, SandboxWorld } from '../../../core/connector.ts'

/** A household as the company knows it; months are YYYYMM, days YYYYMMDD. */
export interface Household {
  readonly account: string
  readonly holder: string
  readonly address: string
  /** Index of the person who holds it, and of those who live there. */
  readonly of: number
  readonly with: readonly number[]
  readonly user: '01' | '02'
  readonly meter: '1' | '2' | '3'
  /** Day on which the account was opened; the first month with gas, null before it is. */
  readonly opened: string
  readonly since: string | null
  /** The last month with gas, where it was stopped. */
  readonly until: string | null
  /** Reading of the meter when it was put in. */
  readonly reading: number
  readonly usage: Usage
  /** How many of the latest bills nobody has paid. */
  readonly unpaid: number
}

/** Cubic metres of each month from January on, of an ordinary year. */
type Usage = readonly number[]

/** 壁挂炉 heats the flat: most of it is burnt in winter. */
const HEATED = [132, 104, 58, 26, 19, 16, 14, 15, 17, 24, 71, 119]
/** A stove and a water heater; heat comes from elsewhere. */
const COOKED = [24, 21, 22, 19, 17, 15, 13, 13, 15, 18, 21, 23]
const ALONE = [14, 12, 12, 11, 9, 8, 7, 7, 8, 10, 12, 13]
const KITCHEN = [310, 240, 295, 285, 290, 275, 260, 265, 280, 300, 305, 320]

type Entry = Pick<Household, 'account' | 'user' | 'meter' | 'reading' | 'usage' | 'unpaid' | 'until'> & {
  readonly place: string
  /** Months after the purchase until there is gas; null: it has not been opened yet. */
  readonly wait: number | null
}

const ordinary = { user: '01', until: null, unpaid: 0, wait: 2, reading: 0 } as const

/** Places of the sandbox's lives that have gas; a person's own home first. */
const entries: readonly Entry[] = [
  { ...ordinary, account: '5100011703', place: '许昌市魏都区示例路1号院2号楼3单元501室', meter: '1', usage: HEATED, unpaid: 1 },
  { ...ordinary, account: '5100011842', place: '许昌市魏都区虚拟街8号1幢102号', user: '02', meter: '3', usage: KITCHEN },
  { ...ordinary, account: '5100022615', place: '许昌市建安区样本大道16号3号楼801室', meter: '1', usage: COOKED, reading: 3 },
  { ...ordinary, account: '5100033029', place: '禹州市拟定路3号家属院1号楼201室', meter: '1', usage: ALONE, unpaid: 2, reading: 12 },
  { ...ordinary, account: '5100054471', place: '许昌市建安区样例大道66号1号楼1102室', meter: '3', usage: COOKED, wait: null },
]

/** Her school's flat, of which she is no owner; she has lived with her sister since spring. */
const TEACHER = { person: 8, opened: '20041018', since: '200411', until: '202604' }
const teachers: Pick<Household, 'account' | 'user' | 'meter' | 'reading' | 'usage' | 'unpaid'> = {
  account: '5100080096',
  user: '01',
  meter: '2',
  reading: 1207,
  usage: ALONE,
  unpaid: 0,
}

function householdsIn({ people }: SandboxWorld): readonly Household[] {
  const owned = entries.flatMap(({ place, wait, ...entry }): Household[] => {
    const home = people.flatMap(({ life }) => life.homes).find((each) => each.place === place)
    const [of, ...others] = home?.owners ?? []
    const holder = people.find(({ index }) => index === of)
    if (!home || of === undefined || !holder) return []
    const since = wait === null ? null : monthAfter(home.bought, wait)
    return [{ ...entry, holder: holder.name, address: place, of, with: others, opened: home.bought, since }]
  })
  const teacher = people.find(({ index }) => index === TEACHER.person)
  if (!teacher) return owned
  const { opened, since, until } = TEACHER
  return [
    ...owned,
    { ...teachers, holder: teacher.name, address: teacher.life.address, of: TEACHER.person, with: [], opened, since, until },
  ]
}

/** Those of a person, his own first. */
export function householdsOf(index: number, world: SandboxWorld): readonly Household[] {
  const all = householdsIn(world)
  return [...all.filter(({ of }) => of === index), ...all.filter((household) => household.with.includes(index))]
}

/** What work that is done makes of the supply. */
const AFTER: Readonly<Record<string, '1' | '2'>> = { 'activation-booking': '1', 'supply-shutdown': '2', 'supply-restoration': '1' }

/** 供气状态: as the books have it, and after the work that was done at the account, whoever of the household asked for it. */
export function statusOf({ account, since, until }: Household, { filedByAnybody }: SandboxSubject): '0' | '1' | '2' {
  const done = (filedByAnybody?.() ?? []).filter(({ state, params }) => state === 'done' && params['hh'] === account)
  const latest = done.findLast(({ service }) => AFTER[service] !== undefined)
  return AFTER[latest?.service ?? ''] ?? (since === null ? '0' : until === null ? '1' : '2')
}

function monthAfter(day: string, months: number): string {
  const count = Number(day.slice(0, 4)) * 12 + Number(day.slice(4, 6)) - 1 + months
  return `${Math.floor(count / 12)}${String((count % 12) + 1).padStart(2, '0')}`
}
