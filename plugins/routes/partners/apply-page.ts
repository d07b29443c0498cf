import { randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../../core/base/errors.ts'
import { isSameText } from '../../../core/base/hmac.ts'
import { type Answer, askInside } from '../../access/asking.ts'
import { PAPER_BYTES } from '../../partners/papers.ts'
import { pathId, pathPart } from '../../route-kit/kit.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { sendPage, servePages } from '../../web/answer.ts'
import { readCookie, writeCookie } from '../../web/cookies.ts'
import { problemPage, wayOn } from '../../web/parts.ts'
import { applyForm, standingPage, type Typed } from './apply-form.ts'

const COOKIE = 'hub_partner_form'
const API = '/v1/partner-applications'

/** `/partners/apply`: applying to be a partner as a page, through the API's own routes, with its limits and evidence. */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      servePages(scope, (problem) => problemPage(problem, wayOn('/partners/apply', '回到申请')), {
        always: true,
        audit: { due: true, service: 'partner-pages', purpose: '申请成为接入方' },
      })
      await scope.register(formbody, { bodyLimit: 32 * 1024 })
      await scope.register(multipart, { limits: { fileSize: PAPER_BYTES, files: 1, fields: 4, fieldSize: 1024, fieldNameSize: 100 } })
      const options = {
        exposeHeadRoute: false,
        schema: { hide: true },
        preHandler: scope.limitRate({ key: 'partner-pages', rate: { max: 300, perSeconds: 60 } }),
      }

      scope.get('/partners/apply', options, async (request, reply) => sendPage(reply, applyForm(sealFor(scope, request, reply))))

      scope.post('/partners/apply', options, async (request, reply) => {
        const typed = sealed(scope, request)
        const { name, uscc, domain, introduction, contactName, phone, email } = typed
        const body = { name, uscc, domain, introduction, contact: { name: contactName, phone, email } }
        const made = await askInside(scope, request, null, { method: 'POST', path: API, body })
        if (!made.ok) return sendPage(reply.code(made.status), applyForm(sealFor(scope, request, reply), typed, made.problem))
        return reply.redirect(`/partners/apply/${(made.data as { receipt: string }).receipt}`, 303)
      })

      scope.get('/partners/apply/:receipt', options, async (request, reply) => {
        const receipt = receiptIn(request)
        return sendPage(reply, standingPage(receipt, sealFor(scope, request, reply), await standingOf(scope, request, receipt)))
      })

      scope.post('/partners/apply/:receipt', options, async (request, reply) => {
        const receipt = receiptIn(request)
        const { code = '' } = sealed(scope, request)
        const done = await askInside(scope, request, null, {
          method: 'POST',
          path: `${API}/${receipt}/confirmation`,
          body: { code: code.trim() },
        })
        if (done.ok) return reply.redirect(`/partners/apply/${receipt}`, 303)
        const standing = await standingOf(scope, request, receipt)
        return sendPage(reply.code(done.status), standingPage(receipt, sealFor(scope, request, reply), standing, done.problem))
      })

      /** Back to how it stands, which says what was wrong. */
      const told = async (request: FastifyRequest, reply: FastifyReply, receipt: string, done: Answer) => {
        if (done.ok) return reply.redirect(`/partners/apply/${receipt}`, 303)
        const standing = await standingOf(scope, request, receipt)
        return sendPage(reply.code(done.status), standingPage(receipt, sealFor(scope, request, reply), standing, done.problem))
      }

      scope.post('/partners/apply/:receipt/papers', options, async (request, reply) => {
        const receipt = receiptIn(request)
        const { kind, name, mediaType, content } = await paperIn(scope, request)
        const path = `${API}/${receipt}/papers?${new URLSearchParams({ kind, name })}`
        const question = { method: 'POST' as const, path, body: content, headers: { 'content-type': mediaType } }
        return told(request, reply, receipt, await askInside(scope, request, null, question))
      })

      scope.post('/partners/apply/:receipt/papers/:paperId', options, async (request, reply) => {
        const receipt = receiptIn(request)
        sealed(scope, request)
        const path = `${API}/${receipt}/papers/${pathId(request, 'paperId')}`
        return told(request, reply, receipt, await askInside(scope, request, null, { method: 'DELETE', path }))
      })
    })
  },
  { name: 'partner-pages', dependencies: ['partner-applications', 'audit', 'rate-limit', 'validation'] },
)

/** What cannot be one leads nowhere in the API either. */
function receiptIn(request: FastifyRequest): string {
  const receipt = pathPart(request, 'receipt')
  if (!/^[\w-]{32}$/.test(receipt)) throw new HubError('HUB_NO_RECORD')
  return receipt
}

async function standingOf(app: FastifyInstance, request: FastifyRequest, receipt: string) {
  const found = await askInside(app, request, null, { method: 'GET', path: `${API}/${receipt}` })
  if (!found.ok) throw new HubError(found.status === 404 ? 'HUB_NO_RECORD' : 'HUB_RATE_LIMITED', { detail: found.problem.detail })
  return found.data as Parameters<typeof standingPage>[2]
}

const isSecure = ({ settings }: FastifyInstance) => settings.PUBLIC_URL.startsWith('https:')
const sealOf = ({ vault }: FastifyInstance, key: string) => vault.fingerprint(key, 'partners.form')
const keyIn = (app: FastifyInstance, request: FastifyRequest) => readCookie(request.headers.cookie, COOKIE, isSecure(app))

/** The paper of a form, which ties itself to its page before its file comes: nothing is read of a form that this browser was not shown. */
async function paperIn(app: FastifyInstance, request: FastifyRequest) {
  const typed: Record<string, string> = {}
  try {
    for await (const part of request.isMultipart() ? request.parts() : []) {
      if (part.type === 'field') typed[part.fieldname] = String(part.value)
      else {
        assertSealed(app, request, typed['seal'])
        return { kind: typed['kind'] ?? '', name: part.filename, mediaType: part.mimetype, content: await part.toBuffer() }
      }
    }
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError((error as { statusCode?: number }).statusCode === 413 ? 'HUB_BODY_TOO_LARGE' : 'HUB_VALIDATION')
  }
  throw new HubError('HUB_VALIDATION')
}

/** Ties a form to the browser that was shown it. */
function sealFor(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): string {
  const known = keyIn(app, request)
  const key = known ?? randomBytes(24).toString('base64url')
  if (known === null) reply.header('set-cookie', writeCookie(COOKIE, key, { path: '/partners', secure: isSecure(app), maxAge: 3600 }))
  return sealOf(app, key)
}

/** What was typed, if the form is one that this browser was shown. Throws HUB_VALIDATION. */
function sealed(app: FastifyInstance, request: FastifyRequest): Typed {
  const typed = Object.fromEntries(Object.entries(typedIn(request.body)).map(([name, [value = '']]) => [name, value]))
  assertSealed(app, request, typed['seal'])
  return typed
}

function assertSealed(app: FastifyInstance, request: FastifyRequest, seal = ''): void {
  const key = keyIn(app, request)
  if (key === null || !isSameText(seal, sealOf(app, key)))
    throw new HubError('HUB_VALIDATION', { detail: '这个页面已经过期，请返回后重新打开再提交。' })
}
