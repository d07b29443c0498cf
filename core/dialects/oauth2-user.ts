import { HubError } from '../base/errors.ts'
import { prefixOf } from '../upstream/address.ts'
import type { DialectDeclaration, SignedRequest, Signer, SignerContext } from '../upstream/dialect.ts'
import { layOut } from './exchange-request.ts'

export interface OAuth2UserOptions {
  /** How the parameters of a POST are written. Default `json`. */
  bodyFormat?: 'json' | 'form'
}

/** What a request was signed with, out of sight of JSON and of header loops. */
const SIGNED_WITH = Symbol('account and version of the token')
type UserRequest = SignedRequest & { [SIGNED_WITH]?: { accountId: string; version: string } }

/**
 * An agency's API that wants the user's own access token (RFC 6750), obtained when the user bound the account there
 * (`accounts.oauth`). A service's `sid` is its path behind the base address. A refused token (401) is renewed.
 *
 * @example
 * upstream: { dialect: oauth2User(), … }, accounts: { oauth: { … }, … }
 * // service: upstream: { sid: '/api/bookings', method: 'GET' }
 */
export function oauth2User(options: OAuth2UserOptions = {}): DialectDeclaration {
  return {
    name: 'oauth2-user',
    options,
    credentials: {
      clientId: { title: '客户端编号（client_id）', secret: false },
      clientSecret: { title: '客户端密钥（client_secret）', secret: true },
    },
    createSigner: (context) => createSigner(options, context),
  }
}

function createSigner({ bodyFormat = 'json' }: OAuth2UserOptions, { baseUrl, accounts, send }: SignerContext): Signer {
  const base = prefixOf(baseUrl)

  return {
    async sign(outgoing) {
      if (!accounts || outgoing.userId === undefined) throw new HubError('HUB_ACCOUNT_UNBOUND')
      const { accountId, value, version } = await accounts.token(outgoing.userId)
      const form = { path: base + outgoing.sid, carriers: ['header'] as const, bodyFormat }
      const request: UserRequest = layOut(form, outgoing, { authorization: `Bearer ${value}` })
      request[SIGNED_WITH] = { accountId, version }
      return request
    },
    // Servers count whole seconds, so a token that lives for one or two may be dead on arrival.
    renewals: 3,
    refused: ({ status }) => status === 401,
    async renew(_sid, used: UserRequest) {
      const token = used[SIGNED_WITH]
      if (token) accounts?.refused(token.accountId, token.version)
    },
    /** Whether anything answers there: without a user there is no token to prove. */
    async probe() {
      const { status } = await send({ method: 'GET', path: base || '/', headers: {}, body: null })
      if (status >= 502 && status <= 504) throw new HubError('HUB_UPSTREAM_UNAVAILABLE')
    },
  }
}
