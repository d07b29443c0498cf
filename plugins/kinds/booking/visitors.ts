import type { Row } from '../../../core/answer/reading.ts'
import { birthdayOf, normalIdNumber } from '../../../core/base/checksums.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { masks } from '../../../core/contract/masks.ts'
import type { Agencies } from '../choices.ts'
import { listed, told } from './listed.ts'
import type { BookedVisitors, BookingPolicy } from './policy.ts'
import type { Visitor } from './row.ts'

/** Somebody who is to come, with his age on that day where his paper tells it. */
export interface Comer extends Visitor {
  age: number | null
}

/**
 * Those who are named, from the user's own list at the agency: nobody books for whom it doesn't know. None where the
 * declaration names nobody. Throws HUB_VALIDATION.
 */
export async function comersOf(
  service: CompiledService,
  { visitors }: BookingPolicy,
  input: Readonly<Record<string, unknown>>,
  startsAt: number,
  asker: Asker,
  agencies: Agencies & { vault: Vault },
): Promise<Comer[]> {
  if (!visitors) return []
  const rows = await listed(service, visitors.service, input, asker, agencies)
  const wanted = [input[visitors.input] ?? []].flat().map(String)
  return wanted.map((id, index) => {
    const row = rows.find((one) => told(one, visitors.id) === id)
    if (!row)
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `/body/${visitors.input}/${index}`, detail: '观众名单里没有这位' }] })
    return comerOf(visitors, row, startsAt, agencies.vault)
  })
}

function comerOf(visitors: BookedVisitors, row: Row, startsAt: number, vault: Vault): Comer {
  const [kind, number] = [told(row, visitors.idType), told(row, visitors.idNumber)]
  return {
    // By the paper, so that nobody sits twice in one slot whoever booked for him.
    hash: vault.fingerprint(`${kind}\0${normalIdNumber(number)}`, 'booking-visitor'),
    name: masks.name(told(row, visitors.name)),
    idNumber: masks.idNumber(number),
    age: ageOn(startsAt, visitors.cards.includes(kind) ? birthIn(number) : told(row, visitors.birthday)),
  }
}

/** The day of birth in an id number, `2015-03-01`; empty where there is none. */
function birthIn(number: string): string {
  return Number.isNaN(birthdayOf(number)) ? '' : `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`
}

function ageOn(at: number, born: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(born)) return null
  const day = beijing(at).slice(0, 10)
  return Number(day.slice(0, 4)) - Number(born.slice(0, 4)) - (day.slice(5) < born.slice(5) ? 1 : 0)
}
