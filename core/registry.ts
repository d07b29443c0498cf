import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ConnectorSettings } from '../config/connectors.ts'
import type { ConnectorDeclaration, UpstreamDeclaration } from './connector.ts'
import { checkDeclarations, DeclarationError } from './declaration/check.ts'
import { type CompiledService, compileService } from './declaration/service.ts'

const FOLDER = new URL('../connectors/', import.meta.url)

/** Imports every `connectors/<id>/index`; the folder is the list. */
export async function loadConnectors(): Promise<ConnectorDeclaration[]> {
  const folders = readdirSync(fileURLToPath(FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const modules = folders.map(async ({ name }) => {
    const { default: declaration } = (await import(pathToFileURL(fileURLToPath(new URL(`${name}/index.ts`, FOLDER))).href)) as {
      default: ConnectorDeclaration
    }
    if (declaration.id !== name) throw new DeclarationError([`${declaration.id}: the id must be the folder's name, ${name}`])
    return declaration
  })
  return Promise.all(modules)
}

export interface Registry {
  readonly connectors: readonly ConnectorDeclaration[]
  /** By `<connector>.<service>`. */
  readonly services: ReadonlyMap<string, CompiledService>
}

/** Checks declarations together with their configuration and compiles them; throws all mistakes at once. */
export function buildRegistry(
  declarations: readonly ConnectorDeclaration[],
  settings: Readonly<Record<string, ConnectorSettings>>,
): Registry {
  const violations = [...checkDeclarations(declarations), ...checkSettings(declarations, settings)]
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

function checkSettings(declarations: readonly ConnectorDeclaration[], settings: Readonly<Record<string, ConnectorSettings>>): string[] {
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

function undeclared(place: string, { dialect }: UpstreamDeclaration, credentials: object, further: object = {}): string[] {
  const declared = { ...dialect.credentials, ...further }
  return Object.keys(credentials).flatMap((name) => (name in declared ? [] : [`CONNECTORS_FILE: ${place} declares no credential ${name}`]))
}
