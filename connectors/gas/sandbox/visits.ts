import { addDays, addMonths, type SandboxRow, type SandboxRows, type SandboxWorld } from '../../../core/connector.ts'
import { type Household, householdsOf, statusOf } from './households.ts'

const WINDOWS = ['08:30-10:30', '10:30-12:00', '14:30-16:30', '16:30-18:00'] as const
/** Crews in the whole city. */
const CREWS = 30
const DAYS = 14
/** How many of them others have, by window and turn of the days: who comes first thing has room or none, afternoons fill up. */
const OTHERS = [
  [0, 1, 2, 3, CREWS],
  [2, 2, 2, 2, 2],
  [0, CREWS - 1, CREWS, 6, 3],
  [CREWS - 1, CREWS, 6, 3, 0],
] as const

/** Who asked for a visit has a crew for that window, until it is given up, moved or turned down. */
const GONE: ReadonlySet<string> = new Set(['withdrawn', 'rejected'])

/** The second window of each day has room, so that there is always one to be had. */
export const slots: SandboxRows = ({ filedByAnybody }, { today }) => {
  const booked = new Map<string, number>()
  for (const { state, params } of filedByAnybody?.() ?? []) {
    const window = `${params['yyrq']} ${params['yysd']}`
    if (!GONE.has(state)) booked.set(window, (booked.get(window) ?? 0) + 1)
  }
  return Array.from({ length: DAYS }, (_, position) => addDays(today, position + 1)).flatMap((day) =>
    WINDOWS.map((yysd, window) => {
      const others = OTHERS[window]?.[Number(day.slice(6)) % 5] ?? 0
      const left = Math.max(0, CREWS - others - (booked.get(`${written(day)} ${yysd}`) ?? 0))
      return { yyrq: written(day), yysd, kyy: left > 0 ? '1' : '0', yl: left }
    }),
  )
}

/** The first window that is left. */
export function firstSlot(world: SandboxWorld): { yyrq: unknown; yysd: unknown } {
  const [row] = slots({ index: 0, name: '', number: '' }, world).filter(({ kyy }) => kyy === '1')
  return { yyrq: row?.['yyrq'], yysd: row?.['yysd'] }
}

/** Ten years from when it was put in (JJG 577: 天然气为介质的燃气表使用期限一般不超过 10 年). */
const METER_YEARS = 10

/** A meter whose years were over was replaced in time, but for those that are due this year. */
function meterOf({ opened }: Household, { today }: SandboxWorld): { installed: string; due: string } {
  let installed = opened
  while (yearsAfter(installed, METER_YEARS).slice(0, 4) < today.slice(0, 4)) installed = yearsAfter(installed, METER_YEARS)
  return { installed, due: yearsAfter(installed, METER_YEARS) }
}

const FINDINGS = [
  { ajjg: '1', yhdj: '0', yhnr: null, zgqk: '9' },
  { ajjg: '2', yhdj: '1', yhnr: '灶具连接软管超过使用年限，未加装管卡', zgqk: '1' },
  { ajjg: '1', yhdj: '0', yhnr: null, zgqk: '9' },
  { ajjg: '3', yhdj: '0', yhnr: null, zgqk: '9' },
] as const

/** Once a year in the month in which gas was opened, the latest first. */
function inspectionsOf(household: Household, world: SandboxWorld): readonly SandboxRow[] {
  const { since, until, account } = household
  if (since === null) return []
  const end = until ?? world.today.slice(0, 6)
  const months = [1, 2, 3, 4, 5].map((years) => nextInspection(since, end, -years)).filter((month) => month >= since)
  return months.map((month, turn) => {
    const finding = FINDINGS[(turn + Number(account.slice(2, 6))) % FINDINGS.length] ?? FINDINGS[0]
    const day = `${month}${String(11 + turn).padStart(2, '0')}`
    const isMet = finding.ajjg !== '3'
    return {
      ...finding,
      ajsj: `${written(day)} 10:1${turn}:00`,
      zgqx: finding.ajjg === '2' ? written(addDays(day, 30)) : null,
      ajry: isMet ? '巡示例' : null,
      gh: isMet ? `TL10${household.of}` : null,
    }
  })
}

/** The month of the yearly visit, so many years from the next one. */
function nextInspection(since: string, now: string, years = 0): string {
  const month = `${now.slice(0, 4)}${since.slice(4)}`
  return addMonths(month >= now ? month : addMonths(month, 12), years * 12)
}

export const inspections: SandboxRows = (subject, world) =>
  householdsOf(subject.index, world)
    .filter(({ since }) => since !== null)
    .map((household) => {
      const { installed, due } = meterOf(household, world)
      return {
        hh: household.account,
        yqdz: household.address,
        ajjl: inspectionsOf(household, world),
        xcaj: statusOf(household, subject) === '1' ? nextInspection(household.since ?? '', world.today.slice(0, 6)) : null,
        bjlx: household.meter,
        bjazrq: written(installed),
        bjqx: written(due),
      }
    })

const written = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const yearsAfter = (day: string, years: number) => `${Number(day.slice(0, 4)) + years}${day.slice(4)}`
