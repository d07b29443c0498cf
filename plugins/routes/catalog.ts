import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { beijing } from '../../core/base/time.ts'
import { systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { Calendar } from '../calendar/index.ts'
import { describeService } from '../catalog.ts'
import { kindOf } from '../kinds/index.ts'
import { stateOf, worst } from '../operations/health.ts'

/** What a system declares of its hours and what its agency has announced beside that; nothing where it is always there. */
function calendarOf(calendar: Calendar, system: string) {
  const announced = calendar.announcedFor(system).map(({ title, from, to }) => ({ title, from: beijing(from), to: beijing(to) }))
  const declared = calendar.declared(system)
  return announced.length > 0 || Object.keys(declared).length > 0 ? [{ system, ...declared, announced }] : []
}

/** In words, and whether it can be used now. */
function hoursOf({ calendar, services }: FastifyInstance, { id }: ConnectorDeclaration, name: string) {
  const service = services.get(`${id}.${name}`)
  if (!service) return {}
  const closure = calendar.closureOf(service, !kindOf(service.contract).asks)
  return { hours: calendar.hoursOf(service), closed: closure && { reason: closure.title, until: beijing(closure.until) } }
}

/** `GET /v1/catalog`: which services there are, what they take and give, and how they are. Public. */
export default fp(
  async (app) => {
    const entries = app.connectors.map((connector) => ({
      connector,
      services: connector.services.map((service) => ({
        ...describeService(service),
        section: service.contract.section,
        face: service.contract.face ?? null,
        path: `/v1/${connector.id}/${service.contract.id}`,
      })),
    }))
    const schema = { summary: '服务目录', operationId: 'catalog', tags: ['中枢'] }
    app.get('/v1/catalog', { schema }, async () => ({
      data: entries.map(({ connector, services }) => ({
        id: connector.id,
        name: connector.name,
        agency: connector.agency,
        version: connector.version,
        state: worst(systemsOf(connector).map(([key]) => (app.calendar.systemClosure(key) ? 'pass' : stateOf(app.upstreams.get(key))))),
        calendars: systemsOf(connector).flatMap(([key]) => calendarOf(app.calendar, key)),
        services: services.map((service) => ({ ...service, ...hoursOf(app, connector, service.service) })),
      })),
    }))
  },
  { name: 'catalogue', dependencies: ['connectors', 'calendar', 'upstreams', 'openapi'] },
)
