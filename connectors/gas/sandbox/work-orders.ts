import type { SandboxRows, SandboxSubject, SandboxWorld } from '../../../core/connector.ts'
import { workOrderTypes } from '../codes.ts'
import { billsOf } from './books.ts'
import { type Household, householdsOf, statusOf } from './households.ts'
import { firstSlot } from './visits.ts'

const STATUS: Readonly<Record<string, string>> = { '0': '尚未开通', '1': '正在用气', '2': '已报停' }
/** Orders that want another state of the supply than that there is gas. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { '02': ['0'], '09': ['2'], '10': ['0', '1', '2'] }

/** Why the company does not do it for this household; null where it does. */
function obstacle(household: Household, type: string, subject: SandboxSubject, world: SandboxWorld): string | null {
  const status = statusOf(household, subject)
  if (!(NEEDED[type] ?? ['1']).includes(status)) return `该户号${STATUS[status]}，不能办理“${workOrderTypes.values[type]}”。`
  const open = billsOf(household, world, subject.filed).filter(({ payment }) => payment === null)
  return type === '08' && open.length > 0 ? `该户号有 ${open.length} 张账单未缴，请缴清后再办理关停。` : null
}

/** The household that is meant; one's own first where none is. */
const meant = (subject: SandboxSubject, world: SandboxWorld) =>
  householdsOf(subject.index, world).filter(
    ({ account }, position) => account === subject.asked?.['hh'] || (subject.asked?.['hh'] === undefined && position === 0),
  )

export const accountCheck: SandboxRows = (subject, world) => {
  const type = String(subject.asked?.['ywlx'] ?? '01')
  return meant(subject, world).map((household) => {
    const reason = obstacle(household, type, subject, world)
    return { hh: household.account, ywlx: type, nfbl: reason === null ? '1' : '0', yy: reason }
  })
}

/** What the company knows when a work order comes in; its number, its state and its times are the platform's to make up. */
export const orderFor =
  (type: string): SandboxRows =>
  (subject, world) =>
    meant(subject, world)
      .filter((household) => obstacle(household, type, subject, world) === null)
      .map((household) => ({
        hh: household.account,
        yqdz: household.address,
        ...firstSlot(world),
        smry: '巡示例',
        gh: `TL20${household.of}`,
        clyj: null,
      }))

/** Whoever is verified may; person 7 is unknown everywhere. */
export const anybody: SandboxRows = ({ index }, world) => (index === 7 ? [] : [{ ...firstSlot(world), smry: '巡示例', gh: 'TL209' }])
