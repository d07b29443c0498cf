import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { systemKey } from '../../core/contract/systems.ts'
import { pathPart } from '../route-kit/kit.ts'

/** A notice names a filing and little else. */
export const NOTICE_BYTES = 16 * 1024

/**
 * `POST /v1/callbacks/<connector>` and `…/<connector>/<system>`: an agency says that something happened to a filing. It is verified
 * on the bytes that came, put on record whatever it is, and makes the hub ask; nothing that it says is believed, and its answer
 * tells nobody which filings there are.
 */
export default async function callbacks(app: FastifyInstance): Promise<void> {
  // What is signed are the bytes: nothing is parsed before.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: NOTICE_BYTES }, (_request, body, done) => done(null, body))
  const limit = app.limitRate({ key: 'callbacks', rate: { max: 1200, perSeconds: 60 } })

  for (const [path, ofSystem] of [
    ['/v1/callbacks/:connector', false],
    ['/v1/callbacks/:connector/:system', true],
  ] as const)
    app.post(path, { onRequest: [note, limit], schema: schemaOf(ofSystem) }, async (request, reply) => {
      const key = systemKey(pathPart(request, 'connector'), ofSystem ? pathPart(request, 'system') : undefined)
      const callback = app.submissions.callbackOf(key)
      if (!callback) throw new HubError('HUB_SERVICE_UNKNOWN')
      const [address = '', query = ''] = (request.raw.url ?? '').split('?', 2)
      const body = typeof request.body === 'string' ? request.body : ''
      const verdict = await callback.take({ method: request.method, path: address, query, headers: request.headers, body }, request.id)
      const isTaken = verdict !== 'refused'
      if (!isTaken) request.audit.outcome = 'HUB_NOTICE_INVALID'
      const answer = callback.answer[isTaken ? 'taken' : 'refused']
      const type = typeof answer === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
      return reply
        .code(isTaken ? 200 : 401)
        .type(type)
        .send(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
}

function note(request: FastifyRequest, _reply: unknown, done: () => void): void {
  Object.assign(request.audit, { connector: pathPart(request, 'connector'), service: 'callback', purpose: '对方系统的办理通知' })
  done()
}

const name = Type.String({ maxLength: 64 })

const schemaOf = (ofSystem: boolean) => ({
  operationId: ofSystem ? 'hub.system-callback' : 'hub.callback',
  summary: '对方系统的办理通知',
  description: '由办理机构调用，按约定的规则签名；中枢据此查询办理进度，不采信通知的内容。',
  tags: ['中枢'],
  security: [],
  params: Type.Object(ofSystem ? { connector: name, system: name } : { connector: name }),
})
