import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { serves } from '../mandates/scope.ts'
import { pseudonymOf } from '../users/users.ts'
import { type Clients, SECTOR, TOKEN_EXCHANGE } from './clients.ts'
import type { ExchangedTokens } from './exchanged.ts'
import { pairwise } from './pairwise.ts'
import { type ExchangeParameters, type Parties, type PartiesReader, TYPES } from './parties.ts'
import { holds, meet, type Scope } from './scopes.ts'
import type { Call } from './trail.ts'

const MAX_SECONDS = 300
const PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
  'purpose',
] as const

export interface ExchangeOptions {
  vault: Vault
  clients: Clients
  parties: PartiesReader
  exchanged: ExchangedTokens
  /** Ids of the connectors: the audiences that there are. */
  connectors: ReadonlySet<string>
  services: readonly CompiledService[]
  scopes: ReadonlyMap<string, Scope>
  callOf(request: TokenEndpointGrantContext['req']): Call
}

/**
 * RFC 8693: a token of the app's issuer, or of the hub itself, becomes a token of the hub for one
 * connector. It can do no more than each of those involved could: subject, actor, client and mandate.
 */
export function registerTokenExchange(provider: Provider, options: ExchangeOptions): void {
  const { vault, clients, parties, exchanged, connectors, services, scopes, callOf } = options

  async function exchange(ctx: TokenEndpointGrantContext<ExchangeParameters>): Promise<void> {
    const { client, params } = ctx.oidc
    const call = callOf(ctx.req)
    const audience = audienceOf(params, connectors)
    call.connector = audience
    call.purpose = purposeOf(params)
    const registered = await clients.find(client.clientId)
    if (!registered) throw new errors.InvalidClient('client is not active')

    const found = await parties.read(provider, registered, params)
    call.user = found.user.pseudonym
    if (found.delegation) {
      const { role, actorId, subjectId } = found.delegation
      if (role === 'agent') call.enterprise = subjectId
      else call.actor = pseudonymOf(vault, actorId)
    }
    const scope = scopeOf(params, audience, usable(found, audience), [registered.scopes, ...found.bounds], scopes)
    for (const each of scope) await parties.assertMandate(found, each)

    const seconds = Math.min(MAX_SECONDS, Math.floor((found.expiresAt - Date.now()) / 1000))
    if (seconds < 1) throw new errors.InvalidRequest('the subject or actor token is about to expire')
    const token = new provider.AccessToken({
      client,
      accountId: found.delegation?.subjectId ?? found.user.id,
      grantId: found.grantId ?? '',
      gty: TOKEN_EXCHANGE,
      scope: scope.join(' '),
      resourceServer: new provider.ResourceServer(audience, {
        scope: scope.join(' '),
        audience,
        accessTokenTTL: seconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    })
    ctx.state['tokenClaims'] = claimsFor(found, call.purpose, (id) => pairwise(vault, String(client[SECTOR]), id))
    const value = await token.save()
    const { user, grantId, delegation } = found
    await exchanged.save(token.jti, { userId: user.id, grantId, clientId: client.clientId, delegation }, seconds)
    if (found.grant) ctx.oidc.entity('Grant', found.grant)
    ctx.body = {
      access_token: value,
      issued_token_type: TYPES.accessToken,
      token_type: 'Bearer',
      expires_in: seconds,
      scope: scope.join(' '),
    }
  }

  /** The connector as a whole, or the services in which somebody of the role may act for another at all. */
  function usable({ delegation }: Parties, audience: string): string[] {
    if (!delegation) return [audience]
    const { role } = delegation
    return services.flatMap(({ key, connector, contract }) => (connector.id === audience && serves[role](contract) ? [key] : []))
  }

  provider.registerGrantType<ExchangeParameters>(TOKEN_EXCHANGE, exchange, PARAMETERS)
}

function audienceOf({ audience, resource, requested_token_type: type }: ExchangeParameters, connectors: ReadonlySet<string>): string {
  if (type !== undefined && type !== TYPES.accessToken && type !== TYPES.jwt)
    throw new errors.InvalidRequest('unsupported requested_token_type')
  if (resource !== undefined) throw new errors.InvalidTarget('name the connector as audience')
  if (audience === undefined || !connectors.has(audience)) throw new errors.InvalidTarget('audience is missing, or no connector')
  return audience
}

/** 事项: a short line for people. */
function purposeOf({ purpose }: ExchangeParameters): string | null {
  if (purpose === undefined || purpose === '') return null
  if (purpose.length > 100 || /\p{C}/u.test(purpose)) throw new errors.InvalidRequest('purpose: at most 100 printable characters')
  return purpose
}

/**
 * What was asked for, or else everything that all bounds allow of what is usable. Where somebody acts for
 * somebody else, the connector's name stands for that, too.
 */
function scopeOf(
  { scope }: ExchangeParameters,
  audience: string,
  usable: readonly string[],
  bounds: readonly (readonly string[])[],
  known: ReadonlyMap<string, Scope>,
): string[] {
  const allowed = bounds.reduce<string[]>((all, bound) => meet(all, bound), [...usable])
  const whole = (each: string) => (each === audience && !usable.includes(each) ? allowed : [each])
  const wanted = scope === undefined ? allowed : [...new Set(scope.split(' ').flatMap(whole))]
  const beyond = wanted.filter((each) => !known.has(each) || !holds(allowed, each))
  if (beyond.length > 0 || wanted.length === 0) throw new errors.InvalidScope('the scope exceeds what was granted', beyond.join(' '))
  return wanted
}

/** RFC 8693 §4.1, and what connectors ask of a token of the app. */
function claimsFor({ delegation, face }: Parties, purpose: string | null, subjectOf: (id: string) => string) {
  return {
    ...(purpose === null ? {} : { purpose }),
    ...(delegation ? { act: { sub: subjectOf(delegation.actorId), role: delegation.role } } : {}),
    ...(face.verifiedAt === null ? {} : { face_verified_at: face.verifiedAt }),
    ...(face.id === null ? {} : { face_verification_id: face.id }),
  }
}
