import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { beijing } from '../../core/base/time.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import { fileRoute } from '../agency-files/route.ts'
import { DeclarationError } from '../declarations/check.ts'
import { kindOf } from '../kinds/index.ts'
import { createConnectorHealth } from '../operations/health.ts'

/** A connector that runs, as its own plugin has it. */
export interface OpenConnector {
  readonly declaration: ConnectorDeclaration
  /** Its ways out, opened with its address and credentials, by system. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** How its systems are: what real calls say and what a probe finds. */
  readonly health: ReturnType<typeof createConnectorHealth>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** By id; filled as the connectors' plugins are registered. */
    openConnectors: Map<string, OpenConnector>
    /** Inside a connector's own plugin; nowhere else. */
    connector: OpenConnector
  }
}

/** Registers each connector as a plugin of its own, under its id: `app.hasPlugin('housing-fund')`. */
export default fp(
  async (app) => {
    app.decorate('openConnectors', new Map())
    const taken = app.connectors.filter(({ id }) => app.hasPlugin(id))
    if (taken.length > 0) throw new DeclarationError(taken.map(({ id }) => `${id}: the id belongs to a plugin of the hub`))
    for (const connector of app.connectors)
      try {
        await app.register(pluginOf(connector))
      } catch (error) {
        throw new DeclarationError([`${connector.id}: its routes cannot be made: ${(error as Error).message}`])
      }
  },
  {
    name: 'connector-routes',
    dependencies: ['connectors', 'calendar', 'upstreams', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'],
  },
)

/** What a declaration becomes: an encapsulated plugin with the routes, schemas, credentials and health check that follow from it. */
function pluginOf(declaration: ConnectorDeclaration): FastifyPluginAsync {
  return fp(
    async (scope) => {
      const upstreams = new Map(
        systemsOf(declaration).flatMap(([key]) => {
          const upstream = scope.upstreams.get(key)
          return upstream ? [[key, upstream] as const] : []
        }),
      )
      const plannedOf = (system: string) => {
        const closure = scope.calendar.systemClosure(system)
        return closure && { reason: closure.title, until: beijing(closure.until) }
      }
      const own = scope.connectorSettings[declaration.id] ?? {}
      const credentialsExpireOf = (system: string) =>
        (system === declaration.id ? own : own.systems?.[system.slice(declaration.id.length + 1)])?.credentialsExpire ?? null
      const health = createConnectorHealth(declaration, scope.services.values(), upstreams, { plannedOf, credentialsExpireOf })
      const connector: OpenConnector = { declaration, upstreams, health }
      scope.decorate('connector', connector)
      scope.openConnectors.set(declaration.id, connector)
      for (const service of scope.services.values())
        if (service.connector.id === declaration.id) {
          kindOf(service.contract).routes(scope, service)
          fileRoute(scope, service)
        }
    },
    { name: declaration.id, encapsulate: true },
  )
}
