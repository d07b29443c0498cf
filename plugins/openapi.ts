import { createHash } from 'node:crypto'
import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import { completeDocuments, type Documents, SECURITY } from './openapi/documents.ts'
import type { OpenApiDocument } from './openapi/types.ts'

/**
 * `GET /openapi.json` for apps and `GET /openapi-admin.json` for administrators (OpenAPI 3.1), both derived
 * from the routes and built once. Registered before the routes.
 */
export default fp(
  async (app) => {
    await app.register(swagger, {
      openapi: { openapi: '3.1.0', info: { title: 'hub', version: '0' }, components: { securitySchemes: SECURITY } },
    })

    let served: Record<keyof Documents, Served> | null = null
    const serve = (name: keyof Documents): Served => {
      if (!served) {
        const raw = app.swagger() as unknown as OpenApiDocument
        const { apps, admin } = completeDocuments(raw, app.services, app.connectors)
        served = { apps: freeze(apps), admin: freeze(admin) }
      }
      return served[name]
    }

    for (const [url, name] of ADDRESSES)
      app.get(url, { schema: { hide: true } }, async (request, reply) => {
        const { text, etag } = serve(name)
        reply.header('etag', etag).header('cache-control', 'no-cache')
        if (request.headers['if-none-match'] === etag) return reply.code(304).send()
        return reply.type('application/json; charset=utf-8').send(text)
      })
  },
  { name: 'openapi', dependencies: ['connectors'] },
)

/** `/docs/json` is where Swagger UI had it. */
const ADDRESSES = [
  ['/openapi.json', 'apps'],
  ['/docs/json', 'apps'],
  ['/openapi-admin.json', 'admin'],
] as const

interface Served {
  text: string
  etag: string
}

function freeze(document: OpenApiDocument): Served {
  const text = JSON.stringify(document)
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` }
}
