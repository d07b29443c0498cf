import { prefixOf } from '../../core/upstream/address.ts'
import { type ProfileParts, redeem, type SignOnProfile } from './profile.ts'

/** code → token → user: OAuth 2.0 (RFC 6749 §4.1) with PKCE (RFC 7636) and a userinfo resource. */
export function oauth2Profile({ configuration, client, callbackUrl }: ProfileParts): SignOnProfile {
  const { baseUrl, appId, secret, scope, pkce, paths } = configuration
  // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
  const credentials = Buffer.from(`${formEncode(appId)}:${formEncode(secret)}`).toString('base64')

  return {
    parameter: 'code',
    pageUrl({ state, challenge }) {
      const url = new URL(prefixOf(baseUrl) + paths.authorize, baseUrl)
      const parameters = {
        response_type: 'code',
        client_id: appId,
        redirect_uri: callbackUrl,
        state,
        ...(scope === '' ? {} : { scope }),
        ...(pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    async exchange(code, verifier) {
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbackUrl,
        ...(pkce ? { code_verifier: verifier } : {}),
      })
      const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${credentials}` }
      const { token } = await redeem(client.ask({ method: 'POST', path: paths.token, headers, body: form.toString() }), configuration)
      return client.ask({ method: 'GET', path: paths.user, headers: { authorization: `Bearer ${token}` } })
    },
  }
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
