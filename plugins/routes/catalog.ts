import fp from 'fastify-plugin'
import { systemsOf } from '../../core/contract/systems.ts'
import { describeService } from '../catalog.ts'
import { stateOf, worst } from '../operations/health.ts'

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
        state: worst(systemsOf(connector).map(([key]) => stateOf(app.upstreams.get(key)))),
        services,
      })),
    }))
  },
  { name: 'catalogue', dependencies: ['connectors', 'upstreams', 'openapi'] },
)
