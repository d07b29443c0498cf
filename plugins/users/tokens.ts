import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { HubError } from '../../core/base/errors.ts'

/** What the hub takes from an access token of the app (RFC 9068 in spirit). It never holds an id number. */
export interface Claims {
  issuer: string
  /** The app's user id. */
  subject: string
  /** The app or third party that calls. */
  app: string | null
  /** Why the call is made (事项), where the app says so. */
  purpose: string | null
  /** Last face verification: epoch seconds, and the id under which it may be spent once. */
  faceVerifiedAt: number | null
  faceVerificationId: string | null
  /** Hub id of the enterprise for which the user acts; counts only together with a mandate. */
  enterprise: string | null
  /** When the user logged in, as far as the token says (auth_time, else iat): epoch milliseconds. */
  authenticatedAt: number | null
  /** Whether that is the token's own word (auth_time): its iat says only when it was last renewed. */
  loginProven: boolean
  /** The one connector that a token of the hub's own exchange is good for; null for the app's tokens, which are good everywhere. */
  connector: string | null
  /** What such a token may be used for there: `<connector>` or `<connector>.<service>`. */
  scope: readonly string[]
  /** `jti` */
  tokenId: string | null
  /** Epoch milliseconds. */
  expiresAt: number
}

export interface TokenIssuer {
  issuer: string
  jwksUrl: string
}

/** The hub as issuer, of tokens for one connector each (plugins/oauth/exchange.ts). */
export interface OwnIssuer {
  issuer: string
  keys: JWTVerifyGetKey
  /** Ids of the connectors. */
  audiences: readonly string[]
}

export interface TokenVerifier {
  /** Throws HUB_TOKEN_INVALID; HUB_STORE_UNAVAILABLE when the issuer's keys cannot be had. Synchronous for a token seen before. */
  verify(token: string): Claims | Promise<Claims>
  /** Whether it was verified lately. */
  knows(token: string): boolean
}

/** RFC 7519 §4.1.4: a few seconds for clocks that disagree. */
const CLOCK_TOLERANCE_SECONDS = 5
/** A verified token is verified again after this long, so that a withdrawn key stops working. */
const RECHECK_MS = 60_000

/** Clocks that disagree, in milliseconds: part of {@link Claims.expiresAt}. */
export const CLOCK_TOLERANCE_MS = CLOCK_TOLERANCE_SECONDS * 1000

export function createTokenVerifier(
  issuers: readonly TokenIssuer[],
  audience: string,
  algorithms: readonly string[],
  own?: OwnIssuer,
): TokenVerifier {
  const trusted = new Map<string, { keys: JWTVerifyGetKey; options: JWTVerifyOptions }>()
  for (const { issuer, jwksUrl } of issuers) {
    const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3000, cooldownDuration: 5000 })
    trusted.set(issuer, { keys, options: { issuer, audience, algorithms: [...algorithms] } })
  }
  // The type keeps an ID token, which the same keys sign, from passing for an access token.
  if (own) {
    const options = { issuer: own.issuer, audience: [...own.audiences], algorithms: ['ES256'], typ: 'at+jwt' }
    trusted.set(own.issuer, { keys: own.keys, options })
  }
  const seen = new LRUCache<string, Claims>({ max: 20_000, ttl: RECHECK_MS, ttlResolution: 1000 })

  async function check(token: string): Promise<Claims> {
    try {
      // The unverified issuer, only to choose the keys that must then verify it.
      const known = trusted.get(String(decodeJwt(token).iss))
      if (!known) throw new errors.JWTClaimValidationFailed('unknown issuer', {}, 'iss')
      const { payload } = await jwtVerify(token, known.keys, {
        ...known.options,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      })
      const claims = readClaims(payload, payload.iss === own?.issuer)
      seen.set(token, claims)
      return claims
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC')
        throw new HubError('HUB_TOKEN_INVALID', {}, error)
      throw new HubError('HUB_STORE_UNAVAILABLE', { detail: '登录系统暂时不可用，请稍后再试。' }, error)
    }
  }

  return {
    verify(token) {
      const claims = seen.get(token)
      if (!claims) return check(token)
      if (claims.expiresAt <= Date.now()) throw new HubError('HUB_TOKEN_INVALID')
      return claims
    },
    knows: (token) => seen.has(token),
  }
}

function readClaims(payload: JWTPayload, own: boolean): Claims {
  // Who may act for whom is for the hub to say, by a mandate; another issuer's word is not taken.
  if (!own && payload['act'] !== undefined) throw new errors.JWTClaimValidationFailed('act is the hub’s own claim', payload, 'act')
  const text = (name: string) => (typeof payload[name] === 'string' && payload[name] !== '' ? payload[name].slice(0, 200) : null)
  const at = payload['face_verified_at']
  const loginAt = Math.min(Number(payload['auth_time'] ?? payload.iat) * 1000, Date.now())
  return {
    issuer: String(payload.iss),
    subject: String(payload.sub),
    app: text('client_id') ?? text('azp'),
    purpose: text('purpose'),
    faceVerifiedAt: typeof at === 'number' && Number.isFinite(at) ? at : null,
    faceVerificationId: text('face_verification_id'),
    enterprise: text('enterprise'),
    authenticatedAt: !own && Number.isFinite(loginAt) ? loginAt : null,
    loginProven: !own && typeof payload['auth_time'] === 'number',
    connector: own ? String(payload.aud) : null,
    scope: own ? String(payload['scope'] ?? '').split(' ') : [],
    tokenId: text('jti'),
    expiresAt: Number(payload.exp) * 1000 + CLOCK_TOLERANCE_SECONDS * 1000,
  }
}
