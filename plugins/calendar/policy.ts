/** When an agency's system is there, and when its people are. Times are Beijing's, wherever the hub runs. */
export interface AgencyCalendar {
  /** Nothing can be asked or done: the system does not answer. */
  maintenance?: readonly Closing[]
  /** 年度结息, 年度结转: what is there can be asked for, and nothing can be done. */
  freezes?: readonly Closing[]
  /** When the agency's people work. Only services that declare `officeHours` wait for them. */
  officeHours?: OfficeHours
}

/**
 * One stretch of time, which begins again as its form says: `23:00` every day, `06-30T18:00` every year,
 * `2026-12-31T18:00` never. An end that is no later than the beginning is the next day's, or the next year's.
 */
export interface Closing {
  /** Why, in words for citizens: 系统维护. */
  title: string
  from: string
  /** The first minute that is open again; at the end of a day `24:00`. */
  to: string
  /** With `23:00`: only when it begins on one of these days. Default: every day. */
  on?: readonly Weekday[]
}

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

export interface OfficeHours {
  days: readonly Weekday[]
  /** Within one day, in order: `['09:00', '12:00'], ['13:00', '17:00']`. */
  times: readonly (readonly [from: string, to: string])[]
  /** Default: as the State Council arranges the year's holidays and the days that are worked for them. `ignored`: by weekday alone. */
  holidays?: 'ignored'
}

/** Of an answer that is kept for when the agency cannot be asked. */
export interface LastGoodPolicy {
  /** How old it may be; at most a week. */
  maxAgeSeconds: number
}

declare module '../../core/contract/types.ts' {
  interface UpstreamDeclaration {
    /** When the system is there. Default: always. */
    calendar?: AgencyCalendar
  }
  interface KindPolicies<F> {
    /** What the service does takes people: outside the system's office hours it waits for them, or is refused with the time when they are back. */
    officeHours?: true
    /** With a kind that asks: while the agency is closed by plan, the asker's own last answer is shown, marked with its time. */
    lastGood?: LastGoodPolicy
  }
}
