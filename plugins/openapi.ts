import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import { version } from '../core/base/version.ts'

/** `GET /openapi.json` (OpenAPI 3.1) and `GET /docs`, both derived from the routes. Registered before them. */
export default fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: '许昌市政务服务集成中枢',
          version,
          description: '一个入口，连接各部门系统。错误为 RFC 9457 application/problem+json。',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: '/' }],
        tags: app.connectors.map(({ name, agency, owner, documentation }) => ({
          name,
          description: owner ? `${agency}，由${owner.name}负责` : agency,
          ...(documentation === undefined ? {} : { externalDocs: { url: documentation, description: '对方接口说明' } }),
        })),
        components: {
          securitySchemes: {
            token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
            client: { type: 'http', scheme: 'basic', description: '应用自己的编号和密钥' },
          },
        },
      },
    })
    await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'none', persistAuthorization: true } })
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  },
  { name: 'openapi', dependencies: ['connectors'] },
)
