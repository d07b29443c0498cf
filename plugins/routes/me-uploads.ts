import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { createLocker } from '../files/locker.ts'
import { fileOwner } from '../files/owner.ts'
import { hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { assertOpen } from './me-files.ts'

const PATH = '/v1/me/uploads'
const BYTES = 'application/offset+octet-stream'
const VERSION = '1.0.0'

/** Large files, resumable: the tus protocol, with the evidence, refusals and rates of every other route. */
export default fp(
  async (app) => {
    const locker = createLocker(app.database, app.files.leases)
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(BYTES, (_request, payload, done) => done(null, payload))
      routes(scope, async (request, reply) => {
        // Clients look for it on refusals too.
        reply.header('tus-resumable', VERSION)
        const { files } = app
        if (request.method === 'POST') assertOpen(app)
        const by = await fileOwner(app, request)
        const { resume } = await import('../files/resumable.ts')
        const { response, id, finished, error } = await resume(
          { files, locker, limits: files.limits, path: PATH },
          by,
          request.id,
          asked(request),
        )
        if (id !== null) request.audit.target = id
        if (response.status >= 400) throw refusalOf(response.status, error, await response.text())
        if (finished && id !== null) void files.check(id).catch(() => undefined)
        for (const [name, value] of response.headers) if (!FOREIGN.test(name)) reply.header(name, value)
        return reply.code(response.status).send(response.status === 204 ? null : '')
      })
    })
  },
  { name: 'me-uploads', dependencies: ['me-files'] },
)

type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

function routes(app: FastifyInstance, handle: Handle): void {
  const params = part.input({ id: part.id('文件编号') }, ['id'])
  // Small pieces make many requests.
  const rate = { max: 600, perSeconds: 60 }
  typed(app).post(
    PATH,
    hubRoute(app, {
      key: 'me.uploads.begin',
      summary: '开始上传一个大文件（tus 1.0.0）',
      tag: TAG_ME,
      rate: { max: 30, perSeconds: 60 },
      schema: { response: { 201: Type.Null() } },
    }),
    handle,
  )
  const one = { schema: { params, response: { 200: Type.Null() } }, tag: TAG_ME, rate }
  const none = { schema: { params, response: { 204: Type.Null() } }, tag: TAG_ME, rate }
  typed(app).head(`${PATH}/:id`, hubRoute(app, { key: 'me.uploads.read', summary: '一次上传已收到多少', ...one }), handle)
  typed(app).patch(`${PATH}/:id`, hubRoute(app, { key: 'me.uploads.go-on', summary: '继续一次上传', ...none }), handle)
  typed(app).delete(`${PATH}/:id`, hubRoute(app, { key: 'me.uploads.end', summary: '放弃一次上传', ...none }), handle)
}

/** What the hub says of itself, and of who may read it. */
const FOREIGN = /^(access-control-|content-length$|cache-control$|connection$)/

function asked({ raw, method, url, headers, body }: FastifyRequest): Request {
  const plain = new Headers()
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') plain.set(name, value)
  // Only the path counts: where an upload is found is said without a host.
  const address = new URL(url, 'http://hub')
  const stream = body instanceof Readable ? raw : null
  return new Request(address, {
    method,
    headers: plain,
    ...(stream ? { body: Readable.toWeb(stream) as ReadableStream, duplex: 'half' as const } : {}),
  })
}

function refusalOf(status: number, error: unknown, text: string): HubError {
  if (error instanceof HubError) return error
  if (status === 404 || status === 410) return new HubError('HUB_NO_RECORD', { detail: '没有这个文件，请重新上传。' })
  if (status === 409) return new HubError('HUB_FILE_STATE', { detail: '续传的位置不对，请先查询已收到多少。' })
  if (status === 413) return new HubError('HUB_BODY_TOO_LARGE', { detail: '内容比所声明的大，或者文件超过了上限。' })
  if (text.startsWith('Request aborted')) return new HubError('HUB_REQUEST_TIMEOUT', {}, error)
  // 501: an extension of the protocol that is not offered.
  if (status < 500 || status === 501)
    return new HubError('HUB_VALIDATION', { detail: `不符合 tus ${VERSION} 协议：${text.trim().slice(0, 200)}` })
  return new HubError('HUB_INTERNAL', {}, error)
}
