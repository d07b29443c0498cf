import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whoever has it already is told so; what was made for one caller is for no cache that others share. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, body: object): FastifyReply {
  const text = JSON.stringify(body)
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 27)
  const vary = [reply.getHeader('vary') ?? [], 'authorization'].flat().join(', ')
  reply.header('etag', `"${digest}"`).header('vary', vary)
  reply.header('cache-control', request.caller ? 'private, no-cache' : 'no-cache')
  if (request.headers['if-none-match']?.includes(digest)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(text)
}
