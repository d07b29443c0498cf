import type { FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { type Card, type Zone, zonesOf } from './cards.ts'
import { createShown } from './on-line.ts'
import type { Search } from './search.ts'
import type { Shape } from './shown.ts'

export interface Hall {
  /** With the services that are on line, as administrators have them shown. */
  readonly zones: readonly Zone[]
  /** By `<connector>.<service>`; those that are off line as well. */
  readonly cards: ReadonlyMap<string, Card>
  /** Finds what is on line. */
  search(): Promise<Search<Card>>
  /** Whether the API has this route: `GET /v1/water/fee-payment/:id`. */
  has(route: string): boolean
  /** → the schema of what the route answers as `data`; null where it has none in JSON. */
  shapeOf(route: string): Shape | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every service as a page (docs/hall.md). */
    hall: Hall
  }
}

/** What pages are made of: the services in their zones, and what their routes answer. Registered before the routes. */
export default fp(
  async (app) => {
    const routes = new Map<string, FastifySchema | undefined>()
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (url.startsWith('/v1/')) for (const each of [method].flat()) routes.set(`${each} ${url}`, schema)
    })
    const shown = createShown(app.catalogue, zonesOf(app.services.values()), () => app.searching.now.rules)
    app.decorate('hall', {
      get zones() {
        return shown().zones
      },
      get cards() {
        return shown().cards
      },
      search: () => shown().search(),
      has: (route) => routes.has(route),
      shapeOf: (route) => dataOf(routes.get(route)?.response),
    })
  },
  { name: 'hall', dependencies: ['connectors', 'catalogue', 'searching'] },
)

interface Response {
  properties?: { data?: Shape }
  content?: Readonly<Record<string, { schema: Response }>>
}

function dataOf(responses: unknown): Shape | null {
  const all = (responses ?? {}) as Readonly<Record<string, Response>>
  const [, good] = Object.entries(all).find(([status]) => status.startsWith('2')) ?? []
  const json = good?.content ? good.content['application/json']?.schema : good
  return json?.properties?.data ?? null
}
