import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { assertNew, LONGEST_NAME } from '../../files/name.ts'
import { plainMediaType } from '../../files/sniff.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { paperKinds } from '../../partners/paper-kinds.ts'
import type { Paper } from '../../partners/papers.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { described, LOOKING, open, receiptNumber, receiptParams } from './by-receipt.ts'

/** Papers of one address: each is looked through for viruses, and kept until the review has ended. */
const SENDING = { max: 30, perSeconds: 3600 }

export const paperItem = {
  id: part.text('材料编号'),
  kind: part.choice('种类', paperKinds),
  kindName: part.text('种类名称'),
  name: part.text('文件名'),
  mediaType: part.text('类型'),
  size: Type.Unsafe<number>({ type: 'integer', title: '字节数' }),
  sha256: part.maybe('SHA-256'),
  scanned: part.maybe('病毒检查：clean 已检查，none 没有接通检查'),
  sentAt: part.text('提交时间'),
}

export function presentPaper({ files }: FastifyInstance, { kind, file }: Paper) {
  const { id, name, mediaType, size, sha256, scanned, createdAt } = files.view(file)
  return { id, kind, kindName: paperKinds[kind], name, mediaType, size, sha256, scanned, sentAt: createdAt }
}

/** `/v1/partner-applications/{receipt}/papers`: 营业执照, 授权书 and whatever else shows what an organisation is. */
export async function paperRoutes(app: FastifyInstance): Promise<void> {
  const { papers } = app.partners

  await app.register(async (scope) => {
    // What came is handed on as it comes; nothing of it is parsed.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    typed(scope).post(
      '/v1/partner-applications/:receipt/papers',
      {
        ...open(scope, 'partner-applications.papers.add', '提交入驻申请的材料', SENDING),
        schema: {
          ...described('papers.add', '提交一份材料', '凭回执编号，不需要令牌。正文就是文件：PDF、JPEG 或 PNG，10 MB 以内，最多十份。'),
          params: receiptParams,
          querystring: part.input(
            { kind: part.choice('种类', paperKinds), name: part.text('文件名', { minLength: 1, maxLength: LONGEST_NAME }) },
            ['kind', 'name'],
          ),
          response: { 201: answerOf(part.row(paperItem)), default: problemSchema },
        },
      },
      async (request, reply) => {
        const { kind, name } = request.query
        const content: unknown = request.body
        if (!(content instanceof Readable)) throw new HubError('HUB_MEDIA_TYPE')
        const size = Number(request.headers['content-length'] ?? 0)
        assertNew(name, size)
        const mediaType = plainMediaType(request.headers['content-type'] ?? '')
        const sent = await papers.add(request.params.receipt, { kind, name, mediaType, size, content, traceId: request.id })
        request.audit.target = sent.file.id
        reply.code(201)
        return answer(request, presentPaper(app, sent))
      },
    )
  })

  typed(app).delete(
    '/v1/partner-applications/:receipt/papers/:paperId',
    {
      ...open(app, 'partner-applications.papers.remove', '删除入驻申请的材料', LOOKING),
      schema: {
        ...described('papers.remove', '删除一份材料'),
        params: part.input({ receipt: receiptNumber, paperId: part.id('材料编号') }, ['receipt', 'paperId']),
        response: { 204: Type.Null(), default: problemSchema },
      },
    },
    async (request, reply) => {
      const { receipt, paperId } = request.params
      request.audit.target = paperId
      await papers.remove(receipt, paperId)
      return reply.code(204).send(null)
    },
  )
}
