import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../../core/base/errors.ts'
import { ask } from '../../hall/asking.ts'
import type { Typed } from '../../hall/controls.ts'
import { foundPage, frontPage, hallPage, laidOutPage, offlinePage, zonePage } from '../../hall/pages.ts'
import { refusalNote } from '../../hall/trouble.ts'
import { nameOf, type Visitor } from '../../hall/visitor.ts'
import { kindOf } from '../../kinds/index.ts'
import { pathId, pathPart, queryPart, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { sendPage, servePages } from '../../web/answer.ts'
import { problemPage, wayOn } from '../../web/parts.ts'
import { bindingRoutes } from './accounts.ts'
import { beginFaceForAnswer, showAnswer } from './ask.ts'
import { showForm, showWay, takeForm } from './do.ts'
import { enterRoutes, handOverRoute } from './enter.ts'
import { showKept, takeDeed } from './kept.ts'
import { ownRoutes } from './own.ts'
import { askWho, assertSeal, placeOf, whoLooks } from './place.ts'
import { readForm, takeForms } from './reading.ts'

/**
 * `/hall…`: every service as a page (docs/hall.md), drawn from its declaration and filled by the API's own routes. No page needs a
 * script, and none knows a service by name.
 */
export default fp(
  async (app) => {
    handOverRoute(app)
    await app.register(async (scope) => {
      servePages(scope, (problem) => problemPage(problem, wayOn('/hall', '回到办事大厅')), {
        always: true,
        audit: { due: true, service: 'hall', purpose: '办事大厅' },
      })
      await takeForms(scope)
      // Many citizens share the address of a mobile network, so this holds back only a flood.
      const preHandler = scope.limitRate({ key: 'hall', rate: { max: 3000, perSeconds: 60 } })
      const options = { exposeHeadRoute: false, preHandler }
      overviewRoutes(scope, options)
      enterRoutes(scope, options)
      bindingRoutes(scope, options)
      foundRoute(scope, options)
      ownRoutes(scope, options)
      serviceRoutes(scope, options)
    })
  },
  {
    name: 'hall-routes',
    dependencies: ['hall', 'habits', 'layouts', 'sign-on', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'],
  },
)

function overviewRoutes(scope: FastifyInstance, options: object): void {
  const { hall } = scope
  const hide = { hide: true }

  scope.get('/hall', { ...options, schema: hide }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    const laidOut = scope.layouts.now.get('home')
    if (laidOut) {
      const looker = visitor && { userId: visitor.userId, forEnterprise: visitor.enterprise !== null }
      return sendPage(reply, laidOutPage(await scope.layouts.layOut(laidOut, looker), visitor && (await nameOf(scope, visitor))))
    }
    return sendPage(reply, frontPage(hall.zones, visitor && (await nameOf(scope, visitor)), visitor ? await ownCards(scope, visitor) : {}))
  })

  scope.get('/hall/zones/:zone', { ...options, schema: hide }, async (request, reply) => {
    const zone = hall.zones.find(({ id }) => id === pathPart(request, 'zone'))
    if (!zone) throw new HubError('HUB_SERVICE_UNKNOWN')
    const visitor = await whoLooks(scope, request)
    return sendPage(reply, zonePage(zone, visitor && (await nameOf(scope, visitor))))
  })

  typed(scope).get('/hall/search', { ...options, schema: searchSchema }, async (request, reply) => {
    const { q = '' } = request.query
    const visitor = await whoLooks(scope, request)
    const found = (await hall.search()).find(q)
    scope.searching.counts.searched(q, found.length, request.ip)
    const hotWords = scope.searching.now.hotWords.map(({ word }) => word)
    return sendPage(reply, foundPage(q, found, visitor && (await nameOf(scope, visitor)), hotWords))
  })
}

function foundRoute(scope: FastifyInstance, options: object): void {
  typed(scope).get('/hall/found', { ...options, schema: foundSchema }, async (request, reply) => {
    const card = scope.hall.cards.get(request.query.service)
    if (!card) throw new HubError('HUB_SERVICE_UNKNOWN')
    scope.searching.counts.clicked(request.query.q, request.ip)
    return reply.redirect(card.link, 303)
  })
}

function serviceRoutes(scope: FastifyInstance, options: object): void {
  const hide = { hide: true }
  const path = '/hall/:connector/:service'

  scope.get('/hall/file', { ...options, schema: hide }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    const href = String(queryPart(request, 'href') ?? '')
    if (!FILE.test(href)) throw new HubError('HUB_FILE_LINK_INVALID')
    const answer = await ask(scope, request, visitor, { method: 'GET', path: href })
    if (!answer.ok) return sendPage(reply.code(answer.status), hallPage('文件打不开', null, refusalNote(answer.problem)))
    for (const name of FILE_HEADERS) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name])
    return reply.send(answer.file)
  })

  scope.get(path, { ...options, schema: hide }, async (request, reply) => {
    const place = await placeOf(scope, request)
    const { contract } = place.card.service
    const elsewhere = kindOf(contract).pageOf?.(contract)
    if (elsewhere !== undefined) return reply.redirect(`/hall/${place.card.service.connector.id}/${elsewhere}`, 303)
    const offline = scope.catalogue.offline(place.card.service.key)
    if (offline) return sendPage(reply.code(offline.status), offlinePage(place.card, place.who, offline.extras.detail ?? ''))
    if (!place.visitor && contract.identity !== 'none') return askWho(scope, reply, place.card)
    // Which form counts once is not for whoever wrote a link to say.
    const { key: _, ...given } = typedIn(request.query)
    if (kindOf(contract).method === 'GET') return showAnswer(scope, request, reply, place, given)
    if (kindOf(contract).leads && contract.identity === 'none') return showWay(scope, request, reply, place)
    return place.visitor
      ? showForm(scope, request, reply, { ...place, visitor: place.visitor }, { typed: given })
      : askWho(scope, reply, place.card)
  })

  scope.post(path, { ...options, schema: hide }, async (request, reply) => {
    const place = await placeOf(scope, request)
    const { visitor } = place
    if (!visitor) return askWho(scope, reply, place.card)
    const sent = await readForm(scope, request, visitor, (typed) => assertSeal(scope, visitor, place.card.path, typed))
    if (kindOf(place.card.service.contract).method === 'GET') return beginFaceForAnswer(scope, request, reply, place, sent.typed)
    return takeForm(scope, request, reply, { ...place, visitor }, sent)
  })

  scope.post(`${path}/favourite`, { ...options, schema: hide }, async (request, reply) => {
    const { card, visitor } = await placeOf(scope, request)
    if (!visitor) return askWho(scope, reply, card)
    // The page has another form, whose seal is its own.
    const isHis = ({ tie = [] }: Typed) => assertSeal(scope, visitor, `${card.path}/favourite`, { seal: tie })
    const { typed: sent } = await readForm(scope, request, visitor, isHis)
    const wanted = sent['do']?.[0] === 'on' ? ('add' as const) : ('remove' as const)
    await scope.favourites[wanted](visitor.userId, card.service.key)
    return reply.redirect(card.path, 303)
  })

  scope.get(`${path}/:id`, { ...options, schema: hide }, async (request, reply) => {
    const place = await placeOf(scope, request)
    const { visitor } = place
    if (!visitor) return askWho(scope, reply, place.card)
    return showKept(scope, request, reply, { ...place, visitor }, pathId(request, 'id'))
  })

  scope.post(`${path}/:id`, { ...options, schema: hide }, async (request, reply) => {
    const place = await placeOf(scope, request)
    const { visitor } = place
    if (!visitor) return askWho(scope, reply, place.card)
    const deed = String(queryPart(request, 'deed') ?? '')
    const id = pathId(request, 'id')
    const sent = await readForm(scope, request, visitor, (typed) => assertSeal(scope, visitor, `${place.card.path}/${id}`, typed))
    return takeDeed(scope, request, reply, { ...place, visitor }, { id, deed, sent })
  })
}

