import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Configuration, Provider } from 'oidc-provider'
import { AGENCY_PAGE_POLICY, consentPage, noticePage } from './page.ts'
import { type Agency, CLIENT_ID, introspectionPath, LIFE_HEADER, pathOf, RESOURCE_ID, type Registration } from './registration.ts'
import type { AgencyStore } from './store.ts'

export type Serve = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

const MINUTE = 60
const DAY = 86_400

/** One agency's authorization server: oidc-provider under the declared addresses, the agency's page and its user info. */
export function createAgencyServer(agency: Agency, { origin, secrets }: Registration, store: AgencyStore): Serve {
  const { id, oauth } = agency
  const prefix = pathOf(id)
  const login = `${prefix}/login/`
  const provider = new Provider(origin + prefix, configure(agency, secrets, store))
  const handle = provider.callback()

  /** Whoever the page's form names signs on and consents. */
  async function decide(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const person = new URLSearchParams(await text(request)).get('person')
    if (person === 'none') return provider.interactionFinished(request, response, { error: 'access_denied' })
    const { params } = await provider.interactionDetails(request, response)
    const holder = agency.holders.find(({ index }) => String(index) === person)
    if (!holder) return sendPage(response, 400, noticePage(agency, 'invalid_request'))
    const accountId = String(holder.index)
    const grant = new provider.Grant({ accountId, clientId: CLIENT_ID })
    grant.addOIDCScope(String(params['scope'] ?? ''))
    const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } }
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  }

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method === 'POST') return await decide(request, response)
      const { params } = await provider.interactionDetails(request, response)
      sendPage(response, 200, consentPage(agency, String(params['scope'] ?? '')))
    } catch {
      sendPage(response, 400, noticePage(agency, 'session_not_found'))
    }
  }

  async function userInfo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = await provider.AccessToken.find(String(request.headers.authorization).replace(/^Bearer /, ''))
    const holder = token?.isValid ? agency.holders.find(({ index }) => String(index) === token.accountId) : undefined
    response.writeHead(holder ? 200 : 401, { 'content-type': 'application/json;charset=UTF-8' })
    response.end(JSON.stringify(holder?.info ?? { error: 'invalid_token' }))
  }

  return async (request, response, path) => {
    if (path === prefix + oauth.userInfoPath) return userInfo(request, response)
    if (path.startsWith(login)) return interact(request, response)
    // Nobody stays signed on: the next to come may be another of the invented people.
    if (path === prefix + oauth.authorizePath) delete request.headers.cookie
    await handle(request, response)
  }
}

function configure(agency: Agency, secrets: Registration['secrets'], store: AgencyStore): Configuration {
  const { id, oauth } = agency
  const prefix = pathOf(id)
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const
  const authMethod = oauth.clientAuthentication === 'body' ? 'client_secret_post' : 'client_secret_basic'
  return {
    adapter: store.adapterOf(id),
    jwks: { keys: [secrets.key] } as NonNullable<Configuration['jwks']>,
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: secrets.client,
        client_name: '我的许昌',
        redirect_uris: [agency.callback],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: authMethod,
      },
      { client_id: RESOURCE_ID, client_secret: secrets.resource, redirect_uris: [], grant_types: [], response_types: [] },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    scopes: [...oauth.scope],
    responseTypes: ['code'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    // Ending one token ends the grant, whichever of the two it was.
    revokeGrantPolicy: () => true,
    routes: {
      authorization: prefix + oauth.authorizePath,
      token: prefix + oauth.tokenPath,
      revocation: prefix + (oauth.revokePath ?? '/revocation'),
      introspection: introspectionPath(id),
      jwks: `${prefix}/jwks`,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      introspection: { enabled: true, allowedPolicy: async (_ctx, client) => client.clientId === RESOURCE_ID },
      revocation: { enabled: oauth.revokePath !== undefined },
    },
    ttl: {
      AccessToken: (ctx) => Number(ctx.get(LIFE_HEADER)) || 10 * MINUTE,
      AuthorizationCode: () => MINUTE,
      Grant: () => 30 * DAY,
      IdToken: () => 10 * MINUTE,
      Interaction: () => 15 * MINUTE,
      RefreshToken: () => 30 * DAY,
      Session: () => 15 * MINUTE,
    },
    findAccount: async (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    interactions: { url: (_ctx, { uid }) => `${prefix}/login/${uid}` },
    // The agencies share one host, and browsers keep cookies by host.
    cookies: {
      keys: [secrets.cookies],
      names: { session: `${id}_session`, interaction: `${id}_interaction`, resume: `${id}_resume` },
      long: { ...cookie, path: prefix },
      short: cookie,
    },
    renderError: (ctx, { error }) => {
      ctx.set('content-security-policy', AGENCY_PAGE_POLICY)
      ctx.type = 'html'
      ctx.body = noticePage(agency, error)
    },
  }
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html;charset=UTF-8', 'content-security-policy': AGENCY_PAGE_POLICY }).end(html)
}
