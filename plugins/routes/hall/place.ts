import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { isSameText } from '../../../core/base/hmac.ts'
import type { Inputs } from '../../../core/contract/inputs.ts'
import { ask } from '../../hall/asking.ts'
import type { Card } from '../../hall/cards.ts'
import type { Offered, Typed } from '../../hall/controls.ts'
import { givenIn, queryOf } from '../../hall/given.ts'
import { cardFacts, starForm, strangerPage } from '../../hall/pages.ts'
import type { FaceWay } from '../../hall/service-page.ts'
import type { Look } from '../../hall/shown.ts'
import { nameOf, sealOf, type Visitor, visitorOf } from '../../hall/visitor.ts'
import { kindOf } from '../../kinds/index.ts'
import type { Offer } from '../../kinds/kind.ts'
import { pathPart } from '../../route-kit/kit.ts'
import { pseudonymOf } from '../../users/users.ts'
import { sendPage } from '../../web/answer.ts'

/** A service's page while it is being made. */
export interface Place {
  card: Card
  visitor: Visitor | null
  who: string | null
  /** Path of the service in the API. */
  api: string
  look: Look
  /** The form that makes it a favourite, or none any more; HTML, empty for a stranger. */
  star: string
}

/** The service that the path names, and who looks at its page. Throws HUB_SERVICE_UNKNOWN. */
export async function placeOf(app: FastifyInstance, request: FastifyRequest): Promise<Place> {
  const key = `${pathPart(request, 'connector')}.${pathPart(request, 'service')}`
  const card = app.hall.cards.get(key)
  if (!card) throw new HubError('HUB_SERVICE_UNKNOWN')
  const { connector, contract } = card.service
  const visitor = await whoLooks(app, request)
  Object.assign(request.audit, { connector: connector.id, service: contract.id, purpose: contract.name })
  return {
    card,
    visitor,
    who: visitor && (await nameOf(app, visitor)),
    api: `/v1/${connector.id}/${contract.id}`,
    star: visitor ? starForm(card, await app.favourites.has(visitor.userId, key), sealOf(app, visitor, `${card.path}/favourite`)) : '',
    look: { fields: contract.fields, fileAddress: (href) => `/hall/file?href=${encodeURIComponent(href)}` },
  }
}

/** What stands at the head of the service's page. */
export const headOf = ({ card, star }: Place) => `${cardFacts(card)}${star}`

export async function whoLooks(app: FastifyInstance, request: FastifyRequest): Promise<Visitor | null> {
  const visitor = await visitorOf(app, request)
  if (visitor) request.audit.user = pseudonymOf(app.vault, visitor.userId)
  return visitor
}

/** Whoever is needed and isn't here is told how to come. */
export function askWho(app: FastifyInstance, reply: FastifyReply, card: Card | null): FastifyReply {
  return sendPage(reply.code(401), strangerPage(card, app.signOn !== null))
}

export function assertSeal(app: FastifyInstance, visitor: Visitor, path: string, typed: Typed): void {
  const problem = { detail: '这个页面已经过期，请返回后重新打开再提交。' }
  if (!isSameText(typed['seal']?.[0] ?? '', sealOf(app, visitor, path))) throw new HubError('HUB_VALIDATION', problem)
}

/** What agencies offer for inputs whose choices only they know; null for what cannot be told before more was typed. */
export async function offeredFor(
  app: FastifyInstance,
  request: FastifyRequest,
  place: Place,
  inputs: Inputs,
  typed: Typed,
): Promise<Record<string, readonly Offered[] | null>> {
  const { contract } = place.card.service
  const listed = kindOf(contract).offers?.(contract) ?? {}
  const offered: Record<string, readonly Offered[] | null> = {}
  for (const [input, { notes }] of Object.entries(inputs)) {
    const source = notes.from ?? notes.item?.from
    const offer = source ? { ...source, words: [source.name ?? source.value] } : listed[input]
    if (offer) offered[input] = await askOffer(app, request, place, offer, typed)
  }
  return offered
}

async function askOffer(
  app: FastifyInstance,
  request: FastifyRequest,
  { card, visitor }: Place,
  { from, value, words, open }: Offer,
  typed: Typed,
): Promise<readonly Offered[] | null> {
  const { id } = card.service.connector
  const source = app.services.get(`${id}.${from}`)
  if (!source) return null
  const { inputs } = source.contract
  const asked = givenIn(inputs, typed)
  if (Object.entries(inputs).some(([name, { notes }]) => notes.required && asked[name] === undefined)) return null
  const answer = await ask(app, request, visitor, {
    method: 'GET',
    path: `/v1/${id}/${from}?${queryOf({ ...asked, pageSize: MOST_OFFERED })}`,
  })
  if (!answer.ok || !Array.isArray(answer.data)) return null
  return (answer.data as Readonly<Record<string, unknown>>[])
    .filter((row) => open === undefined || row[open] === true)
    .map((row) => ({ value: wordOf(row[value], 'code'), label: words.map((word) => wordOf(row[word], 'name')).join(' ') }))
}

/** More than people look through. */
const MOST_OFFERED = 100

function wordOf(value: unknown, part: 'code' | 'name'): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '')
  const { code, name } = value as { code?: unknown; name?: unknown }
  return String((part === 'code' ? code : (name ?? code)) ?? '')
}

/** Begins a face verification for the service. */
export async function beginFace(app: FastifyInstance, request: FastifyRequest, { card, visitor }: Place): Promise<FaceWay> {
  const begun = await ask(app, request, visitor, {
    method: 'POST',
    path: '/v1/me/face-verifications',
    body: { service: card.service.key },
  })
  if (!begun.ok) throw new HubError('HUB_FACE_INVALID', { detail: begun.problem.detail })
  const { id, url } = begun.data as { id: string; url: string }
  return { id, url }
}

/** The one that the form names; where it is done is told no more. */
export function faceIn(typed: Typed): FaceWay | null {
  const id = typed['face']?.[0] ?? ''
  return id === '' ? null : { id, url: null }
}

export const faceHeaders = (face: FaceWay | null): Record<string, string> => (face === null ? {} : { 'face-verification': face.id })
