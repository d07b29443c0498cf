import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { HubError } from '../../core/base/errors.ts'
import type { Claims, TokenVerifier } from '../users/tokens.ts'
import type { ExchangedTokens } from './exchanged.ts'

export interface AskingParts {
  tokens: TokenVerifier
  exchanged: Pick<ExchangedTokens, 'standing' | 'end'>
}

/**
 * RFC 7662 and RFC 7009 for tokens of the exchange. They are JWTs, which oidc-provider turns away once it knows which client asks; here
 * the client to which one was given learns how it stands, and ends it. Everybody else learns that it is not active, and ends nothing.
 */
export function askExchanged(provider: Provider, parts: AskingParts): void {
  provider.use(async (ctx, next) => {
    await next()
    const { oidc } = ctx as unknown as KoaContextWithOIDC
    const failure = ctx.state['failure'] as { error?: string } | undefined
    const ask = asked[oidc?.route as keyof typeof asked]
    if (!ask || failure?.error !== 'unsupported_token_type' || !oidc.client) return
    try {
      const body = await ask(parts, String(oidc.params?.['token']), oidc.client.clientId)
      ctx.state['failure'] = undefined
      Object.assign(ctx, { status: 200, body })
    } catch (error) {
      // Nothing is known of the token then: neither that it is active, nor that it is not.
      ctx.state['failure'] = { error: error instanceof HubError ? error.code : 'server_error' }
      Object.assign(ctx, { status: 503, body: { error: 'server_error' } })
    }
    if (ctx.body !== '') ctx.type = 'json'
  })
}

const INACTIVE = { active: false }
const asked = { introspection: describe, revocation: end }

async function describe({ tokens, exchanged }: AskingParts, token: string, clientId: string): Promise<object> {
  const claims = await verified(tokens, token)
  const scope = claims && (await exchanged.standing(claims, clientId))
  if (!scope) return INACTIVE
  const { iss, aud, sub, iat, exp, jti, act, purpose } = decodeJwt(token)
  return { active: true, client_id: clientId, token_type: 'Bearer', scope: scope.join(' '), iss, aud, sub, iat, exp, jti, act, purpose }
}

/** RFC 7009 §2.2: 200 without a body, whether or not there was something to end. */
async function end({ tokens, exchanged }: AskingParts, token: string, clientId: string): Promise<string> {
  const claims = await verified(tokens, token)
  if (claims) await exchanged.end(claims, clientId)
  return ''
}

/** Null for what is no token of the hub's, or over. */
async function verified(tokens: TokenVerifier, token: string): Promise<Claims | null> {
  try {
    return await tokens.verify(token)
  } catch (error) {
    if (error instanceof HubError && error.code === 'HUB_TOKEN_INVALID') return null
    throw error
  }
}
