import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ask } from '../../hall/asking.ts'
import type { Typed } from '../../hall/controls.ts'
import { givenIn, queryOf } from '../../hall/given.ts'
import { hallPage } from '../../hall/pages.ts'
import { answerPart, askForm, exportsPart, type FaceWay, faceButton } from '../../hall/service-page.ts'
import { problemsByInput, refusalNote } from '../../hall/trouble.ts'
import { sealOf } from '../../hall/visitor.ts'
import { formatsOf } from '../../openapi/query-schema.ts'
import { sendPage } from '../../web/answer.ts'
import { beginFace, faceHeaders, faceIn, headOf, offeredFor, type Place } from './place.ts'

/** Rows that a phone shows at once. */
const PAGE_SIZE = 10
/** What stands beside the inputs in the address of an answer. */
const OWN = ['page', 'format', 'binding', 'dependant'] as const

/** The page of a service that is asked: its form, and its answer once nothing is missing. */
export async function showAnswer(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  typed: Typed,
): Promise<FastifyReply> {
  const { card, visitor, who, api, look } = place
  const { contract } = card.service
  const face = faceIn(typed)
  const given = givenIn(contract.inputs, typed)
  const own = Object.fromEntries(OWN.flatMap((name) => (typed[name]?.[0] ? [[name, typed[name][0]]] : [])))
  const lacking =
    Object.entries(contract.inputs).some(([name, { notes }]) => notes.required && !notes.fact && given[name] === undefined) ||
    contract.anyOf?.every((name) => given[name] === undefined) === true
  const state = { typed, offered: await offeredFor(app, request, place, contract.inputs, typed) }
  const head = headOf(place)
  if (lacking && typed['do'] === undefined)
    return sendPage(reply, hallPage(card.name, who, `${head}${askForm(card, contract.inputs, state, face)}`))

  const size = card.service.rows === 'many' && own['format'] === undefined ? { pageSize: PAGE_SIZE } : {}
  const answer = await ask(app, request, visitor, {
    method: 'GET',
    path: `${api}?${queryOf({ ...given, ...own, ...size })}`,
    headers: faceHeaders(face),
  })
  if (!answer.ok) {
    const problems = problemsByInput(answer.problem)
    const form = askForm(card, contract.inputs, { ...state, problems }, null)
    const needsFace = visitor !== null && answer.problem.stepUp?.method === 'face'
    const button = needsFace ? faceButton(card.path, sealOf(app, visitor, card.path), typed) : ''
    const chosen = (parameter: string, value: string) =>
      `${card.path}?${queryOf({ ...given, ...own, ...faceQuery(face), [parameter]: value })}`
    return sendPage(reply.code(answer.status), hallPage(card.name, who, `${head}${refusalNote(answer.problem, chosen)}${button}${form}`))
  }
  if (own['format'] !== undefined) {
    const { headers } = answer
    for (const name of ['content-type', 'content-disposition']) if (headers[name] !== undefined) reply.header(name, headers[name])
    return reply.send(answer.file)
  }
  const address = (more: Record<string, unknown>) => `${card.path}?${queryOf({ ...given, ...own, ...faceQuery(face), ...more })}`
  const shape = app.hall.shapeOf(`GET ${api}`) ?? {}
  const answered = answerPart(shape, answer.data, answer.meta, look, (page) => address({ page }))
  const files = exportsPart([...formatsOf(contract)].reverse(), (format) => address({ format }))
  return sendPage(reply, hallPage(card.name, who, `${head}${askForm(card, contract.inputs, state, face)}${answered}${files}`))
}

/** A face verification is begun by a form, since it is the user's act. */
export async function beginFaceForAnswer(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  typed: Typed,
): Promise<FastifyReply> {
  const { card, visitor, who } = place
  if (!visitor) return reply
  const face: FaceWay = await beginFace(app, request, place)
  const { inputs } = card.service.contract
  const state = { typed, offered: await offeredFor(app, request, place, inputs, typed) }
  return sendPage(reply, hallPage(card.name, who, `${headOf(place)}${askForm(card, inputs, state, face)}`))
}

const faceQuery = (face: FaceWay | null) => (face === null ? {} : { face: face.id })
