import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import { enterpriseClaims } from '../mandates/enterprise-claims.ts'
import { askExchanged } from './ask-exchanged.ts'
import { registerTokenExchange } from './exchange.ts'
import { createPartiesReader } from './parties.ts'
import { createProvider } from './provider.ts'
import type { Revocation } from './revocation.ts'
import type { Scope } from './scopes.ts'
import { attachTrail } from './trail.ts'

export interface OpenOptions {
  scopes: ReadonlyMap<string, Scope>
  revocation: Revocation
  requestOf(raw: IncomingMessage): FastifyRequest
}

/** oidc-provider with the hub's store, token exchange and trail, and the keys of now. */
export function openProvider(app: FastifyInstance, { scopes, revocation, requestOf }: OpenOptions): Provider {
  const { vault, users, tokens, delegations, exchangedTokens: exchanged, authorizationStore } = app
  const { clients, grants } = authorizationStore
  const callOf = (raw: IncomingMessage) => requestOf(raw).audit
  const provider = createProvider({
    ...authorizationStore,
    vault,
    users,
    scopes,
    enterprisesOf: (userId) => enterpriseClaims(app.database, vault, userId),
    sessionOf: (raw, clientId) => app.sessions.read(requestOf(raw), clientId),
    traceOf: (raw) => requestOf(raw).id,
    mayBegin: (raw) => app.addressLimit.mayBegin(requestOf(raw)),
  })
  registerTokenExchange(provider, {
    vault,
    clients,
    parties: createPartiesReader(tokens, users, delegations, app.assertExchangeable),
    exchanged,
    connectors: new Set(app.connectors.map(({ id }) => id)),
    services: [...app.services.values()],
    scopes,
    callOf,
  })
  attachTrail(provider, { audit: app.audit, vault, grants, revocation, log: app.log, callOf })
  askExchanged(provider, { tokens, exchanged })
  return provider
}
