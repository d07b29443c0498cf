import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { AccountsDeclaration } from '../../core/contract/accounts.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { AccountTokens } from '../../core/upstream/dialect.ts'
import { createQueue, type Queue, timerWaker } from '../queue/queue.ts'
import type { Along } from '../store/personal-data.ts'
import { type AgencyWay, openAgencyWay } from './agency-way.ts'
import { type Authorisations, createAuthorisations } from './bindings.ts'
import { createMoves, type Moves } from './moves.ts'
import { ticketSubject, withAccount } from './own-account.ts'
import { createRevocations, defaultRevocationPace, type RevocationPace } from './revocations.ts'
import { type AccountStore, createAccountStore } from './store.ts'
import { type AgencyServer, createAgencyServer } from './token-endpoint.ts'
import { createTokenStore, type TokenStoreOptions } from './tokens.ts'

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
  /** Has agencies told at once that tokens are no longer wanted (ids of revocations), without waiting for it; it is tried until they heard. */
  revokeAtAgency(revocations: readonly string[]): void
  /** All accounts of a user are ended (personal-data.ts): this process forgets their tokens, their agencies are told. */
  ended(userId: string): void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Users' accounts at agencies. */
    accounts: Accounts
  }
}

/** How fast renewals and revocations are; for tests. */
export type AccountsPluginOptions = Pick<TokenStoreOptions, 'leaseMs' | 'waitMs' | 'pollMs'> & {
  revocation?: Partial<RevocationPace> & { sweepMs?: number }
  /** What of a user's goes along when he is merged into another. */
  along: readonly Along[]
}

/** How long closing waits for agencies that are being told. */
const GRACE_MS = 5000
const WORDS = { id: 'revocation', interrupted: '令牌撤销中断，稍后继续', unreadable: '待撤销的令牌读取失败' }

export default fp<AccountsPluginOptions>(
  async (app, { along, revocation: { sweepMs = 30_000, ...patience } = {}, ...pace }) => {
    const { database, vault, log } = app
    const declarations = new Map(app.connectors.map((connector) => [connector.id, connector]))
    const declarationOf = (id: string) => declarations.get(id)?.accounts
    // Merged or split, a user is read anew.
    const changed = (userId: string) => app.users.forget(userId)
    const tokens = createTokenStore({
      database,
      vault,
      log,
      renewed: (connector, outcome) => app.seen?.renewal(connector, 'user', outcome),
      ...pace,
    })
    const store = createAccountStore({ database, vault, tokens, declarationOf })
    const agencies = new Map<string, AgencyClient>()
    const ways: AgencyWay[] = []
    for (const connector of app.connectors) if (connector.accounts?.oauth) agencies.set(connector.id, open(app, connector, ways))

    const revocations = createRevocations({
      database,
      vault,
      log,
      pace: { ...defaultRevocationPace, ...patience },
      async revoke(connector, token) {
        const agency = agencies.get(connector)
        if (!agency) throw new HubError('HUB_UPSTREAM_UNAVAILABLE')
        await agency.revoke(token)
      },
    })
    app.jobs.add({ name: 'revocations', title: '对方系统令牌的撤销', table: 'agency_revocations', dueColumn: 'retry_at' })
    // A command that builds the hub without running it tells nobody anything.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      queue = createQueue({ waker: timerWaker(sweepMs), concurrency: 4, sweepMs, ...revocations, log, words: WORDS })
    })
    app.addHook('onClose', async () => {
      await queue?.close(GRACE_MS)
      await Promise.all(ways.map((way) => way.close()))
    })

    function revokeAtAgency(ids: readonly string[]): void {
      for (const id of ids) queue?.wake(id, Date.now())
    }

    app.decorate('accounts', {
      store,
      authorisations: createAuthorisations({ database, vault }),
      moves: createMoves({ database, vault, declarationOf, along, changed }),
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
      ended(userId) {
        const told = async () => {
          for (const id of await database('agency_accounts').where({ user_id: userId }).pluck('id')) tokens.forget(id)
          revokeAtAgency(await revocations.due(100))
        }
        // What this misses, the next look at the database finds.
        told().catch((error: unknown) => log.warn({ err: error }, '令牌撤销稍后继续'))
      },
    })
  },
  { name: 'accounts', dependencies: ['settings', 'seen', 'connectors', 'database', 'jobs', 'sandbox', 'auth'] },
)

function open(app: FastifyInstance, { id, agency, accounts }: ConnectorDeclaration, ways: AgencyWay[]): AgencyClient {
  const oauth = accounts?.oauth
  if (!oauth) throw new Error(`${id} declares no accounts.oauth`)
  const own = app.connectorSettings[id] ?? {}
  const configured = own.oauthBaseUrl ?? own.baseUrl
  const simulated = configured ? undefined : app.sandbox?.agencyOAuth
  const oauthBaseUrl = configured ?? simulated?.baseUrlOf(id)
  if (!oauthBaseUrl) throw new Error(`${id}: no address; set oauthBaseUrl or baseUrl in CONNECTORS_FILE`)
  const names = { clientId: oauth.clientIdCredential ?? 'clientId', clientSecret: oauth.clientSecretCredential ?? 'clientSecret' } as const
  const [clientId, clientSecret] = (['clientId', 'clientSecret'] as const).map((part) => {
    const name = names[part]
    const value = simulated?.client[part] ?? own.credentials?.[name]
    if (!value) throw new Error(`${id}: credential ${name} is missing in CONNECTORS_FILE`)
    return value
  }) as [string, string]
  const way = openAgencyWay(agency, oauthBaseUrl)
  ways.push(way)
  const client = { baseUrl: oauthBaseUrl, clientId, clientSecret }
  return { ...client, ...createAgencyServer({ ...client, oauth, send: way.send }) }
}
