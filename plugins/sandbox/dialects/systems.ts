import { systemOf } from '../../../core/contract/systems.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { kindOf } from '../../kinds/index.ts'
import type { SandboxService } from '../../kinds/simulation.ts'
import type { ServiceIndex } from '../services.ts'

/** A service id that an agency offers through a dialect, with the connector's options of that dialect. */
export interface DialectService<O> {
  readonly sid: string
  readonly connectorId: string
  readonly contract: ServiceContract
  readonly path: string | undefined
  readonly options: O
}

export function systemsOfDialect<O extends object>(name: string, services: ServiceIndex): DialectService<O>[] {
  return [...services].flatMap(([sid, [service]]) => {
    if (!service) return []
    const { connector, contract } = service
    const dialect = dialectOf(service)
    return dialect.name === name
      ? [
          {
            sid,
            connectorId: connector.id,
            contract,
            path: templateOf(pathOf(contract, sid)),
            options: (dialect.options ?? {}) as O,
          },
        ]
      : []
  })
}

/** The dialects that share a simulator, by name, each with its form. */
export function formsOfSimulator<O extends object>(simulator: string, services: ServiceIndex): [name: string, form: O][] {
  const found = [...services.values()].flatMap(([service]) => (service ? [dialectOf(service)] : []))
  return [...new Map(found.filter((dialect) => dialect.simulator === simulator).map((dialect) => [dialect.name, dialect.options as O]))]
}

function pathOf(contract: ServiceContract, sid: string): string | undefined {
  if (contract.files?.sid === sid) return contract.files.path
  return kindOf(contract).paths?.(contract)[sid] ?? contract.upstream?.path
}

/** A service's path with its own characters percent-encoded, as a request carries it; its inputs' places stay. */
function templateOf(path: string | undefined): string | undefined {
  return path
    ?.replace(/^\/+/, '')
    .split(/(\{[^{}]*\}|\/)/)
    .map((piece, index) => (index % 2 === 1 ? piece : encodeURIComponent(piece)))
    .join('')
}

function dialectOf({ connector, contract }: SandboxService) {
  return systemOf(connector, contract).dialect
}
