import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { contentDisposition } from '../../files/name.ts'
import { typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

/** `/admin/partner-applications/{id}/files/{fileId}`: a paper of whoever applies to be a partner, for those who review it. */
export function partnerPaperRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/partner-applications/:id/files/:fileId',
    adminRoute(app, {
      key: 'partner-applications.files',
      summary: '入驻申请的一份材料',
      permission: 'partners.read',
      schema: {
        params: part.input({ id: part.id('入驻申请的审核编号'), fileId: part.id('材料编号') }, ['id', 'fileId']),
        response: { 200: Type.Unsafe<unknown>({ type: 'string', format: 'binary', title: '文件' }) },
      },
    }),
    async (request, reply) => {
      const { id, fileId } = request.params
      request.audit.target = fileId
      const { file } = await app.partners.papers.find(id, fileId)
      const { name, mediaType, size } = app.files.view(file)
      Object.assign(request.audit, { rows: 1, fields: ['content'] })
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      reply.header('content-type', mediaType).header('content-length', size).header('content-disposition', contentDisposition(name))
      return reply.send(Readable.from(app.files.content.read(file), { objectMode: false }))
    },
  )
}
