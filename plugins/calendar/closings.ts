import { arranged } from './holidays.ts'
import { dayOf, momentOf, readDay, textOf, weekdayOf, yearOf } from './moments.ts'
import type { AgencyCalendar, Closing, OfficeHours } from './policy.ts'

/** Why a system is closed: it is being worked on, its books are being closed, its people are not there, or administrators had it turned off. */
export type Why = 'maintenance' | 'freeze' | 'office-hours' | 'switched'

/** Times in epoch milliseconds; `to` is the first that is open again. */
export interface Spell {
  why: Why
  title: string
  from: number
  to: number
}

/** What somebody wants of a system. */
export interface Use {
  /** To have something done there, rather than to ask. */
  changes: boolean
  /** Which takes the agency's people. */
  officeHours: boolean
}

export interface Closure {
  why: Why
  title: string
  /** When it can be had again, in epoch milliseconds, over all that follows without a break; of what is switched, when to look again. */
  until: number
  /** Milliseconds until then, by the clock that was asked. */
  waitMs: number
}

/** More spells in a row than any calendar that is ever open has. */
const MOST_SPELLS = 400

/** What keeps a use of a system at a moment, or null. `announced`: what the agency has told beside what is declared. */
export function closureAt(calendar: AgencyCalendar, announced: readonly Spell[], use: Use, at: number): Closure | null {
  const first = spellAt(calendar, announced, use, at)
  if (!first) return null
  let until = first.to
  for (let left = MOST_SPELLS; left > 0; left--) {
    const next = spellAt(calendar, announced, use, until)
    if (!next) break
    until = next.to
  }
  return { why: first.why, title: first.title, until, waitMs: until - at }
}

function spellAt(calendar: AgencyCalendar, announced: readonly Spell[], { changes, officeHours }: Use, at: number): Spell | null {
  const told = announced.find(({ from, to }) => from <= at && at < to)
  if (told) return told
  const declared = firstOf('maintenance', calendar.maintenance, at) ?? (changes ? firstOf('freeze', calendar.freezes, at) : null)
  if (declared) return declared
  if (!changes || !officeHours || !calendar.officeHours) return null
  const to = opensAt(calendar.officeHours, at)
  return to === at ? null : { why: 'office-hours', title: '非办公时间', from: at, to }
}

function firstOf(why: Why, closings: readonly Closing[] | undefined, at: number): Spell | null {
  for (const closing of closings ?? [])
    for (const [from, to] of stretches(closing, at)) if (from <= at && at < to) return { why, title: closing.title, from, to }
  return null
}

/** Those of a closing that could hold at a moment. */
export function stretches({ from, to, on }: Closing, at: number): [from: number, to: number][] {
  if (from.length === TIME) {
    const today = dayOf(at)
    return [today - 1, today]
      .filter((day) => on === undefined || on.some((weekday) => weekday === weekdayOf(day)))
      .map((day) => [momentOf(day, from), momentOf(to > from ? day : day + 1, to)])
  }
  if (from.length === YEARLY) {
    const year = yearOf(at)
    return [year - 1, year].map((each) => [readMoment(`${each}-${from}`), readMoment(`${to > from ? each : each + 1}-${to}`)])
  }
  return [[readMoment(from), readMoment(to)]]
}

/** Lengths of the three forms: `HH:mm`, `MM-DDTHH:mm` and `YYYY-MM-DDTHH:mm`. */
export const TIME = 5
export const YEARLY = 11

/** `YYYY-MM-DDTHH:mm` → epoch milliseconds; NaN where there is no such day. 29 February is the last of the month in other years. */
export function readMoment(text: string): number {
  const [date = '', time = ''] = text.split('T')
  const day = readDay(date) ?? (date.endsWith('-02-29') ? readDay(date.replace(/29$/, '28')) : null)
  return day === null ? Number.NaN : momentOf(day, time)
}

/** Longer than any holiday. */
const DAYS_AHEAD = 60

/** → the moment itself where the agency's people work, else when they are back. */
export function opensAt(hours: OfficeHours, at: number): number {
  const today = dayOf(at)
  for (let day = today; day < today + DAYS_AHEAD; day++) {
    if (!worksOn(hours, day)) continue
    for (const [from, to] of hours.times) {
      if (at < momentOf(day, from)) return momentOf(day, from)
      if (at < momentOf(day, to)) return at
    }
  }
  return momentOf(today + DAYS_AHEAD)
}

/** Whoever goes by the arrangement works on the Saturdays and Sundays of it, too. */
function worksOn({ days, holidays }: OfficeHours, day: number): boolean {
  const by = holidays === 'ignored' ? null : arranged(textOf(day))
  return by === null ? days.some((weekday) => weekday === weekdayOf(day)) : by === 'worked'
}
