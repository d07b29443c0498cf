import type { DatePattern } from '../../core/contract/date-pattern.ts'
import type { Paging } from '../../core/contract/types.ts'
import type { Outgoing, Verb } from '../../core/upstream/dialect.ts'
import type { FileSide, LedgerSide } from './subject.ts'

/** Where a call goes, as a description or a connector says it. */
export interface Place {
  readonly sid: string
  readonly path?: string | undefined
  readonly method?: Verb | undefined
}

export const callAt = ({ sid, path, method = 'GET' }: Place, params: Record<string, unknown>): Outgoing => ({
  ...{ sid, method, params },
  ...(path === undefined ? {} : { path }),
})

interface Files extends Place {
  readonly parameter: string
  readonly reference: string
  readonly content?: string | undefined
}

/** `asker`: whose file it is, said as with the question itself. */
export function fileSide({ parameter, reference, content, ...place }: Files, asker: Readonly<Record<string, unknown>>): FileSide {
  return { reference, content: content ?? null, outgoing: (number) => callAt(place, { ...asker, [parameter]: number }) }
}

interface Ledger extends Place {
  readonly from: string
  readonly to: string
  readonly day: string
  readonly serial: string
  readonly amount: string
  readonly unit?: 'yuan' | 'fen' | undefined
  readonly channel?: string | undefined
  readonly paging?: Paging | undefined
}

export function ledgerSide(
  { from, to, day, serial, amount, unit = 'yuan', channel, paging, ...place }: Ledger,
  pattern: DatePattern,
): LedgerSide {
  const on = (day: string) => ({ [from]: pattern.write(day), [to]: pattern.write(day) })
  return { ...{ day, serial, amount, unit, channel: channel ?? null, paging: paging ?? null }, outgoing: (day) => callAt(place, on(day)) }
}
