import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export const ISSUER = 'https://app.example'

/** An issuer of the app's tokens that can do whatever a real one might: take new keys, withdraw old ones, be away. */
export async function startIssuer() {
  const keys = new Map<string, { privateKey: CryptoKey; jwk: object }>()
  const state = { fetched: 0, away: false }
  const server = createServer((_request, reply) => {
    state.fetched++
    reply.statusCode = state.away ? 503 : 200
    reply.setHeader('connection', 'close').end(JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    state,
    env: { TOKEN_ISSUER: ISSUER, TOKEN_JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    /** Publishes a new key under the name, instead of one that had it. → how a token is signed with it. */
    async take(kid: string) {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } })
      return (claims: Record<string, unknown> = {}, header: object = {}): Promise<string> => {
        const now = Math.floor(Date.now() / 1000)
        const payload: JWTPayload = {
          iss: ISSUER,
          sub: 'u-1',
          aud: 'xuchang-hub',
          iat: now,
          exp: now + 600,
          jti: crypto.randomUUID(),
          ...claims,
        }
        return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt', ...header }).sign(privateKey)
      }
    },
    withdraw: (kid: string) => keys.delete(kid),
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
