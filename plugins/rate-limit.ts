import rateLimit from '@fastify/rate-limit'
import type { preHandlerAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../core/base/errors.ts'
import type { CompiledService } from '../core/call/service.ts'
import { storeName } from './store/open.ts'
import { groupOf } from './web/buckets.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** preHandler hook that holds a caller to the service's declared rate; 429 with Retry-After beyond it. */
    limitRate(service: Pick<CompiledService, 'key' | 'rate'>): preHandlerAsyncHookHandler
  }
}

/** Rates per user and service; per address, of IPv6 per network, where there is no user. Shared through Redis when there is one. */
export default fp(
  async (app) => {
    const redis = app.settings.REDIS_URL
      ? new (await import('ioredis')).Redis(app.settings.REDIS_URL, {
          connectTimeout: 500,
          maxRetriesPerRequest: 1,
          enableOfflineQueue: false,
        })
      : null
    // The limiter lets calls pass while Redis is away, so its errors are no news.
    redis?.on('error', () => undefined)
    app.addHook('onClose', async () => redis?.disconnect())

    await app.register(rateLimit, {
      global: false,
      skipOnError: true,
      nameSpace: `hub-rate-${storeName(app.settings.DATABASE_URL, app.settings.DATA_DIR)}-`,
      ...(redis ? { redis } : {}),
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    })

    app.decorate('limitRate', ({ key, rate }) =>
      app.rateLimit({
        max: rate.max,
        timeWindow: rate.perSeconds * 1000,
        keyGenerator: (request) => `${key}:${request.caller?.user.pseudonym ?? groupOf(request.ip)}`,
        errorResponseBuilder: (_request, { ttl }) => new HubError('HUB_RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(ttl / 1000)) }),
      }),
    )
  },
  { name: 'rate-limit', dependencies: ['settings'] },
)
