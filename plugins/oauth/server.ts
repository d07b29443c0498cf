import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Provider } from 'oidc-provider'
import { createRevocation, type Revocation } from './revocation.ts'
import { listScopes, type Scope } from './scopes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    authorization: {
      /** With the keys of now: to be asked for anew at every request. */
      provider(): Promise<Provider>
      readonly revocation: Revocation
      /** Gives a request to oidc-provider, which answers by itself. */
      hand(request: FastifyRequest, reply: FastifyReply): Promise<void>
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
    const { issuer, keys, grants, entities } = app.authorizationStore
    // From Node's request, which is all that oidc-provider knows, to Fastify's.
    const requests = new WeakMap<IncomingMessage, FastifyRequest>()
    const requestOf = (raw: IncomingMessage) => requests.get(raw) as FastifyRequest

    const scopes = listScopes(app.connectors)
    const revocation = createRevocation({ grants, entities, log: app.log })

    async function open(): Promise<Server> {
      const { openProvider } = await import('./open-provider.ts')
      const provider = openProvider(app, { scopes, revocation, requestOf })
      return { provider, answer: provider.callback() }
    }
    // Made when the first third party comes: reading oidc-provider is a fifth of the start. It keeps nothing to itself: with
    // other keys there is another one, and requests under way end with theirs.
    let server: Promise<Server> | null = null
    const opened = () => (server ??= open())
    keys.onChange(() => {
      server = null
    })
    const { host, protocol, pathname } = new URL(issuer)
    // oidc-provider makes addresses and cookies from the request's; PUBLIC_URL is what they must be.
    const address = { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) }
    const baseUrl = pathname.replace(/\/$/, '')

    async function hand(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const { answer } = await opened()
      requests.set(request.raw, request)
      Object.assign(request.raw.headers, address)
      Object.assign(request.raw, { baseUrl })
      // What every answer tells a browser; Fastify itself sends nothing from here on.
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
      reply.hijack()
      answer(request.raw, reply.raw).catch((error: unknown) => app.log.error({ err: error }, '授权服务出错'))
    }

    app.decorate('authorization', {
      provider: async () => (await opened()).provider,
      revocation,
      scopes,
      hand,
    })

    app.schedules.add({ name: 'authorization.resume', title: '继续未完成的撤销', pattern: '* * * * *', run: () => revocation.resume() })
  },
  { name: 'authorization-server', dependencies: ['schedules', 'auth', 'audit', 'address-limit', 'sign-on', 'authorization-store'] },
)
