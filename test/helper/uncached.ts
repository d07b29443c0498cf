import type { ConnectorDeclaration } from '../../core/contract/types.ts'

/** A connector whose answers are asked for anew each time: tests look more often than a cache lasts. */
export function uncached(connector: ConnectorDeclaration): ConnectorDeclaration {
  const services = connector.services.map(({ contract: { cache: _, ...contract }, handler }) => ({ contract, handler }))
  return { ...connector, services }
}
