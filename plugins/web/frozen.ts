import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A text that never changes while the hub runs, in every form in which it may be sent. */
export interface Frozen {
  forms: Readonly<Record<Coding, Buffer>>
  /** Of the text; the tag of a coding is this and its name (RFC 9110 §8.8.3.3). */
  digest: string
}

type Coding = 'br' | 'gzip' | 'identity'

const pack = { br: promisify(brotliCompress), gzip: promisify(gzip) }

/** Packs the text, beside the thread that answers calls. */
export async function freeze(text: string): Promise<Frozen> {
  const identity = Buffer.from(text)
  const [br, gz] = await Promise.all([
    pack.br(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length } }),
    pack.gzip(identity, { level: 9 }),
  ])
  return { forms: { br, gzip: gz, identity }, digest: createHash('sha256').update(identity).digest('base64url').slice(0, 27) }
}

/** Answers with it, or with 304 to whoever has it in any form. */
export function sendFrozen(request: FastifyRequest, reply: FastifyReply, { forms, digest }: Frozen, type: string): FastifyReply {
  const coding = codingFor(request.headers['accept-encoding'])
  reply.header('vary', 'accept-encoding').header('etag', `"${digest}-${coding}"`)
  if (request.headers['if-none-match']?.includes(digest)) return reply.code(304).send()
  if (coding !== 'identity') reply.header('content-encoding', coding)
  return reply.type(type).send(forms[coding])
}

/** The smallest that is accepted (RFC 9110 §12.5.3); `q=0` says that one is not. */
function codingFor(accept = ''): Coding {
  const accepted = new Set(
    accept
      .toLowerCase()
      .split(',')
      .map((each) => each.replaceAll(' ', '').split(';'))
      .filter(([, weight]) => weight === undefined || Number(weight.slice(2)) > 0)
      .map(([name]) => name),
  )
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : 'identity'
}
