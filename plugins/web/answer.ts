import type { FastifyReply, FastifyRequest, onSendAsyncHookHandler } from 'fastify'
import type { Problem } from '../../core/base/errors.ts'
import { PAGE_POLICY, wantsPage } from './page.ts'

const HTML = 'text/html; charset=utf-8'

export function sendPage(reply: FastifyReply, html: string, policy: string = PAGE_POLICY): FastifyReply {
  return reply.header('content-security-policy', policy).type(HTML).send(html)
}

/**
 * An onSend hook: a problem document becomes a page where a browser asks, or whoever asks (`always`). It runs after the audit,
 * which may put a problem of its own in the answer's place.
 */
export function problemsAsPages(
  draw: (problem: Problem, request: FastifyRequest) => string,
  { always = false } = {},
): onSendAsyncHookHandler {
  return async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    if (!isProblem || typeof payload !== 'string' || !(always || wantsPage(request.headers.accept))) return payload
    reply.header('content-type', HTML).header('content-security-policy', PAGE_POLICY)
    return draw(JSON.parse(payload) as Problem, request)
  }
}
