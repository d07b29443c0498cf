import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../core/base/errors.ts'
import { createBuckets, groupOf, isLoopback } from './web/buckets.ts'

declare module 'fastify' {
  interface FastifyInstance {
    addressLimit: {
      /** Before a token is looked at that was not seen before. Throws HUB_RATE_LIMITED for an address whose calls keep failing. */
      assertTrusted(request: FastifyRequest): void
      /** A call came without a token, or with one that is none. */
      noteFailure(request: FastifyRequest): void
      /** Whether an authorisation may be begun, which leaves something behind; where not, that is on record. */
      mayBegin(request: FastifyRequest): boolean
    }
  }
}

/** Seconds of an address's rate that may come at once. */
const BURST_SECONDS = 10
/** Authorisations that may be begun: of one address, and of all together, which bounds what they leave for a quarter of an hour. */
const BEGUN = { burst: 200, perSecond: 1 }
const BEGUN_BY_ALL = { burst: 20_000, perSecond: 20 }

/**
 * What an address may ask before anybody knows who it is. Coarse, in memory, of this process; limits of users
 * are in plugins/rate-limit/. The address is the one that TRUST_PROXY makes of the connection.
 */
export default fp(
  async (app) => {
    const { ADDRESS_RATE, ADDRESS_FAILURES } = app.settings
    const calls = ADDRESS_RATE > 0 ? createBuckets(ADDRESS_RATE * BURST_SECONDS, ADDRESS_RATE) : null
    const failures = createBuckets(ADDRESS_FAILURES, ADDRESS_FAILURES / 60)
    const begun = createBuckets(BEGUN.burst, BEGUN.perSecond)
    const begunByAll = createBuckets(BEGUN_BY_ALL.burst, BEGUN_BY_ALL.perSecond)

    /** The call has no row of its own: the evidence is the address's together. */
    function refusal(request: FastifyRequest, retryAfter: number): HubError {
      request.audit.due = false
      app.refusals.note(groupOf(addressOf(request)), 'HUB_RATE_LIMITED')
      return new HubError('HUB_RATE_LIMITED', { retryAfter })
    }

    if (calls)
      app.addHook('onRequest', (request, _reply, done) => {
        const wait = isLoopback(addressOf(request)) ? 0 : calls.take(groupOf(addressOf(request)))
        if (wait === 0) done()
        else done(refusal(request, wait))
      })

    app.decorate('addressLimit', {
      assertTrusted(request) {
        const wait = failures.wait(groupOf(addressOf(request)))
        if (wait > 0) throw refusal(request, wait)
      },
      noteFailure: (request) => void failures.take(groupOf(addressOf(request))),
      mayBegin(request) {
        if (begun.take(groupOf(addressOf(request))) === 0 && begunByAll.take('') === 0) return true
        refusal(request, 0)
        return false
      },
    })
  },
  { name: 'address-limit', dependencies: ['settings', 'audit'] },
)

/** Whoever has hung up already has no address any more, whatever the type says. */
function addressOf({ ip }: FastifyRequest): string {
  return (ip as string | undefined) ?? ''
}
