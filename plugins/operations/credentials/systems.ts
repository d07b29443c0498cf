import type { FastifyInstance } from 'fastify'
import { systemsOf } from '../../../core/contract/systems.ts'
import type { DialectDeclaration } from '../../../core/upstream/dialect.ts'
import { kindOf } from '../../kinds/index.ts'

/** A system of an agency, and what its calls are signed for. */
export interface SignedSystem {
  /** `<connector>` or `<connector>/<system>`. */
  system: string
  connector: string
  /** Chinese. */
  agency: string
  dialect: DialectDeclaration
  /** Ids of its services at the agency, those of further steps included. */
  sids: ReadonlySet<string>
}

/** All systems to which the hub signs calls, its own platforms included. */
export function signedSystems({
  connectors,
  services,
  internal,
}: Pick<FastifyInstance, 'connectors' | 'services' | 'internal'>): SignedSystem[] {
  const sids = new Map<string, Set<string>>()
  for (const { system, sid, contract } of [...services.values(), ...internal.services.values()]) {
    const known = sids.get(system) ?? new Set()
    for (const each of [sid, ...(kindOf(contract).sids?.(contract) ?? [])]) known.add(each)
    sids.set(system, known)
  }
  return [...connectors, ...internal.connectors].flatMap((connector) =>
    systemsOf(connector).map(([system, _name, declaration]) => ({
      ...{ system, connector: connector.id, agency: declaration.agency ?? connector.agency },
      ...{ dialect: declaration.dialect, sids: sids.get(system) ?? new Set<string>() },
    })),
  )
}
