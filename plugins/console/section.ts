import type { Answer, Meta, Question, Refusal } from '../access/asking.ts'
import type { Chart } from '../charts/chart.ts'
import type { Permission } from '../users/roles.ts'
import type { Block, ConsolePage } from './blocks.ts'
import type { Seat } from './session.ts'

/** What was typed into a form or stands in an address: name → its texts, in their order. */
export type Typed = Readonly<Record<string, readonly string[]>>

/** One look at a page, or one press of a button. */
export interface Visit {
  seat: Seat
  /** A part of the path as the router read it. */
  part(name: string): string
  /** What the address asks for; empty where it does not. */
  query(name: string): string
  /** The query's parts of these names that are not empty. */
  given(...names: readonly string[]): Record<string, string>
  /** Whether the administrator's role may do that: for what a page offers. The API asks again. */
  may(permission: Permission): boolean
  /** Asks a route of /admin as this administrator. */
  ask(question: Question): Promise<Answer>
  /** The same for what is needed; a refusal becomes the page. `T`: what the route's schema says of `data`. */
  get<T>(path: string): Promise<{ data: T; meta: Meta }>
  /** Charts as blocks, in their order; a note where they cannot be drawn now. */
  charts(charts: readonly Chart[]): Promise<Block[]>
}

/** What a button has done: the page that follows, and what it says first. */
export interface Done {
  page: ConsolePage
  /** In words; null where the page says it all. */
  said: string | null
}

/** A section's routes. Paths begin below `/console`; role, seal and number of a form are looked at before anything of it. */
export interface Desk {
  page(path: string, show: (visit: Visit) => Promise<ConsolePage>): void
  /** A page for a screen that nobody sits at: looked up anew every so many seconds, whatever came of it; `?refresh=off` stops that. */
  board(path: string, seconds: number, show: (visit: Visit) => Promise<ConsolePage>): void
  /** What a form sends; `permission` as the route of /admin wants it. */
  act(path: string, permission: Permission, work: (visit: Visit, typed: Typed) => Promise<Done>): void
  /** A file, handed on as it comes. → the question whose answer it is. */
  file(path: string, permission: Permission, question: (visit: Visit) => Question): void
}

/** A part of the console with pages of its own. Whose role lacks the permission doesn't see it, and is refused. */
export interface Section {
  /** `/console/<id>`, or `/console` for the first. */
  path: string
  title: string
  permission: Permission
  routes(desk: Desk): void
}

/** A refusal that is the page's whole answer. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.problem.title)
    this.refusal = refusal
  }
}
