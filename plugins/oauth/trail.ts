import type { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { HubError, toProblem } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { AuditLog } from '../audit/log.ts'
import { pseudonymOf } from '../users/users.ts'
import type { Grants } from './grants.ts'
import type { Revocation } from './revocation.ts'

/** One call at the authorization server. `started`: monotonic clock, milliseconds. */
export type Call = AuditEntry & { readonly started: number }

export interface TrailOptions {
  audit: AuditLog
  vault: Vault
  grants: Grants
  revocation: Revocation
  log: Pick<Log, 'warn' | 'error'>
  callOf(request: IncomingMessage): Call
}

interface Failure {
  error?: string
}

const FAILURES = [
  'authorization.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
  'end_session.error',
] as const

/** Public documents, and the browser's question before a call. */
const PUBLIC = /^(discovery|jwks|cors\..*)$/

/**
 * What the hub does around every request of oidc-provider: grants that it revoked are ended in full, and
 * the audit row is committed, before the answer leaves. Reuse of a code or token is in row and log.
 */
export function attachTrail(provider: Provider, { audit, vault, grants, revocation, log, callOf }: TrailOptions): void {
  for (const event of FAILURES) {
    provider.on(event as 'grant.error', (ctx, error) => {
      ctx.state['failure'] = error
    })
  }
  provider.on('server_error', (ctx, error) => {
    ctx.state['failure'] = { error: 'server_error' } satisfies Failure
    log.error({ err: error, path: ctx.path, traceId: callOf(ctx.req).traceId }, '授权服务出错')
  })
  provider.on('grant.revoked', (ctx, grantId) => {
    revokedIn(ctx).add(grantId)
  })
  // Koa's own; without a listener it writes to the console.
  provider.on('error' as 'server_error', (error: unknown) => log.error({ err: error }, '授权服务出错'))

  provider.use(async (ctx, next) => {
    const context = ctx as unknown as KoaContextWithOIDC
    const call = callOf(ctx.req)
    await next()
    const { oidc } = context
    if (PUBLIC.test(oidc?.route ?? '')) return
    // On record with the others that its address began (plugins/address-limit.ts).
    if ((ctx.state['failure'] as Failure | undefined)?.error === 'temporarily_unavailable') return
    try {
      await endRevoked(context, call)
      note(context, call)
      const grant = call.outcome === 'ok' ? oidc?.entities.Grant : undefined
      if (grant?.jti) await grants.touch(grant.jti)
      await audit.write(call)
    } catch (error) {
      withhold(context, call, error)
    }
  })

  async function endRevoked(ctx: KoaContextWithOIDC, call: Call): Promise<void> {
    for (const grantId of revokedIn(ctx)) {
      await revocation.revoke(grantId)
      // At the token endpoint oidc-provider revokes for one reason only.
      if (ctx.oidc.route !== 'token') continue
      const { params, client } = ctx.oidc
      const reused = params?.['grant_type'] === 'refresh_token' ? 'refresh-token-reused' : 'code-reused'
      call.outcome = `invalid_grant/${reused}`
      log.warn({ client: client?.clientId, grant: grantId, reused, traceId: call.traceId }, '授权凭证被重复使用，已撤销整个授权')
    }
  }

  function note(ctx: KoaContextWithOIDC, call: Call): void {
    const { oidc } = ctx
    const failure = ctx.state['failure'] as Failure | undefined
    const accountId = oidc?.entities.Account?.accountId ?? oidc?.entities.Session?.accountId
    call.service ??= `oauth.${oidc?.route ?? 'unknown'}`
    call.app ??= oidc?.client?.clientId ?? null
    call.user ??= accountId === undefined ? null : pseudonymOf(vault, accountId)
    call.status = ctx.status
    call.durationMs = Math.round((performance.now() - call.started) * 10) / 10
    if (call.outcome === '') call.outcome = failure?.error ?? (ctx.status < 400 ? 'ok' : 'invalid_request')
    if (oidc?.route === 'userinfo' && call.outcome === 'ok') call.fields = Object.keys(ctx.body as object)
  }

  /** What was done stays done, but nobody learns its result without a row. */
  function withhold(ctx: KoaContextWithOIDC, call: Call, error: unknown): void {
    if (!(error instanceof HubError)) log.error({ err: error, traceId: call.traceId }, '授权服务出错')
    for (const name of ctx.res.getHeaderNames()) ctx.remove(name)
    const problem = error instanceof HubError ? error : new HubError('HUB_STORE_UNAVAILABLE', {}, error)
    ctx.status = problem.status
    ctx.type = 'application/problem+json'
    ctx.body = JSON.stringify(toProblem(problem, call.traceId))
  }
}

/** Grants that a request revoked, whoever found that they must be. */
export function revokedIn(ctx: KoaContextWithOIDC): Set<string> {
  const known = ctx.state['revoked'] as Set<string> | undefined
  const set = known ?? new Set<string>()
  ctx.state['revoked'] = set
  return set
}
