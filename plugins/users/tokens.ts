import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import { HubError } from '../../core/base/errors.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import { isAllowedLogin, methodsOf } from './security/login-methods.ts'
import type { LoginMethod } from './security/settings.ts'

/** What the hub takes from an access token of the app (RFC 9068 in spirit). It never holds an id number. */
export interface Claims {
  issuer: string
  /** Whether it names the audience of /admin (ADMIN_AUDIENCE). */
  forAdmin: boolean
  /** Whether it counts everywhere else: it names TOKEN_AUDIENCE, or is of the hub's own exchange. */
  forHub: boolean
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
  /** By what he logged in, as far as the token says (`amr`). */
  methods: readonly LoginMethod[]
  /** The one connector that a token of the hub's own exchange is good for; null for the app's tokens, which are good everywhere. */
  connector: string | null
  /** What such a token may be used for there: `<connector>` or `<connector>.<service>`. */
  scope: readonly string[]
  /** `jti` */
  tokenId: string | null
  /** What all tokens of one log-in have in common, as far as the token says; null for one that is none of the app's. */
  logIn: string | null
  /** What the app calls the device, where it does. */
  device: { id: string; name: string | null } | null
  /** Epoch milliseconds. */
  expiresAt: number
}

export interface TokenIssuer {
  issuer: string
  jwksUrl: string
}

/** What a token of the app's issuer must be. */
export interface TokenRules {
  audience: string
  /** Of a token for /admin, which names it beside the other or alone. */
  adminAudience: string
  algorithms: readonly string[]
  /** `typ` of its header (RFC 9068 §2.1): what keeps an ID token, which the same keys sign, from passing. */
  type: string
  /** Longest time from `iat` to `exp`, in seconds. */
  maxSeconds: number
  /** By what a user may have logged in, as it is now. */
  methods: () => readonly LoginMethod[]
}

/** The hub as issuer, of tokens for one connector each (plugins/oauth/exchange.ts). */
export interface OwnIssuer {
  issuer: string
  keys: JWTVerifyGetKey
  /** Ids of the connectors. */
  audiences: readonly string[]
}

export interface TokenVerifier {
  /**
   * Throws HUB_TOKEN_INVALID; HUB_SIGN_ON_DENIED where its user logged in in a way that is not allowed; HUB_STORE_UNAVAILABLE when the issuer's keys cannot be had. Synchronous for a token seen before.
   * `admin`: takes one for /admin alone too, which is none anywhere else; whether it is for /admin is for the caller to ask.
   */
  verify(token: string, admin?: boolean): Claims | Promise<Claims>
  /** Whether it was verified lately. */
  knows(token: string): boolean
}

/** RFC 7519 §4.1.4: a few seconds for clocks that disagree. */
const CLOCK_TOLERANCE_SECONDS = 5
/** A verified token is verified again after this long, so that a withdrawn key stops working. */
const RECHECK_MS = 30_000

/** Clocks that disagree, in milliseconds: part of {@link Claims.expiresAt}. */
export const CLOCK_TOLERANCE_MS = CLOCK_TOLERANCE_SECONDS * 1000

interface Trusted {
  verify(token: string): Promise<JWTPayload>
  /** Where keys can change while the hub runs. */
  set: KeySet | null
}

export function createTokenVerifier(issuers: readonly TokenIssuer[], rules: TokenRules, own?: OwnIssuer): TokenVerifier {
  const { audience, adminAudience, algorithms, type, maxSeconds, methods } = rules
  const trusted = new Map<string, Trusted>()
  for (const { issuer, jwksUrl } of issuers) {
    const set = createKeySet(jwksUrl)
    const needed = { typ: type, requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: CLOCK_TOLERANCE_SECONDS }
    const options = { issuer, audience: [audience, adminAudience], algorithms: [...algorithms], ...needed }
    trusted.set(issuer, { verify: (token) => set.verify(token, options), set })
  }
  // The type keeps an ID token, which the same keys sign, from passing for an access token.
  if (own) {
    const needed = { typ: 'at+jwt', requiredClaims: ['sub', 'exp'], clockTolerance: CLOCK_TOLERANCE_SECONDS }
    const options = { issuer: own.issuer, audience: [...own.audiences], algorithms: ['ES256'], ...needed }
    trusted.set(own.issuer, { verify: async (token) => (await jwtVerify(token, own.keys, options)).payload, set: null })
  }
  const seen = new LRUCache<string, Claims>({ ...atMost(20_000), ttl: RECHECK_MS, ttlResolution: 1000 })

  async function payloadOf(token: string, { verify, set }: Trusted): Promise<JWTPayload> {
    const before = set?.generation
    const payload = await verify(token)
    // Whatever the old keys vouched for is verified anew.
    if (set?.generation !== before) seen.clear()
    return payload
  }

  async function check(token: string): Promise<Claims> {
    try {
      // The unverified issuer, only to choose the keys that must then verify it.
      const known = trusted.get(String(decodeJwt(token).iss))
      if (!known) throw new errors.JWTClaimValidationFailed('unknown issuer', {}, 'iss')
      const payload = await payloadOf(token, known)
      if (known.set) assertAppToken(payload, maxSeconds)
      const claims = readClaims(payload, payload.iss === own?.issuer, rules)
      seen.set(token, claims)
      return claims
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC')
        throw new HubError('HUB_TOKEN_INVALID', {}, error)
      throw new HubError('HUB_STORE_UNAVAILABLE', { detail: '登录系统暂时不可用，请稍后再试。' }, error)
    }
  }

  return {
    verify(token, admin = false) {
      const claims = seen.get(token)
      const take = (claims: Claims) => assertLogin(admin ? claims : assertForHub(claims), methods())
      if (!claims) return check(token).then(take)
      if (claims.expiresAt <= Date.now()) throw new HubError('HUB_TOKEN_INVALID')
      return take(claims)
    },
    knows: (token) => seen.has(token),
  }
}

