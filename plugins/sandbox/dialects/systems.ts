import { systemOf } from '../../../core/contract/systems.ts'
import type { SandboxService } from '../../kinds/simulation.ts'
import type { ServiceIndex } from '../services.ts'

/** A service id that an agency offers through a dialect, with the connector's options of that dialect. */
export interface DialectService<O> {
  readonly sid: string
  readonly path: string | undefined
  readonly options: O
}

export function systemsOfDialect<O extends object>(name: string, services: ServiceIndex): DialectService<O>[] {
  return [...services].flatMap(([sid, [service]]) => {
    const dialect = service && dialectOf(service)
    return dialect?.name === name ? [{ sid, path: service?.contract.upstream?.path, options: (dialect.options ?? {}) as O }] : []
  })
}

/** The dialects that share a simulator, by name, each with its form. */
export function formsOfSimulator<O extends object>(simulator: string, services: ServiceIndex): [name: string, form: O][] {
  const found = [...services.values()].flatMap(([service]) => (service ? [dialectOf(service)] : []))
  return [...new Map(found.filter((dialect) => dialect.simulator === simulator).map((dialect) => [dialect.name, dialect.options as O]))]
}

function dialectOf({ connector, contract }: SandboxService) {
  return systemOf(connector, contract).dialect
}
