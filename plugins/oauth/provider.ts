import type { IncomingMessage } from 'node:http'
import Provider, { type Adapter, type Configuration, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { EnterpriseClaim } from '../mandates/enterprise-claims.ts'
import type { Session } from '../sign-on/sessions.ts'
import type { User, Users } from '../users/users.ts'
import { PAGE_POLICY } from '../web/page.ts'
import { type Clients, SECTOR, toMetadata } from './clients.ts'
import type { Entities } from './entities.ts'
import { errorPage } from './errors-page.ts'
import type { Grants } from './grants.ts'
import { GRANT_SECONDS, interactionPath } from './interaction.ts'
import type { LiveKeys } from './live-keys.ts'
import { pairwise } from './pairwise.ts'
import { successorOf } from './refresh-reuse.ts'
import { claimsByScope, claimsOf, ENTERPRISE, type Scope } from './scopes.ts'
import { revokedIn } from './trail.ts'

export interface ProviderOptions {
  /** Setting PUBLIC_URL. */
  issuer: string
  keys: Pick<LiveKeys, 'signing' | 'cookies'>
  vault: Vault
  users: Users
  clients: Clients
  grants: Grants
  entities: Entities
  scopes: ReadonlyMap<string, Scope>
  /** Who is signed on in the browser that sent a request, for this client. */
  sessionOf(request: IncomingMessage, clientId: string | undefined): Promise<Session | null>
  /** The enterprises that somebody may act for now. */
  enterprisesOf(userId: string): Promise<EnterpriseClaim[]>
  traceOf(request: IncomingMessage): string
  /** Whether one more authorisation may be begun by whoever sent a request. */
  mayBegin(request: IncomingMessage): boolean
}

/** Seconds. */
const MINUTE = 60
const DAY = 86_400
const ACCESS_SECONDS = 10 * MINUTE

const ROUTES = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  userinfo: '/oauth/userinfo',
  jwks: '/oauth/jwks',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  end_session: '/oauth/end-session',
}

/** The authorization server (OAuth 2, OpenID Connect): oidc-provider with the hub's store, users, pages and rules. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, keys, vault, users, clients, grants, entities, scopes, sessionOf, traceOf, mayBegin } = options
  const secure = issuer.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const
  const publicClient = (client: { clientAuthMethod?: string | undefined }) => client.clientAuthMethod === 'none'

  const configuration: Configuration = {
    adapter: (model) => {
      if (model === 'Grant') return grants.adapter
      const adapter = entities.adapter(model)
      if (model === 'Interaction') return { ...adapter, upsert: admitted(adapter.upsert, mayBegin) }
      if (model !== 'Client') return adapter
      return { ...adapter, find: async (id) => clients.find(id).then((client) => (client ? toMetadata(client, scopes) : undefined)) }
    },
    jwks: { keys: [...keys.signing] } as NonNullable<Configuration['jwks']>,
    routes: ROUTES,
    cookies: {
      keys: [...keys.cookies],
      // Bound to this host and to TLS by their names (RFC 6265bis §4.1.3); the last two live under one path each.
      names: secure
        ? { session: '__Host-hub_oauth', interaction: '__Secure-hub_oauth_interaction', resume: '__Secure-hub_oauth_resume' }
        : { session: 'hub_oauth', interaction: 'hub_oauth_interaction', resume: 'hub_oauth_resume' },
      long: cookie,
      short: cookie,
    },
    scopes: [...scopes.keys()],
    claims: claimsByScope(),
    responseTypes: ['code'],
    subjectTypes: ['pairwise'],
    // Sectors are the hub's own (SECTOR); there is no document to fetch.
    sectorIdentifierUriValidate: () => false,
    pairwiseIdentifier: async (_ctx, accountId, client) => pairwise(vault, String(client[SECTOR]), accountId),
    extraClientMetadata: { properties: [SECTOR] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'RS256'] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) =>
          token.clientId === client.clientId && (!('accountId' in token) || (await usable(users, String(token.accountId))) !== null),
      },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      userinfo: { enabled: true },
    },
    // Ending one token ends the grant: what the user sees under 我的授权 is what there is.
    revokeGrantPolicy: () => true,
    expiresWithSession: async () => false,
    rotateRefreshToken: () => true,
    clientBasedCORS: (_ctx, origin, client) =>
      publicClient(client) && (client.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? ACCESS_SECONDS,
      AuthorizationCode: () => MINUTE,
      ClientCredentials: () => ACCESS_SECONDS,
      Grant: () => GRANT_SECONDS,
      IdToken: () => ACCESS_SECONDS,
      Interaction: () => 15 * MINUTE,
      RefreshToken: () => 30 * DAY,
      Session: () => DAY,
    },
    // What the exchange has to say about its token (plugins/oauth/exchange.ts).
    extraTokenClaims: (ctx) => ctx?.state['tokenClaims'] as Record<string, unknown> | undefined,
    findAccount: async (ctx, id) => accountOf(options, id, () => ctx.oidc.client?.scope ?? ''),
    loadExistingGrant: async (ctx) => {
      const { session, client, result, provider } = ctx.oidc
      const id = result?.consent?.grantId ?? (session?.accountId && client ? await grants.idOf(session.accountId, client.clientId) : null)
      return id ? provider.Grant.find(id) : undefined
    },
    interactions: { policy: policy(sessionOf), url: (_ctx, { uid }) => interactionPath(issuer, uid) },
    renderError: (ctx, out) => {
      ctx.set('content-security-policy', PAGE_POLICY)
      ctx.type = 'html'
      ctx.body = errorPage(String(out.error), traceOf(ctx.req))
    },
  }

  const provider = new Provider(issuer, configuration)
  // The forwarded headers are the hub's own: plugins/oauth/server.ts sets them to PUBLIC_URL.
  provider.proxy = true
  nameSuccessors(provider, vault)
  compareByKeys(provider, clients)
  return provider
}

/** Lets oidc-provider name rotated refresh tokens so; all others keep their random names. */
function nameSuccessors(provider: Provider, vault: Vault): void {
  const { prototype } = provider.RefreshToken
  const random = Reflect.get(prototype, 'generateTokenId') as (this: unknown) => string
  Object.defineProperty(prototype, 'generateTokenId', {
    value(this: unknown) {
      const rotated = Provider.ctx?.oidc.entities.RotatedRefreshToken
      return rotated?.jti ? successorOf(vault, rotated.jti) : random.call(this)
    },
  })
}

