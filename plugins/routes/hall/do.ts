import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../../../core/base/errors.ts'
import type { Answer } from '../../access/asking.ts'
import { ask } from '../../hall/asking.ts'
import type { Card } from '../../hall/cards.ts'
import type { Typed } from '../../hall/controls.ts'
import { givenIn } from '../../hall/given.ts'
import { hallPage } from '../../hall/pages.ts'
import { doForm, type FaceWay, keptOne, keptPart } from '../../hall/service-page.ts'
import { problemsByInput, refusalNote } from '../../hall/trouble.ts'
import { sealOf, type Visitor } from '../../hall/visitor.ts'
import { kindOf } from '../../kinds/index.ts'
import { sendPage } from '../../web/answer.ts'
import { wayOn } from '../../web/parts.ts'
import { beginFace, faceHeaders, faceIn, headOf, offeredFor, type Place } from './place.ts'
import type { Sent } from './reading.ts'

interface Draft {
  typed: Typed
  face?: FaceWay | null
  problem?: Problem
  problems?: Readonly<Record<string, string>>
}

/** The page of a service that does something: its form, and what was done with it before. */
export async function showForm(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place & { visitor: Visitor },
  { typed, face = faceIn(typed), problem, problems = {} }: Draft,
): Promise<FastifyReply> {
  const { card, visitor, who, api } = place
  const { inputs } = card.service.contract
  const state = {
    typed,
    problems: { ...(problem ? problemsByInput(problem) : {}), ...problems },
    offered: await offeredFor(app, request, place, inputs, typed),
  }
  const ties = { seal: sealOf(app, visitor, card.path), key: typed['key']?.[0] ?? randomUUID(), binding: typed['binding']?.[0] }
  const refused = problem ? refusalNote(problem, (parameter, value) => accountWay(card, parameter, value)) : ''
  // Only with a face that was verified would the same form be taken.
  const shown = problem?.stepUp?.method === 'face' ? await beginFace(app, request, place) : face
  const form = doForm(card.path, inputs, state, ties, shown, kindOf(card.service.contract).words?.button ?? '提交')
  const kept = app.hall.has(`GET ${api}`) ? await keptBefore(app, request, place) : ''
  if (problem) reply.code(problem.status)
  return sendPage(reply, hallPage(card.name, who, `${headOf(place)}${refused}${form}${kept}`))
}

/** Which of several accounts at the agency is meant is chosen before the form is filled in. */
const accountWay = ({ path }: Card, parameter: string, value: string) =>
  parameter === 'binding' ? `${path}?binding=${encodeURIComponent(value)}` : null

async function keptBefore(app: FastifyInstance, request: FastifyRequest, { card, visitor, api }: Place): Promise<string> {
  const listed = await ask(app, request, visitor, { method: 'GET', path: `${api}?pageSize=10` })
  return listed.ok && Array.isArray(listed.data) ? keptPart('我的记录', card.path, listed.data) : ''
}

/** A page for everybody asks nothing of whoever looks: the way there is its address. */
export async function showWay(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, place: Place): Promise<FastifyReply> {
  const { card, visitor, who, api } = place
  const answer = await ask(app, request, visitor, { method: 'POST', path: api, body: {} })
  if (!answer.ok) return sendPage(reply.code(answer.status), hallPage(card.name, who, `${headOf(place)}${refusalNote(answer.problem)}`))
  const { url } = (answer.data ?? {}) as { url?: string }
  return sendPage(reply, hallPage(card.name, who, `${headOf(place)}${wayOn(url ?? '/hall', '进入')}`))
}

/** What was sent with the form is done, once, and shown. */
export async function takeForm(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place & { visitor: Visitor },
  { typed, problems }: Sent,
): Promise<FastifyReply> {
  const { card, visitor, api } = place
  const choice = typed['do']?.[0]
  if (choice === 'options') return showForm(app, request, reply, place, { typed, problems })
  if (choice === 'face') return showForm(app, request, reply, place, { typed, face: await beginFace(app, request, place) })
  if (Object.keys(problems).length > 0) return showForm(app, request, reply.code(422), place, { typed, problems })
  const binding = typed['binding']?.[0]
  const done = await ask(app, request, visitor, {
    method: 'POST',
    path: binding === undefined ? api : `${api}?binding=${encodeURIComponent(binding)}`,
    body: givenIn(card.service.contract.inputs, typed),
    headers: { 'idempotency-key': typed['key']?.[0] ?? '', ...faceHeaders(faceIn(typed)) },
  })
  if (!done.ok) return showForm(app, request, reply, place, { typed, face: null, problem: done.problem })
  return showDone(app, reply, place, done)
}

function showDone(app: FastifyInstance, reply: FastifyReply, place: Place, done: Answer & { ok: true }): FastifyReply {
  const { card, who, api, look } = place
  const data = (done.data ?? {}) as Readonly<Record<string, unknown>>
  if (kindOf(card.service.contract).leads) return reply.redirect(ownPath(String(data['url'])), 303)
  if (typeof data['id'] === 'string' && app.hall.has(`GET ${api}/:id`)) return reply.redirect(`${card.path}/${data['id']}`, 303)
  const shape = app.hall.shapeOf(`POST ${api}`) ?? {}
  return sendPage(reply, hallPage(card.name, who, `${headOf(place)}${keptOne(shape, data, look)}`))
}

/** An address of this hub, as the browser has come to it. */
export function ownPath(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}
