import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import type { ChannelId, Notice } from '../payments/channel.ts'
import { channelNames } from '../payments/merchants.ts'
import { pathPart } from '../route-kit/kit.ts'

/** A notice is a few kilobytes. */
const MOST_BYTES = 64 * 1024

/**
 * `POST /v1/payment-notices/<connector>/<channel>`: a channel says that something happened. It is verified on the bytes that came, put on
 * record whatever it is, and makes the hub ask the channel; nothing that it says is believed.
 */
export default async function paymentNotices(app: FastifyInstance): Promise<void> {
  // What is signed are the bytes: nothing is parsed before.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body))
  const limit = app.limitRate({ key: 'payment-notices', rate: { max: 1200, perSeconds: 60 } })

  app.post('/v1/payment-notices/:connector/:channel', { onRequest: [note, limit], schema }, async (request, reply) => {
    const connector = pathPart(request, 'connector')
    const id = pathPart(request, 'channel') as ChannelId
    if (!Object.hasOwn(channelNames, id) || !app.orders.channels.has(connector, id)) throw new HubError('HUB_SERVICE_UNKNOWN')
    const channel = app.orders.channels.channelOf(connector, id)
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const notice = read(() => channel.readNotice(request.headers, body))
    await keep(request, connector, id, body, notice)
    if (notice) await app.orders.hurry(notice.orderNumber)
    else request.audit.outcome = 'HUB_NOTICE_INVALID'
    return say(reply, channel.answerNotice(notice !== null))
  })

  async function keep(request: FastifyRequest, connector: string, channel: string, body: Buffer, notice: Notice | null): Promise<void> {
    await app.database('payment_notices').insert({
      connector,
      channel,
      notice_id: notice?.id.slice(0, 64) ?? null,
      order_number: notice?.orderNumber.slice(0, 64) ?? null,
      verdict: notice ? 'taken' : 'refused',
      body_hash: createHash('sha256').update(body).digest('hex'),
      trace_id: request.id,
      at: Date.now(),
    })
  }
}

/** → the notice, or null for one that is not the channel's own. */
function read(work: () => Notice): Notice | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof HubError && error.code === 'HUB_NOTICE_INVALID') return null
    throw error
  }
}

function say(reply: FastifyReply, { status, contentType, body }: { status: number; contentType: string; body: string }) {
  return reply.code(status).type(contentType).send(body)
}

function note(request: FastifyRequest, _reply: unknown, done: () => void): void {
  Object.assign(request.audit, { connector: pathPart(request, 'connector'), service: 'payment-notice', purpose: '支付渠道通知' })
  done()
}

const schema = {
  operationId: 'hub.payment-notice',
  summary: '支付渠道的通知',
  description: '由微信支付、支付宝调用，按其规则签名；中枢据此向渠道查询，不采信通知的内容。',
  tags: ['支付'],
  security: [],
  params: Type.Object({ connector: Type.String({ maxLength: 64 }), channel: Type.String({ maxLength: 16 }) }),
}
