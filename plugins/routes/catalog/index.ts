import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { beijing } from '../../../core/base/time.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import type { Calendar } from '../../calendar/index.ts'
import { describeService } from '../../catalog.ts'
import { kindOf } from '../../kinds/index.ts'
import { stateOf, worst } from '../../operations/health.ts'
import { typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { sendTagged } from '../../web/tagged.ts'
import { knownCaller } from './caller.ts'
import { type Mine, mineOf } from './mine.ts'
import { presentCard, presentCategory } from './shown.ts'
import { wantedIn } from './wanted.ts'

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

const querystring = part.input({
  category: part.text('分类编号', { maxLength: 36 }),
  zone: part.text('专区编号或名称', { maxLength: 64 }),
  region: part.text('区划代码：可见于全市或该区划的服务', { maxLength: 6 }),
  q: part.text('要找的服务：名称的任何部分、拼音或首字母', { maxLength: 100 }),
})

const description = '公开；带令牌时，每项服务另有“mine”：本人现在能否使用、还差什么、账户是否已绑定。支持 ETag。'

/** `GET /v1/catalog`: which services are on line, what they take and give, how they are shown and how they are (docs/catalogue.md). */
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
    const options = {
      onRequest: knownCaller(app, 'catalog', '服务目录'),
      // As for the hall: many share the address of a mobile network.
      preHandler: app.limitRate({ key: 'catalog', rate: { max: 3000, perSeconds: 60 } }),
      schema: { summary: '服务目录', description, operationId: 'catalog', tags: ['中枢'], querystring },
    }

    typed(app).get('/v1/catalog', options, async (request, reply) => {
      const wanted = await wantedIn(app, request.query, request.ip)
      const mine = request.caller && (await mineOf(app, request.caller))
      const listed = await Promise.all(entries.map((entry) => connectorOf(entry, wanted.placeOf, mine)))
      const data = wanted.inOrder(listed.filter(({ services }) => !wanted.narrows || services.length > 0))
      const categories = app.catalogue.now.categories.filter(({ shown }) => shown).map(presentCategory)
      return sendTagged(request, reply, { data, meta: { categories } })
    })

    async function connectorOf(
      { connector, services }: (typeof entries)[number],
      placeOf: (key: string) => number | null,
      mine: ((key: string) => Promise<Mine | null>) | null,
    ) {
      const placed = services.flatMap((service) => {
        const key = `${connector.id}.${service.service}`
        const place = placeOf(key)
        return place === null ? [] : [{ key, place, service }]
      })
      placed.sort((one, other) => one.place - other.place)
      return {
        id: connector.id,
        name: connector.name,
        agency: connector.agency,
        version: connector.version,
        // The tier alone: why it is no higher is for operators.
        tier: app.tiers.of(connector.id)?.tier ?? null,
        state: worst(systemsOf(connector).map(([key]) => (app.calendar.systemClosure(key) ? 'pass' : stateOf(app.upstreams.get(key))))),
        calendars: systemsOf(connector).flatMap(([key]) => calendarOf(app.calendar, key)),
        services: await Promise.all(
          placed.map(async ({ key, service }) => ({
            ...service,
            ...hoursOf(app, connector, service.service),
            card: presentCard(app, key),
            ...(mine ? { mine: await mine(key) } : {}),
          })),
        ),
      }
    }
  },
  {
    name: 'catalog-routes',
    dependencies: [
      'accounts',
      'auth',
      'calendar',
      'catalogue',
      'connectors',
      'hall',
      'openapi',
      'rate-limit',
      'tiers',
      'upstreams',
      'validation',
    ],
  },
)
