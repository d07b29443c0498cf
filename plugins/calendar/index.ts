import fp from 'fastify-plugin'
import type { CompiledService } from '../../core/call/service.ts'
import { agencyOf, systemsOf } from '../../core/contract/systems.ts'
import { type Announced, createAnnounced } from './announced.ts'
import { type Closure, closureAt, type Spell } from './closings.ts'
import { missingYears } from './holidays.ts'
import { createLastAnswers, type LastAnswers } from './last-answers.ts'
import type { AgencyCalendar } from './policy.ts'
import { closedError } from './refusal.ts'
import { createSwitches, type Switches } from './switches.ts'
import { hoursIn } from './words.ts'

type Asked = Pick<CompiledService, 'system' | 'contract' | 'connector'>

/** When the agencies are there (docs/calendar.md). `changes`: to have something done, rather than to ask. */
export interface Calendar {
  /** By which agencies are open, in epoch milliseconds. */
  now(): number
  /** What keeps a service from being used now. */
  closureOf(service: Asked, changes: boolean): Closure | null
  /** Throws HUB_AGENCY_CLOSED, with the time of return. */
  assertOpen(service: Asked, changes: boolean): void
  /** What keeps a whole system from answering now, by its key. */
  systemClosure(system: string): Closure | null
  /** Throws HUB_AGENCY_CLOSED for a system that does not answer now. */
  assertSystem(system: string, agency: string): void
  /** Sentences for whoever uses a service. */
  hoursOf(service: Asked): string[]
  declared(system: string): AgencyCalendar
  /** Closings that were announced and are not over. */
  announcedFor(system: string): readonly Spell[]
  readonly announced: Announced
  readonly lastAnswers: LastAnswers
  /** Connectors that administrators turned off. */
  readonly switches: Switches
}

declare module 'fastify' {
  interface FastifyInstance {
    calendar: Calendar
  }
}

export interface CalendarOptions {
  /** The moment by which declared hours go; null: as if none were declared. Default: as AGENCY_HOURS says. */
  at?: () => number | null
}

const NOTHING: AgencyCalendar = {}
const MINUTE_MS = 60_000

export default fp<CalendarOptions>(
  async (app, { at = clockOf(app.settings) }) => {
    const { database, vault, log } = app
    const now = () => at() ?? Date.now()
    const announced = createAnnounced(database, now, log)
    const lastAnswers = createLastAnswers(database, vault, log, Date.now)
    const switches = createSwitches(database, log)
    const connectors = [...app.connectors, ...app.internal.connectors]
    const calendars = new Map(connectors.flatMap(systemsOf).map(([key, , { calendar }]) => [key, calendar ?? NOTHING] as const))
    const declared = (system: string) => calendars.get(system) ?? NOTHING
    // What is declared begins and ends with a minute: a call in one that is known to be open costs next to nothing.
    const open = new Map<string, number>()
    const goesByOffice = [...calendars.values()].some(({ officeHours }) => officeHours && officeHours.holidays !== 'ignored')

    function closure(system: string, use: { changes: boolean; officeHours: boolean }): Closure | null {
      const told = announced.of(system)
      const minute = Math.floor(now() / MINUTE_MS)
      const key = `${system} ${use.changes} ${use.officeHours}`
      if (told.length === 0 && open.get(key) === minute) return null
      const found = closureAt(at() === null ? NOTHING : declared(system), told, use, now())
      if (!found && told.length === 0) open.set(key, minute)
      return found
    }
    const closureOf: Calendar['closureOf'] = ({ system, contract }, changes) =>
      switches.closureOf(system, false) ?? closure(system, { changes, officeHours: contract.officeHours ?? false })
    const systemClosure = (system: string) => switches.closureOf(system, true) ?? closure(system, { changes: false, officeHours: false })
    /** Offices go by weekday in years whose arrangement of holidays is not known. */
    async function warn(): Promise<void> {
      const missing = goesByOffice && at() !== null ? missingYears(now()) : []
      for (const year of missing) log.warn({ year }, '没有这一年的节假日安排，办公时间暂按星期计算')
    }

    app.decorate('calendar', {
      now,
      closureOf,
      assertOpen(service, changes) {
        const found = closureOf(service, changes)
        if (found) throw closedError(agencyOf(service.connector, service.contract), found)
      },
      systemClosure,
      assertSystem(system, agency) {
        const found = systemClosure(system)
        if (found) throw closedError(agency, found)
      },
      hoursOf: ({ system, contract }) => hoursIn(declared(system), contract.officeHours ?? false),
      declared,
      announcedFor: (system) => announced.of(system).filter(({ to }) => to > now()),
      announced,
      lastAnswers,
      switches,
    })

    app.schedules.add({
      name: 'last-answers.purge',
      title: '清理过期的留存查询结果',
      pattern: '23 * * * *',
      run: () => lastAnswers.purge(),
    })
    app.schedules.add({ name: 'calendar.years', title: '检查节假日安排是否齐全', pattern: '30 8 * * *', run: warn })
    app.addHook('onReady', async () => {
      await warn()
      await Promise.all([announced.load(), switches.load()])
      announced.start()
      switches.start()
    })
    app.addHook('onClose', async () => {
      announced.stop()
      switches.stop()
    })
  },
  { name: 'calendar', dependencies: ['settings', 'connectors', 'database', 'schedules'] },
)

/** The sandbox's agencies never close, so that whoever tries the hub at night finds them. */
function clockOf({ AGENCY_HOURS, sandbox }: { AGENCY_HOURS: 'auto' | 'on' | 'off'; sandbox: boolean }): () => number | null {
  const isHeeded = AGENCY_HOURS === 'on' || (AGENCY_HOURS === 'auto' && !sandbox)
  return isHeeded ? Date.now : () => null
}
