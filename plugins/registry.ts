import { type CompiledService, compileService } from '../core/call/service.ts'
import type { ConnectorDeclaration, ServiceContract, UpstreamDeclaration } from '../core/contract/types.ts'
import { checkDeclarations, DeclarationError } from './declarations/check.ts'
import type { KindRules } from './declarations/kind-rules.ts'

interface Address {
  credentials?: Readonly<Record<string, string>>
}

/** What an operator may have set for a connector; its addresses are read elsewhere. */
export interface ConnectorConfiguration extends Address {
  enabled?: boolean
  /** Service ids at the agency, by service. */
  sids?: Readonly<Record<string, string>>
  rates?: Readonly<Record<string, ServiceContract['rate']>>
  systems?: Readonly<Record<string, Address>>
}

export interface Registry {
  readonly connectors: readonly ConnectorDeclaration[]
  /** By `<connector>.<service>`. */
  readonly services: ReadonlyMap<string, CompiledService>
}

/** Checks declarations together with their configuration and compiles them; throws all mistakes at once. */
export function buildRegistry(
  declarations: readonly ConnectorDeclaration[],
  settings: Readonly<Record<string, ConnectorConfiguration>>,
  kinds: readonly KindRules[],
): Registry {
  const violations = [...checkDeclarations(declarations, kinds), ...checkSettings(declarations, settings)]
  if (violations.length > 0) throw new DeclarationError(violations)
  const connectors = declarations.filter(({ id }) => settings[id]?.enabled !== false)
  const services = new Map<string, CompiledService>()
  for (const connector of connectors) {
    for (const service of connector.services) {
      const { sids, rates } = settings[connector.id] ?? {}
      const { id } = service.contract
      const compiled = compileService(connector, service, { sid: sids?.[id], rate: rates?.[id] })
      services.set(compiled.key, compiled)
    }
  }
  return { connectors, services }
}

function checkSettings(
  declarations: readonly ConnectorDeclaration[],
  settings: Readonly<Record<string, ConnectorConfiguration>>,
): string[] {
  return Object.entries(settings).flatMap(([id, { sids = {}, rates = {}, credentials = {}, systems = {} }]) => {
    const connector = declarations.find((declaration) => declaration.id === id)
    if (!connector) return [`CONNECTORS_FILE: there is no connector ${id}`]
    const known = new Set(connector.services.map(({ contract }) => contract.id))
    return [
      ...Object.keys({ ...sids, ...rates }).flatMap((name) => (known.has(name) ? [] : [`CONNECTORS_FILE: ${id} has no service ${name}`])),
      ...undeclared(id, connector.upstream, credentials, connector.credentials),
      ...Object.entries(systems).flatMap(([name, system]) => {
        const declared = connector.systems?.[name]
        return declared ? undeclared(`${id}/${name}`, declared, system.credentials ?? {}) : [`CONNECTORS_FILE: ${id} has no system ${name}`]
      }),
    ]
  })
}

function undeclared(place: string, { dialect, callback }: UpstreamDeclaration, credentials: object, further: object = {}): string[] {
  const declared = { ...dialect.credentials, ...callback?.credentials, ...further }
  return Object.keys(credentials).flatMap((name) => (name in declared ? [] : [`CONNECTORS_FILE: ${place} declares no credential ${name}`]))
}
