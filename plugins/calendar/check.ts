import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import { closureAt, readMoment, TIME, YEARLY } from './closings.ts'
import { DAY_MS, readDay } from './moments.ts'
import type { AgencyCalendar, Closing, OfficeHours } from './policy.ts'

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/
const MOST_DAYS = 31
const WEEK_SECONDS = 7 * 86_400

/** What is wrong with the calendars of a connector, and with what its services make of them. `asks`: whether a service's kind only asks. */
export function checkCalendars(connector: ConnectorDeclaration, asks: (contract: ServiceContract) => boolean): string[] {
  const found = systemsOf(connector).flatMap(([key, , { calendar }]) =>
    calendar ? checkCalendar(calendar).map((problem) => `${key}.calendar: ${problem}`) : [],
  )
  for (const { contract } of connector.services) {
    const { id, officeHours, lastGood, upstream, face, files } = contract
    const report = (problem: string) => found.push(`${connector.id}.${id}: ${problem}`)
    const system = upstream?.system === undefined ? connector.upstream : connector.systems?.[upstream.system]
    if (officeHours && asks(contract)) report('officeHours are for what is done: a question is answered by the system')
    if (officeHours && !system?.calendar?.officeHours) report('officeHours: the calendar of the system has none')
    if (!lastGood) continue
    if (!asks(contract)) report('lastGood is for services that ask')
    if (!system?.calendar) report('lastGood: the system has no calendar, and is never closed by plan')
    if (!(lastGood.maxAgeSeconds >= 60 && lastGood.maxAgeSeconds <= WEEK_SECONDS))
      report('lastGood.maxAgeSeconds must lie between 60 and 604800')
    if (face?.once) report('lastGood: what takes a face verification each time is not kept')
    if (files) report('lastGood: the links of files end before it does')
  }
  return found
}

function checkCalendar(calendar: AgencyCalendar): string[] {
  const { maintenance = [], freezes = [], officeHours } = calendar
  const found = [...maintenance, ...freezes].flatMap(checkClosing)
  if (officeHours) found.push(...checkOfficeHours(officeHours))
  return found.length > 0 ? found : checkOpen(calendar)
}

function checkClosing({ title, from, to, on }: Closing): string[] {
  const at = title || `${from}–${to}`
  if (!title) return [`${at}: missing title`]
  if (from.length !== to.length || !isPoint(from) || !isPoint(to, true))
    return [`${at}: from and to must both be HH:mm, MM-DDTHH:mm or YYYY-MM-DDTHH:mm of days and times that there are`]
  if (from === to || (from === '00:00' && to === '24:00' && on === undefined)) return [`${at}: is always shut`]
  if (on && (from.length !== TIME || on.length === 0)) return [`${at}: on names the days of a time of day`]
  if (from.length === TIME) return []
  const length = from.length === YEARLY ? yearlyLength(from, to) : readMoment(to) - readMoment(from)
  return length > 0 && length <= MOST_DAYS * DAY_MS ? [] : [`${at}: must last no longer than ${MOST_DAYS} days`]
}

function yearlyLength(from: string, to: string): number {
  return readMoment(`${to > from ? 2028 : 2029}-${to}`) - readMoment(`2028-${from}`)
}

function isPoint(text: string, isEnd = false): boolean {
  const [date, time] = text.length === TIME ? [null, text] : [text.split('T')[0] ?? '', text.split('T')[1] ?? '']
  if (!CLOCK.test(time) && !(isEnd && time === '24:00')) return false
  return date === null || readDay(text.length === YEARLY ? `2028-${date}` : date) !== null
}

function checkOfficeHours({ days, times }: OfficeHours): string[] {
  const points = times.flat()
  const isOrdered = points.every((point, index) => index === 0 || point > (points[index - 1] ?? ''))
  return [
    ...(days.length > 0 && new Set(days).size === days.length ? [] : ['officeHours: name each day once, and one at least']),
    ...(points.length > 0 && points.every((point) => isPoint(point, true)) && isOrdered
      ? []
      : ['officeHours: times must be HH:mm, in order']),
  ]
}

/** Moments from which a way out is looked for: of each day of more than a year, so that no form hides behind another. */
const TRIED_DAYS = 400
const EVERYTHING = { changes: true, officeHours: true }

/** Stretches may cover each other's gaps. */
function checkOpen(calendar: AgencyCalendar): string[] {
  const begin = Date.UTC(2027, 0, 1)
  for (let day = 0; day < TRIED_DAYS; day++) {
    const closure = closureAt(calendar, [], EVERYTHING, begin + day * DAY_MS)
    if (closure && closure.waitMs > MOST_DAYS * DAY_MS) return [`${closure.title}: is always shut`]
  }
  return []
}
