import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { assertNew, contentDisposition, LONGEST_NAME } from '../files/name.ts'
import { fileOwner } from '../files/owner.ts'
import type { FileRow } from '../files/rows.ts'
import { fileStates } from '../files/states.ts'
import { answer, answerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'

/** Files that a user brings: small ones at once, all of them listed, read and deleted. */
export default fp(
  async (app) => {
    const { seenIn, readable } = access(app)
    await app.register(async (scope) => bring(scope))
    list(app)
    one(app, seenIn)
    contents(app, readable)
    remove(app, seenIn)
  },
  { name: 'me-files', dependencies: ['files', 'identity', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

const titles = Object.fromEntries(Object.entries(fileStates).map(([state, { title }]) => [state, title])) as Record<
  keyof typeof fileStates,
  string
>

const fileSchema = part.row({
  id: part.text('文件编号'),
  name: part.text('文件名'),
  mediaType: part.text('类型'),
  size: Type.Unsafe<number>({ type: 'integer', title: '字节数' }),
  received: Type.Unsafe<number>({ type: 'integer', title: '已收到的字节数' }),
  sha256: part.maybe('SHA-256'),
  state: part.choice('状态', titles),
  stateName: part.text('状态名称'),
  refusal: part.maybe('未被接受的原因'),
  scanned: part.maybe('病毒检查：clean 已检查，none 没有接通检查'),
  attachedTo: part.maybe('用于哪项申请'),
  createdAt: part.moment('上传时间'),
  expiresAt: part.maybe('没有用于申请时，保留到'),
})

const params = part.input({ id: part.id('文件编号') }, ['id'])

/** More comes by /v1/me/uploads, which can be resumed. */
const SMALL_BYTES = 20 * 1024 ** 2

export function assertOpen({ files }: FastifyInstance): void {
  if (!files.open) throw new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency: '病毒检查', detail: '文件的安全检查尚未接通，暂时不能上传。' })
}

export function noFile(): HubError {
  return new HubError('HUB_NO_RECORD', { detail: '没有这个文件。' })
}

function access(app: FastifyInstance) {
  async function seenIn(request: FastifyRequest, id: string): Promise<FileRow> {
    request.audit.target = id
    const row = await app.files.find(await fileOwner(app, request), id)
    if (!row) throw noFile()
    return row
  }
  async function readable(request: FastifyRequest, id: string): Promise<FileRow> {
    const row = await seenIn(request, id)
    if (row.state !== 'ready') throw new HubError('HUB_FILE_STATE', { detail: `这个文件${fileStates[row.state].title}。` })
    return row
  }
  return { seenIn, readable }
}

function bring(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  typed(app).post(
    '/v1/me/files',
    hubRoute(app, {
      key: 'me.files.add',
      summary: '上传一个文件（20 MB 以内）',
      tag: TAG_ME,
      rate: { max: 30, perSeconds: 60 },
      schema: {
        querystring: part.input({ name: part.text('文件名', { minLength: 1, maxLength: LONGEST_NAME }) }, ['name']),
        response: { 201: answerOf(fileSchema), 202: answerOf(fileSchema) },
      },
    }),
    async (request, reply) => {
      assertOpen(app)
      const { name } = request.query
      const body: unknown = request.body
      // What came is handed on as it comes; nothing of it is parsed.
      if (!(body instanceof Readable)) throw new HubError('HUB_MEDIA_TYPE')
      const size = Number(request.headers['content-length'] ?? 0)
      if (size > SMALL_BYTES) throw new HubError('HUB_BODY_TOO_LARGE', { detail: '超过 20 MB 的文件请用 /v1/me/uploads 分次上传。' })
      assertNew(name, size)
      const by = await fileOwner(app, request)
      const mediaType = request.headers['content-type'] ?? ''
      const { id } = await app.files.create({ by, name, mediaType, size, traceId: request.id })
      request.audit.target = id
      const received = await app.files.content.append(id, body, 0)
      if (received < size) throw new HubError('HUB_REQUEST_TIMEOUT')
      await app.files.check(id)
      const row = await app.files.find(by, id)
      if (!row) throw noFile()
      if (row.state === 'refused') {
        const { refusal } = app.files.view(row)
        await app.files.erase(row)
        throw new HubError('HUB_FILE_REFUSED', { detail: `${refusal}。` })
      }
      reply.code(row.state === 'ready' ? 201 : 202).header('location', `/v1/me/files/${id}`)
      return answer(request, app.files.view(row))
    },
  )
}

function list(app: FastifyInstance): void {
  typed(app).get(
    '/v1/me/files',
    hubRoute(app, {
      key: 'me.files',
      summary: '我上传的文件',
      tag: TAG_ME,
      schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('文件', fileSchema)) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await app.files.list(await fileOwner(app, request), { page, pageSize })
      return answer(request, rows.map(app.files.view), { number: page, size: pageSize, total })
    },
  )
}

type SeenIn = ReturnType<typeof access>['seenIn']

function one(app: FastifyInstance, seenIn: SeenIn): void {
  typed(app).get(
    '/v1/me/files/:id',
    hubRoute(app, {
      key: 'me.files.read',
      summary: '我上传的一个文件',
      tag: TAG_ME,
      schema: { params, response: { 200: answerOf(fileSchema) } },
    }),
    async (request) => answer(request, app.files.view(await seenIn(request, request.params.id))),
  )
}

function contents(app: FastifyInstance, readable: SeenIn): void {
  typed(app).get(
    '/v1/me/files/:id/content',
    hubRoute(app, {
      key: 'me.files.content',
      summary: '我上传的一个文件的内容',
      tag: TAG_ME,
      schema: { params, response: { 200: Type.Unsafe<unknown>({ type: 'string', format: 'binary', title: '文件' }) } },
    }),
    async (request, reply) => {
      const row = await readable(request, request.params.id)
      const { name, mediaType, size } = app.files.view(row)
      Object.assign(request.audit, { rows: 1, fields: ['content'] })
      reply.header('content-type', mediaType).header('content-length', size).header('content-disposition', contentDisposition(name))
      return reply.send(Readable.from(app.files.content.read(row), { objectMode: false }))
    },
  )
}

function remove(app: FastifyInstance, seenIn: SeenIn): void {
  typed(app).delete(
    '/v1/me/files/:id',
    hubRoute(app, {
      key: 'me.files.delete',
      summary: '删除我上传的一个文件',
      tag: TAG_ME,
      schema: { params, response: { 204: Type.Null() } },
    }),
    async (request, reply) => {
      await app.files.erase(await seenIn(request, request.params.id))
      return reply.code(204).send(null)
    },
  )
}
