import rateLimit from '@fastify/rate-limit'
import type { preHandlerAsyncHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import type { Redis } from 'ioredis'
import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { storeName } from '../store/open.ts'
import { groupOf } from '../web/buckets.ts'
import { ownCounter, PATIENCE_MS, sharedCounter, storeOf } from './counts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** preHandler hook that holds a caller to the service's declared rate; 429 with Retry-After beyond it. */
    limitRate(service: Pick<CompiledService, 'key' | 'rate'>): preHandlerAsyncHookHandler
  }
}

/** Rates per user and service; per address, of IPv6 per network, where there is no user. Shared through Redis when there is one. */
export default fp(
  async (app) => {
    const { REDIS_URL, DATABASE_URL, DATA_DIR } = app.settings
    const redis = REDIS_URL ? await reach(REDIS_URL) : null
    app.addHook('onClose', async () => redis?.disconnect())

    await app.register(rateLimit, {
      global: false,
      store: storeOf(redis ? sharedCounter(redis, `hub-rate-${storeName(DATABASE_URL, DATA_DIR)}-`) : ownCounter()),
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

/** Waits for the first try, so that the first calls are counted with those of the other processes; goes on trying after it. */
async function reach(url: string): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 500,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
  })
  // Counting goes on without Redis, so its errors are no news.
  redis.on('error', () => undefined)
  await redis.connect().catch(() => undefined)
  return redis
}
