import type { FastifyInstance, FastifyReply, FastifyRequest, onSendAsyncHookHandler } from 'fastify'
import type { Problem } from '../../core/base/errors.ts'
import { PAGE_POLICY, wantsPage } from './page.ts'

const HTML = 'text/html; charset=utf-8'

export function sendPage(reply: FastifyReply, html: string, policy: string = PAGE_POLICY): FastifyReply {
  return reply.header('content-security-policy', policy).type(HTML).send(html)
}

type Draw = (problem: Problem, request: FastifyRequest) => string

interface PageOptions {
  /** Problems are pages for whoever asks, not for browsers alone. */
  always?: boolean
  /** What the row of each call says. */
  audit?: Partial<FastifyRequest['audit']>
}

/** What the pages of a scope have in common: caches keep nothing, other sites learn no address, problems are pages too. */
export function servePages(scope: FastifyInstance, draw: Draw, { always = false, audit = {} }: PageOptions): void {
  scope.addHook('onRequest', (request, reply, done) => {
    Object.assign(request.audit, audit)
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
    done()
  })
  scope.addHook('onSend', problemsAsPages(draw, { always }))
}

/**
 * An onSend hook: a problem document becomes a page where a browser asks, or whoever asks (`always`). It runs after the audit,
 * which may put a problem of its own in the answer's place.
 */
export function problemsAsPages(draw: Draw, { always = false } = {}): onSendAsyncHookHandler {
  return async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    if (!isProblem || typeof payload !== 'string' || !(always || wantsPage(request.headers.accept))) return payload
    reply.header('content-type', HTML).header('content-security-policy', PAGE_POLICY)
    return draw(JSON.parse(payload) as Problem, request)
  }
}