/** Those of his favourites and of what he used last that are on line; none twice. */
async function ownCards({ favourites, recents, hall, catalogue }: FastifyInstance, { userId }: Visitor) {
  const [chosen, used] = await Promise.all([favourites.list(userId), recents.list(userId)])
  const cardsOf = (keys: readonly string[]) => keys.flatMap((key) => (catalogue.isListed(key) ? (hall.cards.get(key) ?? []) : []))
  return { favourites: cardsOf(chosen), recent: cardsOf(used.filter((key) => !chosen.includes(key)).slice(0, MOST_SHOWN)) }
}

const MOST_SHOWN = 6

/** Where the API hands out files of answers, and nothing else of it. */
const FILE = /^\/v1\/[a-z0-9-]+\/[a-z0-9-]+\/files\/(?!\.+(\?|$))[\w.~-]+(\?preview=true)?$/
const FILE_HEADERS = ['content-type', 'content-disposition', 'content-security-policy', 'x-content-type-options']

const foundSchema = {
  hide: true,
  querystring: part.input({ q: part.text('搜索的词', { maxLength: 100 }), service: part.text('服务', { maxLength: 130 }) }, [
    'q',
    'service',
  ]),
}
const searchSchema = { hide: true, querystring: part.input({ q: part.text('要找的服务', { maxLength: 100 }) }) }
