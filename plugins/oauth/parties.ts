import { errors, type Grant, type Provider } from 'oidc-provider'
import { HubError } from '../../core/base/errors.ts'
import { isId } from '../../core/base/ids.ts'
import { CLOCK_TOLERANCE_MS, type Claims, type TokenVerifier, withoutFormerFace } from '../users/tokens.ts'
import type { User, Users } from '../users/users.ts'
import type { OAuthClient } from './clients.ts'
import type { Delegations, Role } from './delegations.ts'

/** RFC 8693 §3, and this hub's own for a subject who has no token to show. */
export const TYPES = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  /** Hub id of an enterprise; the actor must be its agent or legal representative. */
  enterprise: 'urn:xuchang-hub:token-type:enterprise',
  /** Hub id of a child's account; the actor must be the guardian. */
  ward: 'urn:xuchang-hub:token-type:ward',
} as const

const REPRESENTED: readonly string[] = [TYPES.enterprise, TYPES.ward]

export interface ExchangeParameters {
  subject_token?: string
  subject_token_type?: string
  actor_token?: string
  actor_token_type?: string
  requested_token_type?: string
  audience?: string
  resource?: string
  scope?: string
  purpose?: string
}

/** Who asks, for whom, and what bounds the answer. */
export interface Parties {
  /** Whose verified identity the token will carry. */
  user: User
  delegation: { role: Role; actorId: string; subjectId: string } | null
  /** Lists of scopes, each of which bounds the token. */
  bounds: readonly (readonly string[])[]
  /** The grant that ends the token. */
  grantId: string | null
  grant: Grant | null
  /** Epoch milliseconds: the token ends no later. */
  expiresAt: number
  /** Of the token that stands for a person who was there: epoch seconds, and an id. */
  face: { verifiedAt: number | null; id: string | null }
}

export interface PartiesReader {
  /** Throws errors of RFC 8693 §2.2.2. */
  read(provider: Provider, client: OAuthClient, params: ExchangeParameters): Promise<Parties>
  /** Throws unless a mandate in force covers the scope, where somebody acts for somebody else. */
  assertMandate(parties: Parties, scope: string): Promise<void>
}

type Bearer = Omit<Parties, 'delegation'>

/** Throws where the log-in of a token was ended, or does not do for an exchange. */
type AssertStanding = (claims: Claims, user: User) => unknown

export function createPartiesReader(
  tokens: TokenVerifier,
  users: Users,
  delegations: Delegations,
  assertStanding: AssertStanding,
): PartiesReader {
  async function read(provider: Provider, client: OAuthClient, params: ExchangeParameters): Promise<Parties> {
    const { subject_token: subject, subject_token_type: type, actor_token: actor, actor_token_type: actorType } = params
    if (!subject || !type) throw new errors.InvalidRequest('subject_token and subject_token_type are required')
    if ((actor === undefined) !== (actorType === undefined)) throw new errors.InvalidRequest('actor_token and actor_token_type go together')
    // What a user grants a third party he grants for himself, so only the app may act for others.
    if (!client.trusted && (actor !== undefined || REPRESENTED.includes(type)))
      throw new errors.UnauthorizedClient('this client may not ask for delegation')
    const acting = actor === undefined || actorType === undefined ? null : await bearerOf(provider, client, actor, actorType)

    if (REPRESENTED.includes(type)) {
      if (!acting) throw new errors.InvalidRequest('this subject needs an actor_token')
      if (!isId(subject)) throw new errors.InvalidRequest('this subject is an id of the hub, in lower case')
      const role = type === TYPES.enterprise ? 'agent' : 'guardian'
      const user = role === 'agent' ? acting.user : await refusing(() => users.byId(subject))
      return { ...acting, user, delegation: { role, actorId: acting.user.id, subjectId: subject } }
    }
    const bearer = await bearerOf(provider, client, subject, type)
    if (!acting) return { ...bearer, delegation: null }
    const own = acting.user.id === bearer.user.id
    return {
      ...bearer,
      delegation: own ? null : { role: 'operator', actorId: acting.user.id, subjectId: bearer.user.id },
      bounds: [...bearer.bounds, ...acting.bounds],
      expiresAt: Math.min(bearer.expiresAt, acting.expiresAt),
    }
  }

  function bearerOf(provider: Provider, client: OAuthClient, token: string, type: string): Promise<Bearer> {
    if (type !== TYPES.accessToken && type !== TYPES.jwt) throw new errors.InvalidRequest('unsupported token type')
    return token.includes('.') ? ofApp(client, token) : ofHub(provider, client, token)
  }

  /** A token of the app's issuer stands for the whole of a user, so only the app itself may trade with it. */
  async function ofApp({ trusted }: OAuthClient, token: string): Promise<Bearer> {
    const given = await refusing(async () => tokens.verify(token))
    if (given.connector !== null) throw new errors.InvalidRequest('the token is for another audience')
    if (!trusted) throw new errors.UnauthorizedClient('this client may not exchange tokens of the app')
    const user = await refusing(async () => users.bySubject(given.issuer, given.subject))
    await refusing(async () => assertStanding(given, user))
    const claims = withoutFormerFace(given, user)
    const face = { verifiedAt: claims.faceVerifiedAt, id: claims.faceVerificationId }
    return { user, bounds: [], grantId: null, grant: null, expiresAt: claims.expiresAt - CLOCK_TOLERANCE_MS, face }
  }

  /** A token that the hub gave to this client, for what its user granted and has not taken back. */
  async function ofHub(provider: Provider, { id }: OAuthClient, value: string): Promise<Bearer> {
    const token = await provider.AccessToken.find(value)
    const grant = token?.clientId === id && token.aud === undefined ? await provider.Grant.find(token.grantId) : undefined
    if (!token || !grant || grant.clientId !== id || grant.accountId !== token.accountId)
      throw new errors.InvalidRequest('the token is unknown, expired, revoked or another client’s')
    const user = await refusing(() => users.byId(token.accountId))
    const scopes = grant.getOIDCScopeFiltered(token.scopes).split(' ')
    const expiresAt = Math.min(token.exp ?? 0, grant.exp ?? 0) * 1000
    return { user, bounds: [scopes], grantId: token.grantId, grant, expiresAt, face: { verifiedAt: null, id: null } }
  }

  return {
    read,
    async assertMandate({ delegation }, scope) {
      if (!delegation) return
      const { role, actorId, subjectId } = delegation
      if (!(await refusing(() => delegations.allows(role, actorId, subjectId, scope))))
        throw new errors.InvalidRequest('no mandate in force allows the actor to act for the subject')
    },
  }
}

/** A token or account that the hub refuses makes the request invalid (RFC 8693 §2.2.2); trouble stays trouble. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HubError && error.code === 'HUB_ENTERPRISE_FROZEN')
      throw new errors.InvalidRequest('the enterprise is frozen (HUB_ENTERPRISE_FROZEN)', undefined, { cause: error })
    if (error instanceof HubError && error.code === 'HUB_FACE_REQUIRED')
      throw new errors.InvalidRequest('a face verification is needed on this device (HUB_FACE_REQUIRED)', undefined, { cause: error })
    if (error instanceof HubError && error.status < 500)
      throw new errors.InvalidRequest('the token or its account is not valid', undefined, { cause: error })
    throw error
  }
}
