import { HubError } from '../base/errors.ts'
import { prefixOf } from '../upstream/address.ts'
import type { DialectDeclaration, RawReply, Signer, SignerContext } from '../upstream/dialect.ts'
import { createSecretStore, type FreshSecret } from '../upstream/secret-store.ts'
import { ask, assertHandedOut, reach } from './ask.ts'
import { type DirectOptions, directLayout } from './direct.ts'
import { decodeText, defaultRefusal, isRefusal, parseObject } from './exchange-reply.ts'
import { createHeldSecret } from './held-secret.ts'

export interface OAuth2Options extends DirectOptions {
  /** Path of the token endpoint behind the base address. Default `/oauth2/token`. */
  tokenPath?: string
  scope?: string
  /** How the client authenticates at the token endpoint: HTTP Basic, or in the form. Default `basic`. */
  clientAuthentication?: 'basic' | 'body'
  /** Where the token travels: `Authorization: Bearer`, or `access_token` in the query string (RFC 6750 §2.1, §2.3). Default `header`. */
  carrier?: 'header' | 'query'
}

export const defaultTokenPath = '/oauth2/token'
/** RFC 6749 §5.1 only recommends `expires_in`; a token that dies sooner is found out by its refusal. */
const DEFAULT_LIFE_SECONDS = 3600

/**
 * An access token of the hub's own (RFC 6749 §4.4), shared by all processes and fetched by one at a time;
 * a refused one (401) is renewed once. For a user's own token see `oauth2User`.
 *
 * @example
 * upstream: { dialect: oauth2ClientCredentials({ scope: 'query' }), … }
 */
export function oauth2ClientCredentials(options: OAuth2Options = {}): DialectDeclaration {
  return {
    name: 'oauth2-client-credentials',
    options,
    credentials: {
      clientId: { title: '客户端编号（client_id）', secret: false },
      clientSecret: { title: '客户端密钥（client_secret）', secret: true },
    },
    createSigner: (context) => createSigner(options, context),
  }
}

function createSigner(options: OAuth2Options, context: SignerContext): Signer {
  const { clientId = '', clientSecret = '' } = context.credentials
  const { scope, clientAuthentication = 'basic', carrier = 'header' } = options
  // Not 403: a token that lacks a scope is no better for being new.
  const refusal = { ...defaultRefusal, statuses: [401], ...options.refusal }
  const tokenPath = prefixOf(context.baseUrl) + (options.tokenPath ?? defaultTokenPath)
  const lay = directLayout(context, options, [carrier])
  const store = createSecretStore(context)
  const id = store.idOf(context.baseUrl, 'oauth2', tokenPath, clientId, clientSecret, scope ?? '')

  async function fetchToken(): Promise<FreshSecret> {
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    if (clientAuthentication === 'basic') headers['authorization'] = clientAuthorization(clientId, clientSecret)
    else {
      form.set('client_id', clientId)
      form.set('client_secret', clientSecret)
    }
    // The life counts from before the request: an answer that was long on its way shortens it.
    const now = Date.now()
    return readToken(await ask(context, { method: 'POST', path: tokenPath, headers, body: form.toString() }), now)
  }

  return {
    refused: (reply) => isRefusal(reply, refusal),
    ...createHeldSecret({
      store,
      idOf: () => id,
      fetchFresh: fetchToken,
      signWith: (token, outgoing) => lay(outgoing, carrier === 'header' ? { authorization: `Bearer ${token}` } : { access_token: token }),
      reach: () => reach(context, tokenPath),
    }),
  }
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
export function clientAuthorization(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ v: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`
}

/** Reads RFC 6749 §5.1; every refusal of §5.2 (400, 401) is one of the client. Nothing of the answer gets into an error. */
function readToken(reply: RawReply, now: number): FreshSecret {
  assertHandedOut(reply, [400, 401, 403])
  const { access_token: token, token_type: type = 'bearer', expires_in: life } = parseObject(decodeText(reply)) ?? {}
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || String(type).toLowerCase() !== 'bearer') {
    throw new HubError('HUB_UPSTREAM_INVALID')
  }
  const seconds = Number(life ?? DEFAULT_LIFE_SECONDS)
  return { secret: token, expiresAt: now + (seconds > 0 ? seconds : DEFAULT_LIFE_SECONDS) * 1000 }
}