function assertForHub(claims: Claims): Claims {
  if (!claims.forHub) throw new HubError('HUB_TOKEN_INVALID')
  return claims
}

function assertLogin(claims: Claims, allowed: readonly LoginMethod[]): Claims {
  if (isAllowedLogin(claims.methods, allowed)) return claims
  throw new HubError('HUB_SIGN_ON_DENIED', { detail: '您登录时所用的方式已经停用，请换一种方式重新登录。' })
}

/** Claims of an ID token (OpenID Connect Core §2, §3.3.2.11), which no access token has. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash']

/** A token lives for a bounded time from a moment that was, and is no ID token, whatever its header says. */
function assertAppToken(payload: JWTPayload, maxSeconds: number): void {
  const { iat = 0, exp = 0 } = payload
  const refuse = (claim: string) => {
    throw new errors.JWTClaimValidationFailed(`not a token for the hub: ${claim}`, payload, claim)
  }
  if (iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) refuse('iat')
  if (exp - iat > maxSeconds) refuse('exp')
  const id = ID_TOKEN_CLAIMS.find((claim) => payload[claim] !== undefined)
  if (id !== undefined) refuse(id)
}

/** A user's claims without a face verification of before he was who he is (`identitySince`: epoch milliseconds). */
export function withoutFormerFace(claims: Claims, { identitySince }: { identitySince: number }): Claims {
  const { faceVerifiedAt } = claims
  if (faceVerifiedAt === null || faceVerifiedAt >= Math.floor(identitySince / 1000)) return claims
  return { ...claims, faceVerifiedAt: null, faceVerificationId: null }
}

function readClaims(payload: JWTPayload, own: boolean, { audience, adminAudience }: TokenRules): Claims {
  // Who may act for whom is for the hub to say, by a mandate; another issuer's word is not taken.
  if (!own && payload['act'] !== undefined) throw new errors.JWTClaimValidationFailed('act is the hub’s own claim', payload, 'act')
  const text = (name: string) => (typeof payload[name] === 'string' && payload[name] !== '' ? payload[name].slice(0, 200) : null)
  const names = (name: string) => [payload.aud].flat().includes(name)
  const at = payload['face_verified_at']
  const loginAt = Math.min(Number(payload['auth_time'] ?? payload.iat) * 1000, Date.now())
  return {
    issuer: String(payload.iss),
    forAdmin: !own && names(adminAudience),
    forHub: own || names(audience),
    subject: String(payload.sub),
    app: text('client_id') ?? text('azp'),
    purpose: text('purpose'),
    faceVerifiedAt: typeof at === 'number' && Number.isFinite(at) ? at : null,
    faceVerificationId: text('face_verification_id'),
    enterprise: text('enterprise'),
    authenticatedAt: !own && Number.isFinite(loginAt) ? loginAt : null,
    loginProven: !own && typeof payload['auth_time'] === 'number',
    methods: own ? [] : methodsOf(payload['amr']),
    connector: own ? String(payload.aud) : null,
    scope: own ? String(payload['scope'] ?? '').split(' ') : [],
    tokenId: text('jti'),
    logIn: own ? null : logInOf(payload, text('sid')),
    device: own ? null : deviceIn(text('device_id'), text('device_name')),
    expiresAt: Number(payload.exp) * 1000 + CLOCK_TOLERANCE_SECONDS * 1000,
  }
}

/** The session of the issuer (OpenID Connect Front-Channel Logout 1.0 §3), else when he logged in at which client, else the token alone. */
function logInOf(payload: JWTPayload, session: string | null): string {
  if (session !== null) return `sid:${session}`
  const { auth_time: at, jti, iat, exp, client_id: client } = payload
  if (typeof at === 'number') return `at:${at}:${client}`
  return jti === undefined ? `token:${iat}:${exp}:${client}` : `jti:${jti}`
}

function deviceIn(id: string | null, name: string | null): Claims['device'] {
  return id === null ? null : { id, name }
}
