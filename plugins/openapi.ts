import swagger from '@fastify/swagger'
import fp from 'fastify-plugin'
import type { CompiledService } from '../core/call/service.ts'
import { kindOf } from './kinds/index.ts'
import { markDeprecated } from './openapi/deprecated.ts'
import { completeDocuments, type Documents, SECURITY } from './openapi/documents.ts'
import type { OpenApiDocument, RuledService } from './openapi/types.ts'
import { type Frozen, freeze, sendFrozen } from './web/frozen.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The document for apps as it is now; not to be changed. */
    apiDocument(): Promise<OpenApiDocument>
  }
}

/**
 * `GET /openapi.json` for apps and `GET /openapi-admin.json` for administrators (OpenAPI 3.1), both derived
 * from the routes and built once. Registered before the routes.
 */
export default fp(
  async (app) => {
    await app.register(swagger, {
      openapi: { openapi: '3.1.0', info: { title: 'hub', version: '0' }, components: { securitySchemes: SECURITY } },
    })

    const made = new Map<keyof Documents, Promise<Frozen>>()
    const marked = new Map<keyof Documents, { lives: string; document: Promise<Frozen> }>()

    function build(): void {
      const raw = app.swagger() as unknown as OpenApiDocument
      const { apps, admin } = completeDocuments(raw, ruled(app.services), app.connectors)
      made.set('apps', freeze(JSON.stringify(apps))).set('admin', freeze(JSON.stringify(admin)))
    }

    /** What is deprecated or withdrawn says so, as long as it is. */
    async function serve(name: keyof Documents): Promise<Frozen> {
      if (made.size === 0) build()
      const plain = await (made.get(name) as Promise<Frozen>)
      const { lives } = app.catalogue.now
      if (name === 'admin' || lives.size === 0) return plain
      const text = JSON.stringify([...lives])
      const before = marked.get(name)
      if (before?.lives === text) return before.document
      const document = freeze(markDeprecated(plain.forms.identity.toString(), lives))
      marked.set(name, { lives: text, document })
      return document
    }

    let read: { digest: string; document: OpenApiDocument } | null = null
    app.decorate('apiDocument', async () => {
      const { digest, forms } = await serve('apps')
      if (read?.digest !== digest) read = { digest, document: JSON.parse(forms.identity.toString()) as OpenApiDocument }
      return read.document
    })

    for (const [url, name] of ADDRESSES)
      app.get(url, { schema: { hide: true } }, async (request, reply) => {
        // Taken from a cache for a few minutes, then asked for with its tag.
        reply.header('cache-control', 'public, max-age=300')
        return sendFrozen(request, reply, await serve(name), 'application/json; charset=utf-8')
      })
  },
  { name: 'openapi', dependencies: ['connectors', 'catalogue'] },
)

function ruled(services: ReadonlyMap<string, CompiledService>): Map<string, RuledService> {
  return new Map(
    [...services].map(([key, service]) => {
      const { asks, keeps = false } = kindOf(service.contract)
      return [key, { ...service, asks, keeps }]
    }),
  )
}

/** `/docs/json` is where Swagger UI had it. */
const ADDRESSES = [
  ['/openapi.json', 'apps'],
  ['/docs/json', 'apps'],
  ['/openapi-admin.json', 'admin'],
] as const
