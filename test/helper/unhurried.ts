import type { ConnectorDeclaration } from '../../core/contract/types.ts'

/** A connector whose rates no test reaches; with `pollSeconds` the agency is asked that often how filings stand. */
export function unhurried(connector: ConnectorDeclaration, pollSeconds?: number): ConnectorDeclaration {
  const services = connector.services.map(({ contract, handler }) => {
    const { submission } = contract
    const followed = submission && pollSeconds !== undefined ? { submission: { ...submission, pollSeconds } } : {}
    return { contract: { ...contract, rate: { max: 10_000, perSeconds: 60 }, ...followed }, handler }
  })
  return { ...connector, services }
}
