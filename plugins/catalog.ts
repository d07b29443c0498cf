import type { ConnectorDeclaration, Service } from '../core/contract/types.ts'

export interface CatalogueEntry {
  connector: string
  service: string
  name: string
  kind: string
  audience: string
  identity: string
  /** `from` tells an input of the request from one that the hub takes from verified facts. */
  inputs: { name: string; title: string; from: 'request' | 'verified' }[]
  fields: { name: string; title: string }[]
}

/** Every service of the connectors, in their order, as one flat list. */
export function listServices(connectors: readonly ConnectorDeclaration[]): CatalogueEntry[] {
  return connectors.flatMap((connector) => connector.services.map((service) => ({ connector: connector.id, ...describeService(service) })))
}

export function describeService({ contract }: Pick<Service, 'contract'>): Omit<CatalogueEntry, 'connector'> {
  return {
    service: contract.id,
    name: contract.name,
    kind: contract.kind,
    audience: contract.audience,
    identity: contract.identity,
    inputs: Object.entries(contract.inputs).map(([name, { notes }]) => ({
      name,
      title: notes.title,
      from: notes.fact ? 'verified' : 'request',
    })),
    fields: Object.entries(contract.fields).map(([name, { notes }]) => ({ name, title: notes.title })),
  }
}
