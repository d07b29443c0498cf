import fp from 'fastify-plugin'
import type { ConnectorSettings } from '../config/connectors.ts'
import { readConnectorSettings } from '../config/connectors.ts'
import type { CompiledService } from '../core/call/service.ts'
import type { ConnectorDeclaration } from '../core/contract/types.ts'
import type { Loaded, Refused } from './admission.ts'
import { DeclarationError } from './declarations/check.ts'
import { kinds } from './kinds/index.ts'
import { loadInternalConnectors, offered } from './load-connectors.ts'
import { buildRegistry, type Registry } from './registry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    connectors: readonly ConnectorDeclaration[]
    /** Those that were found and do not run, with what is wrong. */
    refusedConnectors: readonly Refused[]
    /** Folders of the connectors' code, by id, where they were loaded. */
    connectorPlaces: ReadonlyMap<string, string>
    connectorSettings: Readonly<Record<string, ConnectorSettings>>
    /** By `<connector>.<service>`. */
    services: ReadonlyMap<string, CompiledService>
    /** What the hub asks for purposes of its own: declared and configured like the others, without routes or a catalogue entry. */
    internal: Registry
  }
}

/** Compiles the declarations. A mistake in one stops the start: those that were loaded have been looked at before. */
export default fp<Pick<Loaded, 'declarations'> & Partial<Loaded>>(
  async (app, { declarations: loaded, internal, refused = [], places = new Map<string, string>() }) => {
    const declarations = offered(loaded, app.settings)
    const set = new Set(refused.map(({ id }) => id))
    const settings = Object.fromEntries(Object.entries(readConnectorSettings(app.settings.CONNECTORS_FILE)).filter(([id]) => !set.has(id)))
    for (const { source, said, reasons } of refused) app.log.error({ source, reasons }, `连接器没有启用：${said}；其余照常`)
    const internalConnectors = internal ?? (await loadInternalConnectors())
    const ids = new Set(internalConnectors.map(({ id }) => id))
    const clash = declarations.find(({ id }) => ids.has(id))
    if (clash) throw new DeclarationError([`${clash.id}: the id belongs to the hub`])
    const own = Object.entries(settings).filter(([id]) => ids.has(id))
    const others = Object.entries(settings).filter(([id]) => !ids.has(id))
    const { connectors, services } = buildRegistry(declarations, Object.fromEntries(others), kinds)
    app.decorate('internal', buildRegistry(internalConnectors, Object.fromEntries(own), kinds))
    app.decorate('connectors', connectors)
    app.decorate('refusedConnectors', refused)
    app.decorate('connectorPlaces', { getter: () => places })
    app.decorate('connectorSettings', settings)
    app.decorate('services', services)
  },
  { name: 'connectors', dependencies: ['settings'] },
)