/** An application may have several keys at a time: a secret is compared with all that open now. */
function compareByKeys(provider: Provider, clients: Clients): void {
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    async value(this: { clientId: string }, given: string) {
      const client = await clients.find(this.clientId)
      return client !== null && (await clients.opens(client, given))
    },
  })
}

/** Whoever is not signed on at the app, or as somebody else than before, signs on first. */
function policy(sessionOf: ProviderOptions['sessionOf']) {
  const prompts = interactionPolicy.base()
  const signOn = async (ctx: KoaContextWithOIDC) =>
    (await sessionOf(ctx.req, ctx.oidc.client?.clientId))?.userId !== ctx.oidc.session?.accountId
  prompts.get('login')?.checks.add(new interactionPolicy.Check('sign_on', 'the user is not signed on at the app', 'login_required', signOn))
  return prompts
}

/** `registered`: what the client may ask for now, which may be less than when its token was made. */
async function accountOf({ users, enterprisesOf }: ProviderOptions, id: string, registered: () => string) {
  const user = await usable(users, id)
  if (!user) return undefined
  const claims = async (_use: string, scope: string) => {
    const still = new Set(registered().split(' '))
    const open = scope.split(' ').filter((each) => still.has(each))
    const enterprises = open.includes(ENTERPRISE) ? await enterprisesOf(id) : []
    return { sub: id, ...claimsOf(user, open.join(' ')), ...(enterprises.length > 0 ? { enterprises } : {}) }
  }
  return { accountId: id, claims }
}

/** null for an account that is gone, locked or disabled. */
async function usable(users: Users, id: string): Promise<User | null> {
  try {
    return await users.byId(id)
  } catch (error) {
    if (error instanceof HubError && error.status < 500) return null
    throw error
  }
}

/** Whoever asks is unknown yet: what is kept for him is bounded. What the hub itself saves later has no request of oidc-provider's. */
function admitted(upsert: Adapter['upsert'], mayBegin: ProviderOptions['mayBegin']): Adapter['upsert'] {
  return async (...entity) => {
    const { ctx } = Provider
    if (ctx && !mayBegin(ctx.req)) throw new errors.TemporarilyUnavailable('too many authorisations under way')
    await upsert(...entity)
  }
}

/** For the store: a code or token came twice at the same moment. The trail of that request ends the grant before the answer leaves. */
export function usedTwice(grantId: string): never {
  if (Provider.ctx && grantId !== '') revokedIn(Provider.ctx).add(grantId)
  throw new errors.InvalidGrant('used twice at the same moment')
}
