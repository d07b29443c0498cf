import type { VerifiedFact } from './inputs.ts'
import type { ConnectorDeclaration, ServiceContract, UpstreamDeclaration } from './types.ts'

/** Key of a system among the hub's upstreams: the connector's own id for its main one. */
export function systemKey(connectorId: string, system?: string): string {
  return system === undefined ? connectorId : `${connectorId}/${system}`
}

export function systemOf(connector: ConnectorDeclaration, contract: ServiceContract): UpstreamDeclaration {
  const name = contract.upstream?.system
  const system = name === undefined ? connector.upstream : connector.systems?.[name]
  if (!system) throw new Error(`${connector.id} has no system ${name}`)
  return system
}

/** Chinese name of the system that answers a service. */
export function agencyOf(connector: ConnectorDeclaration, contract: ServiceContract): string {
  return systemOf(connector, contract).agency ?? connector.agency
}

/** Every system of a connector, by its key. */
export function systemsOf(connector: ConnectorDeclaration): [key: string, name: string | undefined, UpstreamDeclaration][] {
  const further = Object.entries(connector.systems ?? {})
  return [
    [connector.id, undefined, connector.upstream],
    ...further.map(([name, system]) => [systemKey(connector.id, name), name, system] as [string, string, UpstreamDeclaration]),
  ]
}

/** Whether a service asks about the user's account at the agency, by an input of its own or as every call to its system does. */
export function usesAccount(connector: ConnectorDeclaration, contract: ServiceContract): boolean {
  const fact: VerifiedFact = 'account.externalId'
  const inSubject = Object.values(systemOf(connector, contract).subject.person ?? {}).includes(fact)
  const asPerson = contract.identity !== 'none' && contract.audience === 'person'
  return (asPerson && inSubject) || Object.values(contract.inputs).some(({ notes }) => notes.fact === fact)
}

/** Whether every call of a service is made with a token that its user's account at the agency gives. A jump leaves without one. */
export function usesToken(connector: ConnectorDeclaration, contract: ServiceContract): boolean {
  return contract.kind !== 'jump' && contract.identity !== 'none' && systemOf(connector, contract).dialect.name === 'oauth2-user'
}

export function rowsOf({ rows, kind }: ServiceContract): 'one' | 'many' {
  return rows ?? (kind === 'list' || kind === 'catalog' ? 'many' : 'one')
}
