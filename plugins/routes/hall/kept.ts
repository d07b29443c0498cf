import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError, type Problem } from '../../../core/base/errors.ts'
import { ask } from '../../hall/asking.ts'
import { givenIn } from '../../hall/given.ts'
import { hallPage, PICTURE_POLICY, picturePage } from '../../hall/pages.ts'
import { doForm, keptOne } from '../../hall/service-page.ts'
import { problemsByInput, refusalNote } from '../../hall/trouble.ts'
import { sealOf, type Visitor } from '../../hall/visitor.ts'
import { kindOf } from '../../kinds/index.ts'
import { sendPage } from '../../web/answer.ts'
import { escapeHtml } from '../../web/page.ts'
import { ownPath } from './do.ts'
import { beginFace, faceHeaders, faceIn, headOf, offeredFor, type Place } from './place.ts'
import type { Sent } from './reading.ts'

type View = Readonly<Record<string, unknown>>

interface Tried {
  deed: string
  typed: Readonly<Record<string, readonly string[]>>
  problem?: Problem
  problems?: Readonly<Record<string, string>>
}

/** The page of one that is kept: how it stands, and what can be done with it now. */
export async function showKept(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place & { visitor: Visitor },
  id: string,
  tried?: Tried,
): Promise<FastifyReply> {
  const { card, visitor, who, api, look } = place
  const answer = await ask(app, request, visitor, { method: 'GET', path: `${api}/${id}` })
  if (!answer.ok) return sendPage(reply.code(answer.status), hallPage(card.name, who, refusalNote(answer.problem)))
  const view = answer.data as View
  const shape = app.hall.shapeOf(`GET ${api}/:id`) ?? {}
  const deeds = await Promise.all(deedsOf(place, view).map((deed) => deedForm(app, request, place, id, deed, tried)))
  if (tried?.problem) reply.code(tried.problem.status)
  return sendPage(reply, hallPage(card.name, who, `${headOf(place)}${keptOne(shape, view, look)}${deeds.join('')}`))
}

const deedsOf = ({ card: { service } }: Place, view: View) => kindOf(service.contract).deeds?.(service, view) ?? []

async function deedForm(
  app: FastifyInstance,
  request: FastifyRequest,
  place: Place & { visitor: Visitor },
  id: string,
  deed: ReturnType<typeof deedsOf>[number],
  tried: Tried | undefined,
): Promise<string> {
  const { card, visitor } = place
  const now = tried?.deed === deed.id ? tried : undefined
  const typed = now?.typed ?? {}
  const problems = { ...(now?.problem ? problemsByInput(now.problem) : {}), ...now?.problems }
  const offered = await offeredFor(app, request, place, deed.inputs, typed)
  const action = `${card.path}/${id}?deed=${deed.id}`
  const ties = { seal: sealOf(app, visitor, `${card.path}/${id}`), key: typed['key']?.[0] ?? randomUUID() }
  const face = now?.problem?.stepUp?.method === 'face' ? await beginFace(app, request, place) : faceIn(typed)
  const refused = now?.problem ? refusalNote(now.problem) : ''
  const form = doForm(action, deed.inputs, { typed, problems, offered }, ties, face, deed.title)
  // What asks for nothing is a button; the rest is folded away until it is wanted.
  return Object.keys(deed.inputs).length === 0
    ? `${refused}${form}`
    : `<details${now ? ' open' : ''}><summary>${escapeHtml(deed.title)}</summary>${refused}${form}</details>`
}

export async function takeDeed(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place & { visitor: Visitor },
  { id, deed: wanted, sent }: { id: string; deed: string; sent: Sent },
): Promise<FastifyReply> {
  const { card, visitor, api } = place
  const now = await ask(app, request, visitor, { method: 'GET', path: `${api}/${id}` })
  const deed = now.ok ? deedsOf(place, now.data as View).find((each) => each.id === wanted) : undefined
  if (!deed) throw new HubError('HUB_FILING_STATE')
  const { typed, problems } = sent
  if (typed['do']?.[0] === 'options' || Object.keys(problems).length > 0)
    return showKept(app, request, reply, place, id, { deed: deed.id, typed, problems })
  const done = await ask(app, request, visitor, {
    method: deed.method,
    path: deed.path.startsWith('/v1/') ? deed.path : `${api}/${id}${deed.path}`,
    body: { ...givenIn(deed.inputs, typed), ...deed.also },
    headers: { 'idempotency-key': typed['key']?.[0] ?? '', ...faceHeaders(faceIn(typed)) },
  })
  if (!done.ok) return showKept(app, request, reply, place, id, { deed: deed.id, typed, problem: done.problem })
  const answered = (done.data ?? {}) as Readonly<Record<string, unknown>>
  const picture = deed.picture === undefined ? '' : String(answered[deed.picture] ?? '')
  if (picture !== '') return sendPage(reply, picturePage(deed.title, place.who, picture, `${card.path}/${id}`), PICTURE_POLICY)
  const url = typeof answered['url'] === 'string' ? answered['url'] : ''
  return reply.redirect(deed.leads && url !== '' ? ownPath(url) : `${card.path}/${id}`, 303)
}
