import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { type AgencyWay, openAgencyWay } from '../core/accounts/agency-way.ts'
import { type Authorisations, createAuthorisations } from '../core/accounts/authorisations.ts'
import type { AccountsDeclaration } from '../core/accounts/declaration.ts'
import { deregister, type Revocation } from '../core/accounts/deregister.ts'
import { createMoves, type Moves } from '../core/accounts/moves.ts'
import { ticketSubject, withAccount } from '../core/accounts/own-account.ts'
import { type AccountStore, createAccountStore } from '../core/accounts/store.ts'
import { type AgencyServer, createAgencyServer } from '../core/accounts/token-endpoint.ts'
import { createTokenStore, type TokenStoreOptions } from '../core/accounts/tokens.ts'
import type { ConnectorDeclaration } from '../core/connector.ts'
import type { Asker, CompiledService } from '../core/declaration/service.ts'
import type { AccountTokens } from '../core/upstream/dialect.ts'

/** An agency's authorization server with its address and the hub's credentials there. */
export interface AgencyClient extends AgencyServer {
  readonly baseUrl: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface Accounts {
  readonly store: AccountStore
  readonly authorisations: Authorisations
  readonly moves: Moves
  /** By connector id. */
  readonly agencies: ReadonlyMap<string, AgencyClient>
  declarationOf(connector: string): AccountsDeclaration | undefined
  /** What a dialect signs with; undefined for connectors without users' tokens. */
  tokensOf(connector: string): AccountTokens | undefined
  /** What a dialect names a user by. */
  subjectOf(connector: ConnectorDeclaration): (userId: string) => string | Promise<string>
  /** The asker with the account that the service needs; `binding` chooses among several. Throws HUB_ACCOUNT_UNBOUND and its like. */
  withAccount(service: CompiledService, asker: Asker, binding?: string): Promise<Asker>
  /** Tells an agency, after the fact and as far as it can be reached, that a token is no longer wanted. */
  revokeAtAgency(revocations: readonly Revocation[]): Promise<void>
  /** 注销. → how many agency accounts were revoked with it. */
  deregister(userId: string, faceVerification: string): Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Users' accounts at agencies. */
    accounts: Accounts
  }
}

/** How fast renewals are; for tests. */
export type AccountsPluginOptions = Pick<TokenStoreOptions, 'leaseMs' | 'waitMs' | 'pollMs'>

export default fp<AccountsPluginOptions>(
  async (app, pace) => {
    const { database, vault, log } = app
    const declarations = new Map(app.connectors.map((connector) => [connector.id, connector]))
    const declarationOf = (id: string) => declarations.get(id)?.accounts
    // The users plugin comes later in the order of things.
    const changed = (userId: string) => app.users.forget(userId)
    const tokens = createTokenStore({ database, vault, log, ...pace })
    const store = createAccountStore({ database, vault, tokens, declarationOf })
    const agencies = new Map<string, AgencyClient>()
    const ways: AgencyWay[] = []
    app.addHook('onClose', async () => {
      await Promise.all(ways.map((way) => way.close()))
    })
    for (const connector of app.connectors) if (connector.accounts?.oauth) agencies.set(connector.id, open(app, connector, ways))

    async function revokeAtAgency(revocations: readonly Revocation[]): Promise<void> {
      const results = await Promise.allSettled(revocations.map(({ connector, token }) => agencies.get(connector)?.revoke(token)))
      const failed = results.filter(({ status }) => status === 'rejected').length
      if (failed > 0) log.warn({ failed }, '部分令牌未能在对方系统撤销；本平台已不再持有')
    }

    app.decorate('accounts', {
      store,
      authorisations: createAuthorisations({ database, vault }),
      moves: createMoves({ database, vault, declarationOf, changed }),
      agencies,
      declarationOf,
      tokensOf(connector) {
        const agency = agencies.get(connector)
        if (!agency) return undefined
        return {
          async token(userId) {
            const token = await tokens.obtain(userId, connector, agency)
            store.touch(token.accountId)
            return token
          },
          refused: tokens.refused,
        }
      },
      subjectOf: (connector) => ticketSubject(vault, store, connector),
      withAccount: (service, asker, binding) => withAccount(store, service, asker, binding),
      revokeAtAgency,
      async deregister(userId, faceVerification) {
        await revokeAtAgency(await deregister({ database, vault, revoke: store.revoke, changed }, userId, faceVerification))
      },
    })
  },
  { name: 'accounts', dependencies: ['settings', 'connectors', 'database', 'sandbox'] },
)

function open(app: FastifyInstance, { id, agency, accounts }: ConnectorDeclaration, ways: AgencyWay[]): AgencyClient {
  const oauth = accounts?.oauth
  if (!oauth) throw new Error(`${id} declares no accounts.oauth`)
  const { baseUrl, oauthBaseUrl = baseUrl, credentials = {} } = app.connectorSettings[id] ?? {}
  if (!oauthBaseUrl) throw new Error(`${id}: no address; set oauthBaseUrl or baseUrl in CONNECTORS_FILE`)
  const [clientId, clientSecret] = [oauth.clientIdCredential ?? 'clientId', oauth.clientSecretCredential ?? 'clientSecret'].map((name) => {
    const value = credentials[name]
    if (!value) throw new Error(`${id}: credential ${name} is missing in CONNECTORS_FILE`)
    return value
  }) as [string, string]
  const way = openAgencyWay(agency, oauthBaseUrl)
  ways.push(way)
  const client = { baseUrl: oauthBaseUrl, clientId, clientSecret }
  return { ...client, ...createAgencyServer({ ...client, oauth, send: way.send }) }
}
