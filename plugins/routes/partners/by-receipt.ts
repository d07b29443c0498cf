import type { FastifyInstance, RouteShorthandOptions } from 'fastify'
import { part } from '../../route-kit/part.ts'

/** Calls of one address: each may be a guess. */
export const LOOKING = { max: 30, perSeconds: 60 }

export const receiptNumber = part.text('回执编号', { pattern: '^[\\w-]{32}$' })
export const receiptParams = part.input({ receipt: receiptNumber }, ['receipt'])

/** What routes for nobody in particular have in common: on record, by address, and for no cache. */
export function open(
  app: FastifyInstance,
  key: string,
  purpose: string,
  rate: typeof LOOKING,
): Pick<RouteShorthandOptions, 'onRequest' | 'preHandler'> {
  return {
    onRequest: (request, reply, done) => {
      reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
      Object.assign(request.audit, { connector: 'hub', service: key, purpose })
      done()
    },
    preHandler: app.limitRate({ key: `hub.${key}`, rate }),
  }
}

export const described = (act: string, summary: string, description = '凭回执编号，不需要令牌。') => ({
  operationId: `hub.partner-applications.${act}`,
  summary,
  description,
  tags: ['能力开放平台'],
})
