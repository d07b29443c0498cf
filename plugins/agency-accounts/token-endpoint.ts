import { HubError } from '../../core/base/errors.ts'
import type { AgencyOAuth } from '../../core/contract/accounts.ts'
import { prefixOf } from '../../core/upstream/address.ts'
import type { RawReply, SignedRequest } from '../../core/upstream/dialect.ts'

/** What a token endpoint hands out. Epoch milliseconds. */
export interface TokenSet {
  accessToken: string
  refreshToken: string | null
  obtainedAt: number
  expiresAt: number
}

/** The agency's own final word on a refresh token (RFC 6749 §5.2 `invalid_grant`): gone, not merely out of reach. */
export class GrantLost extends Error {
  readonly code = 'invalid_grant'
}

/** An agency's authorization server, as the hub uses it once a user has authorised. */
export interface AgencyServer {
  /** Rejects with {@link GrantLost}, or with a HubError that says nothing about the grant. */
  refresh(refreshToken: string): Promise<TokenSet>
  /** RFC 7009; resolves also where the agency offers no revocation. */
  revoke(token: string): Promise<void>
  /** The user info, as JSON. */
  userInfo(accessToken: string): Promise<unknown>
}

export interface AgencyServerOptions {
  baseUrl: string
  oauth: AgencyOAuth
  clientId: string
  clientSecret: string
  send(request: SignedRequest): Promise<RawReply>
  now?: () => number
}

/** RFC 6749 §5.1 only recommends `expires_in`; a token that dies sooner is found out by its refusal. */
const DEFAULT_LIFE_SECONDS = 3600

export function createAgencyServer({ baseUrl, oauth, clientId, clientSecret, send, now = Date.now }: AgencyServerOptions): AgencyServer {
  const base = prefixOf(baseUrl)
  const inBody = oauth.clientAuthentication === 'body'

  function post(path: string, form: Record<string, string>): Promise<RawReply> {
    const body = new URLSearchParams({ ...form, ...(inBody ? { client_id: clientId, client_secret: clientSecret } : {}) }).toString()
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    if (!inBody) headers['authorization'] = basic(clientId, clientSecret)
    return ask({ method: 'POST', path: base + path, headers, body })
  }

  async function ask(request: SignedRequest): Promise<RawReply> {
    try {
      return await send(request)
    } catch (error) {
      // The cause is a code alone, as messages name addresses.
      if (error instanceof HubError) throw new HubError(error.code, error.extras)
      throw new HubError('HUB_UPSTREAM_UNREACHABLE', {}, (error as { code?: unknown }).code)
    }
  }

  return {
    async refresh(refreshToken) {
      // The life counts from before the request: an answer that was long on its way shortens it.
      const obtainedAt = now()
      const reply = await post(oauth.tokenPath, { grant_type: 'refresh_token', refresh_token: refreshToken })
      if (isGrantLost(reply)) throw new GrantLost('invalid_grant')
      assertAnswered(reply)
      return readTokenSet(parse(reply), obtainedAt, refreshToken)
    },
    async revoke(token) {
      if (oauth.revokePath) assertAnswered(await post(oauth.revokePath, { token }))
    },
    async userInfo(accessToken) {
      const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' }
      const reply = await ask({ method: 'GET', path: base + oauth.userInfoPath, headers, body: null })
      assertAnswered(reply)
      return parse(reply)
    },
  }
}

/** Reads RFC 6749 §5.1. A server that doesn't rotate leaves the refresh token out: the old one stays. */
export function readTokenSet(answer: unknown, obtainedAt: number, oldRefreshToken: string | null = null): TokenSet {
  const { access_token, refresh_token, expires_in } = (answer ?? {}) as Record<string, unknown>
  if (typeof access_token !== 'string' || access_token === '') throw new HubError('HUB_UPSTREAM_INVALID')
  const life = Number(expires_in ?? DEFAULT_LIFE_SECONDS)
  return {
    accessToken: access_token,
    refreshToken: typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : oldRefreshToken,
    obtainedAt,
    expiresAt: obtainedAt + (life > 0 ? life : DEFAULT_LIFE_SECONDS) * 1000,
  }
}

function isGrantLost(reply: RawReply): boolean {
  if (reply.status < 400 || reply.status >= 500) return false
  try {
    return (JSON.parse(reply.body.toString('utf8')) as { error?: unknown }).error === 'invalid_grant'
  } catch {
    return false
  }
}

/** Whatever else goes wrong is an outage or the hub's own credentials, and costs no user the authorisation. */
function assertAnswered({ status }: RawReply): void {
  if (status >= 200 && status < 300) return
  if (status === 429 || status >= 500) throw new HubError('HUB_UPSTREAM_UNAVAILABLE')
  throw new HubError(status === 400 || status === 401 || status === 403 ? 'HUB_UPSTREAM_CREDENTIAL' : 'HUB_UPSTREAM_INVALID')
}

function parse(reply: RawReply): unknown {
  try {
    return JSON.parse(reply.body.toString('utf8'))
  } catch {
    throw new HubError('HUB_UPSTREAM_INVALID')
  }
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function basic(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ v: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}
