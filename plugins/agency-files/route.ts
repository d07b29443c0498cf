import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { authorise, recognise } from '../access/authorise.ts'
import { contentDisposition, safeName } from '../files/name.ts'
import { problemSchema } from '../openapi/answer.ts'
import { typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { serviceOptions } from '../route-kit/service-route.ts'
import { pseudonymOf } from '../users/users.ts'
import { compileFetch } from './fetch.ts'
import { type Asked, assertHolder } from './links.ts'
import { filePath } from './offer.ts'
import { isSpooled } from './spool.ts'
import { stamp } from './stamp.ts'

/** What a browser shows without running anything of it, under a policy that lets it do nothing. */
const SHOWN: ReadonlySet<string> = new Set(['application/pdf', 'image/png', 'image/jpeg', 'image/gif'])
const POLICY = "sandbox; default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

const params = part.row({ link: part.text('文件链接，取自查询结果中的 href', { minLength: 1, maxLength: 8192 }) })
const preview = part.flag('在浏览器中预览（仅限图片和 PDF），不下载')
const use = part.text('用途，写在水印里', { minLength: 2, maxLength: 30, pattern: '\\S' })

/**
 * `GET /v1/<connector>/<service>/files/<link>`: who may have the record now may have its file. Access, mandate and face are
 * asked anew; that the file belongs to the record is in the link, which the hub itself sealed for this asker minutes ago.
 */
export function fileRoute(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract, key } = service
  const upstream = app.upstreams.get(service.system)
  if (!contract.files) return
  if (!upstream) throw new Error(`no upstream for ${connector.id}`)
  const fetch = compileFetch(service, contract.files, upstream, app.settings.DATA_DIR)
  const { schema, ...options } = serviceOptions(app, service)
  const file = Type.Unsafe({ description: '文件', content: { 'application/octet-stream': { schema: { title: '文件内容' } } } })
  const own = {
    ...{
      operationId: `${key}.file`,
      summary: `${contract.name}：凭证和附件`,
      params,
      querystring: shownAs(contract.files.watermark !== undefined),
    },
    response: { 200: file, default: problemSchema },
  }

  typed(app).get(filePath(service, ':link'), { ...options, schema: { ...schema, ...own } }, async (request, reply) => {
    const linked = app.fileLinks.open(key, request.params.link)
    const { dependant } = linked
    // What came of a filing is looked at as the filing is: its face verification was spent by filing it.
    const verified = contract.submission
      ? await recognise(service, request.caller, app.users)
      : await authorise(service, request.caller, app.users, dependant, app)
    request.audit.enterprise = verified.enterprise?.id ?? null
    if (dependant !== undefined) request.audit.target = pseudonymOf(app.vault, dependant)
    const asker = await withAccount(linked, verified)
    assertHolder(app.vault, linked, asker)
    const fetched = await fetch(linked, asker, () => request.raw.socket.destroyed)
    // Whatever comes of it, and however far it is read.
    if (isSpooled(fetched.body)) reply.raw.once('close', fetched.body.discard)
    const given = request.query
    const found = await stamp(app, service, asker, fetched, given.use)
    const { body, mediaType, extension, sha256, upstreamStatus, upstreamMs } = found
    const isShown = given.preview === true
    if (isShown && !SHOWN.has(mediaType)) throw new HubError('HUB_NOT_ACCEPTABLE')
    // The row is committed before the first byte leaves.
    Object.assign(request.audit, { upstreamStatus, upstreamMs, file: { sha256, size: body.length } })
    const name = contentDisposition(safeName(linked.name, extension), isShown ? 'inline' : 'attachment')
    reply.header('content-type', mediaType).header('content-disposition', name)
    if (found.unstamped) reply.header('x-watermark', `none; reason=${found.unstamped}`)
    reply.header('x-content-type-options', 'nosniff').header('content-security-policy', POLICY)
    if (!isSpooled(body)) return reply.send(body)
    return reply.header('content-length', body.length).send(body.stream())
  })

  /** The account under which the record was asked for, as it is bound now; a filing's stays what it was filed with. */
  async function withAccount({ binding, account }: Asked, verified: Asker): Promise<Asker> {
    if (!service.needsAccount) return verified
    if (!contract.submission) return app.accounts.withAccount(service, verified, binding)
    return account === undefined ? verified : { ...verified, account: { externalId: account } }
  }
}

/** Only where there is a watermark, it says what a copy is for. */
function shownAs(watermarked: boolean) {
  return Type.Unsafe<{ preview?: boolean; use?: string }>(part.input({ preview, ...(watermarked ? { use } : {}) }))
}
