import fp from 'fastify-plugin'
import type { ConnectorSettings } from '../config/connectors.ts'
import { readConnectorSettings } from '../config/connectors.ts'
import type { CompiledService } from '../core/call/service.ts'
import type { ConnectorDeclaration } from '../core/contract/types.ts'
import { DeclarationError } from './declarations/check.ts'
import { kinds } from './kinds/index.ts'
import { loadInternalConnectors, offered } from './load-connectors.ts'
import { buildRegistry, type Registry } from './registry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    connectors: readonly ConnectorDeclaration[]
    connectorSettings: Readonly<Record<string, ConnectorSettings>>
    /** By `<connector>.<service>`. */
    services: ReadonlyMap<string, CompiledService>
    /** What the hub asks for purposes of its own: declared and configured like the others, without routes or a catalogue entry. */
    internal: Registry
  }
}

/** Checks and compiles the declarations; a mistake in one stops the start. */
export default fp<{ declarations: readonly ConnectorDeclaration[] }>(
  async (app, { declarations: loaded }) => {
    const declarations = offered(loaded, app.settings)
    const settings = readConnectorSettings(app.settings.CONNECTORS_FILE)
    const internalConnectors = await loadInternalConnectors()
    const ids = new Set(internalConnectors.map(({ id }) => id))
    const clash = declarations.find(({ id }) => ids.has(id))
    if (clash) throw new DeclarationError([`${clash.id}: the id belongs to the hub`])
    const own = Object.entries(settings).filter(([id]) => ids.has(id))
    const others = Object.entries(settings).filter(([id]) => !ids.has(id))
    const { connectors, services } = buildRegistry(declarations, Object.fromEntries(others), kinds)
    app.decorate('internal', buildRegistry(internalConnectors, Object.fromEntries(own), kinds))
    app.decorate('connectors', connectors)
    app.decorate('connectorSettings', settings)
    app.decorate('services', services)
  },
  { name: 'connectors', dependencies: ['settings'] },
)
