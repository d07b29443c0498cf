import { addDays, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import { sessionsOn } from './sessions.ts'
import { everListed, listed } from './visitors.ts'

const DAYS = 8
const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`

/** What the agency has booked, in its own keys; `by` names whose it is, `place` the session, `who` the visitors. */
interface Entry {
  readonly reference: string
  readonly by: unknown
  readonly place: string
  readonly who: readonly string[]
  readonly state: string
  readonly people: number
}

function booked({ filed = [] }: SandboxSubject): Entry[] {
  return filed
    .filter(({ service }) => service === 'booking-create')
    .map(({ reference, params }) => ({
      reference,
      by: params['by'],
      place: String(params['place']),
      who: Array.isArray(params['who']) ? params['who'].map(String) : [],
      state: String(params['state']),
      people: Number(params['people']),
    }))
}

const slots: SandboxRows = (subject, world) => {
  const living = booked(subject).filter(({ state }) => state !== 'ended')
  const taken = (number: string) => living.filter(({ place }) => place === number).reduce((sum, { people }) => sum + people, 0)
  return Array.from({ length: DAYS }, (_, days) => addDays(world.today, days)).flatMap((day) =>
    sessionsOn(day).map(({ number, from, until, places }) => {
      const left = Math.max(0, places - taken(number))
      return {
        cgrq: dashed(day),
        ccmc: `${from}-${until}`,
        ccbh: number,
        kssj: from,
        jssj: until,
        zme: String(places),
        syme: String(left),
        sfky: Date.parse(`${dashed(day)}T${from}:00+08:00`) > world.now ? '1' : '0',
      }
    }),
  )
}

/** One that was made at the museum's WeChat account, and what was booked since. */
const bookings: SandboxRows = (subject, world) => {
  const visitors = everListed(subject)
  const own = booked(subject).filter(({ by }) => by === subject.number)
  const named = (who: readonly string[]) => visitors.filter(({ gzbh }) => who.includes(String(gzbh))).map(({ xm, zjhm }) => ({ xm, zjhm }))
  const past = addDays(world.today, -40)
  const row = (number: string, place: string, state: string, who: readonly string[]): SandboxRow => {
    const day = place.slice(0, 8)
    const session = sessionsOn(day).find((one) => one.number === place)
    return {
      yybh: number,
      cgrq: dashed(day),
      ccmc: session ? `${session.from}-${session.until}` : '',
      gzlb: named(who),
      ewm: `KGRC${number}`,
      yyzt: state,
    }
  }
  const earlier = openDay(past)
  const [first] = listed(subject)
  return [
    ...(first ? [row(`KG${earlier}${String(subject.index).padStart(6, '9')}`, `${earlier}-1`, '2', [String(first['gzbh'])])] : []),
    ...own.map(({ reference, place, state, who }) => row(reference, place, STATES[state] ?? '1', who)),
  ].reverse()
}

const STATES: Readonly<Record<string, string>> = { held: '0', confirmed: '1', ended: '3' }

/** The day itself, or the next on which the museum is open. */
function openDay(day: string): string {
  return sessionsOn(day).length > 0 ? day : openDay(addDays(day, 1))
}

const numberOf = ({ asked = {} }: SandboxSubject) => (asked['gzbh'] === undefined ? null : String(asked['gzbh']))

/** Whoever is there to be changed or taken off the list: the one that was named, else one that could be. */
const known =
  (position: 0 | -1): SandboxRows =>
  (subject) => {
    const wanted = numberOf(subject)
    const rows = everListed(subject)
    const row = wanted === null ? rows.at(position) : rows.find(({ gzbh }) => gzbh === wanted)
    return row ? [{ gzbh: row['gzbh'] }] : []
  }

export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'visit-slots': slots,
  'visitor-list': (subject: SandboxSubject, _world: SandboxWorld) => listed(subject),
  'visitor-add': ({ asked = {} }) => [{ gzbh: `GZ${String(asked['lsh'] ?? '').slice(-8)}` }],
  'visitor-update': known(-1),
  'visitor-delete': known(0),
  'booking-list': bookings,
}
