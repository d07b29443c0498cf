import type { ConnectorDeclaration } from '../../../core/contract/types.ts'

/** Why, and for how long, those whose data a service gave to others learn of it late. */
export interface Withholding {
  /** Days: `P90D` (ISO 8601), at most {@link MOST_DAYS}. */
  withheldFor: string
  /** By which law, in words for citizens. */
  because: string
}

declare module '../../../core/contract/types.ts' {
  interface ConnectorDeclaration {
    /** Uses by others that are shown late in the citizen's ledger (docs/ledger.md), by service id. */
    ledger?: Readonly<Record<string, Withholding>>
  }
}

const DAYS = /^P([1-9]\d{0,2})D$/
const MOST_DAYS = 366
const DAY_MS = 86_400_000

export function withheldMs({ withheldFor }: Withholding): number {
  return Number(DAYS.exec(withheldFor)?.[1] ?? 0) * DAY_MS
}

/** → what is wrong with what a connector withholds. */
export function checkWithholding({ id, services, ledger = {} }: Pick<ConnectorDeclaration, 'id' | 'services' | 'ledger'>): string[] {
  const known = new Set(services.map(({ contract }) => contract.id))
  return Object.entries(ledger).flatMap(([service, rule]) => {
    const place = `${id}.ledger.${service}`
    const days = Number(DAYS.exec(rule.withheldFor)?.[1] ?? 0)
    return [
      ...(known.has(service) ? [] : [`${place}: there is no such service`]),
      ...(days >= 1 && days <= MOST_DAYS ? [] : [`${place}.withheldFor: days as P90D, at most P${MOST_DAYS}D`]),
      ...(rule.because.trim() === '' ? [`${place}.because: say why`] : []),
    ]
  })
}
