import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Provider } from 'oidc-provider'
import { enterpriseClaims } from '../mandates/enterprise-claims.ts'
import { registerTokenExchange } from './exchange.ts'
import { createPartiesReader } from './parties.ts'
import { createProvider } from './provider.ts'
import { createRevocation, type Revocation } from './revocation.ts'
import { listScopes, type Scope } from './scopes.ts'
import { attachTrail } from './trail.ts'

declare module 'fastify' {
  interface FastifyInstance {
    authorization: {
      /** With the keys of now: to be asked for anew at every request. */
      readonly provider: Provider
      readonly revocation: Revocation
      /** Gives a request to oidc-provider, which answers by itself. */
      hand(request: FastifyRequest, reply: FastifyReply): void
      /** Everything a third party may ask for, by id. */
      readonly scopes: ReadonlyMap<string, Scope>
    }
  }
}

interface Server {
  provider: Provider
  answer: ReturnType<Provider['callback']>
}

/**
 * The hub as authorization server (docs/authorization.md), by oidc-provider. It reads requests and writes answers itself; its audit rows are written by plugins/oauth/trail.ts.
 */
export default fp(
  async (app) => {
    const { vault, users, tokens, delegations, exchangedTokens: exchanged, authorizationStore } = app
    const { issuer, keys, clients, grants, entities } = authorizationStore
    // From Node's request, which is all that oidc-provider knows, to Fastify's.
    const requests = new WeakMap<IncomingMessage, FastifyRequest>()
    const requestOf = (raw: IncomingMessage) => requests.get(raw) as FastifyRequest
    const callOf = (raw: IncomingMessage) => requestOf(raw).audit

    const scopes = listScopes(app.connectors)
    const revocation = createRevocation({ grants, entities, log: app.log })
    const parties = createPartiesReader(tokens, users, delegations)

    function open(): Server {
      const provider = createProvider({
        ...authorizationStore,
        vault,
        users,
        scopes,
        enterprisesOf: (userId) => enterpriseClaims(app.database, vault, userId),
        sessionOf: (raw) => app.sessions.read(requestOf(raw)),
        traceOf: (raw) => requestOf(raw).id,
        mayBegin: (raw) => app.addressLimit.mayBegin(requestOf(raw)),
      })
      registerTokenExchange(provider, {
        vault,
        clients,
        parties,
        exchanged,
        connectors: new Set(app.connectors.map(({ id }) => id)),
        services: [...app.services.values()],
        scopes,
        callOf,
      })
      attachTrail(provider, { audit: app.audit, vault, grants, revocation, log: app.log, callOf })
      return { provider, answer: provider.callback() }
    }
    // It keeps nothing to itself: with other keys there is another one, and requests under way end with theirs.
    let server = open()
    keys.onChange(() => {
      server = open()
    })
    const { host, protocol, pathname } = new URL(issuer)
    // oidc-provider makes addresses and cookies from the request's; PUBLIC_URL is what they must be.
    const address = { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) }
    const baseUrl = pathname.replace(/\/$/, '')

    function hand(request: FastifyRequest, reply: FastifyReply): void {
      requests.set(request.raw, request)
      Object.assign(request.raw.headers, address)
      Object.assign(request.raw, { baseUrl })
      // What every answer tells a browser; Fastify itself sends nothing from here on.
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
      reply.hijack()
      server.answer(request.raw, reply.raw).catch((error: unknown) => app.log.error({ err: error }, '授权服务出错'))
    }

    app.decorate('authorization', {
      get provider() {
        return server.provider
      },
      revocation,
      scopes,
      hand,
    })

    app.schedules.add({ name: 'authorization.resume', title: '继续未完成的撤销', pattern: '* * * * *', run: () => revocation.resume() })
  },
  { name: 'authorization-server', dependencies: ['schedules', 'auth', 'audit', 'address-limit', 'sign-on', 'authorization-store'] },
)
