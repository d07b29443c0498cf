import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { HubError } from '../../core/base/errors.ts'
import type { Claims, TokenVerifier } from '../users/tokens.ts'
import type { ExchangedTokens } from './exchanged.ts'

export interface IntrospectionParts {
  tokens: TokenVerifier
  exchanged: Pick<ExchangedTokens, 'standing'>
}

/**
 * RFC 7662 for tokens of the exchange. They are JWTs, which oidc-provider turns away once it knows which client asks; here the
 * client to which one was given learns how it stands, and everybody else that it is not active.
 */
export function introspectExchanged(provider: Provider, parts: IntrospectionParts): void {
  provider.use(async (ctx, next) => {
    await next()
    const { oidc } = ctx as unknown as KoaContextWithOIDC
    const failure = ctx.state['failure'] as { error?: string } | undefined
    if (oidc?.route !== 'introspection' || failure?.error !== 'unsupported_token_type' || !oidc.client) return
    try {
      const answer = await describe(parts, String(oidc.params?.['token']), oidc.client.clientId)
      ctx.state['failure'] = undefined
      Object.assign(ctx, { status: 200, body: answer })
    } catch (error) {
      // Nothing is known of the token then: neither that it is active, nor that it is not.
      ctx.state['failure'] = { error: error instanceof HubError ? error.code : 'server_error' }
      Object.assign(ctx, { status: 503, body: { error: 'server_error' } })
    }
    ctx.type = 'json'
  })
}

const INACTIVE = { active: false }

async function describe({ tokens, exchanged }: IntrospectionParts, token: string, clientId: string): Promise<object> {
  const claims = await verified(tokens, token)
  const scope = claims && (await exchanged.standing(claims, clientId))
  if (!scope) return INACTIVE
  const { iss, aud, sub, iat, exp, jti, act, purpose } = decodeJwt(token)
  return { active: true, client_id: clientId, token_type: 'Bearer', scope: scope.join(' '), iss, aud, sub, iat, exp, jti, act, purpose }
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
