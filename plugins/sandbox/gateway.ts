import { randomBytes } from 'node:crypto'
import { type SignatureForm, sealSecret, signature } from '../../core/dialects/exchange-crypto.ts'
import type { Active } from './faults.ts'
import type { Timing } from './timing.ts'

const BEIJING_MS = 8 * 3_600_000
const DAY_MS = 86_400_000
/** Secrets of one service that are remembered: those in force and the last ones past. */
const REMEMBERED = 8

export interface Account {
  requesterId: string
  appKey: string
}

/** The four values that every request carries (standards.md §1.1). */
export interface Credentials {
  rid: string
  sid: string
  rtime: string
  sign: string
}

/** What the gateway answers itself instead of passing a request on. */
export interface Refusal {
  code: string
  message: string
}

/** The form in which a service's requests are signed, as its connector has chosen it. */
export interface GatewayForm {
  signature: SignatureForm
  timeUnit: 'ms' | 's'
  secret: 'daily' | 'static'
}

export interface Gateway {
  /** Hands out a secret, or says why not. */
  refresh(credentials: Credentials, faults: Active, form: GatewayForm): { secret: string; secretEndTime: number } | Refusal
  /** → null where the request may pass. */
  check(credentials: Credentials, faults: Active, form: GatewayForm): Refusal | null
  /** How often secrets of a service were handed out. */
  refreshes(sid: string): number
}

const UNKNOWN_REQUESTER: Refusal = { code: 'E-106', message: '请求者不在授权列表中' }
const UNKNOWN_SERVICE: Refusal = { code: '-1', message: '接口调用失败：服务未订阅' }
const BAD_SIGN: Refusal = { code: '-1', message: '签名验证失败' }
const SKEWED: Refusal = { code: '-1', message: '请求时间超出允许范围' }
const EXPIRED: Refusal = { code: '-1', message: '密钥已过期' }

/** The platform's gate: who calls, for which service, signed with what, and when. */
export function createGateway({ requesterId, appKey }: Account, isService: (sid: string) => boolean, timing: Timing): Gateway {
  const secrets = new Map<string, { value: string; endsAt: number }[]>()
  const refreshes = new Map<string, number>()

  function identify({ rid, sid, rtime }: Credentials, faults: Active, { timeUnit }: GatewayForm): Refusal | null {
    if (rid !== requesterId) return UNKNOWN_REQUESTER
    if (!isService(sid)) return UNKNOWN_SERVICE
    if (faults.has('bad-sign')) return BAD_SIGN
    const fault = faults.get('clock-skew')
    const clock = Date.now() + (fault ? (fault.ms ?? 600_000) : 0)
    const at = timeUnit === 's' ? Number(rtime) * 1000 : Number(rtime)
    return /^\d{10,13}$/.test(rtime) && Math.abs(clock - at) <= timing.skewMs ? null : SKEWED
  }

  return {
    refresh(credentials, faults, form) {
      const refusal = identify(credentials, faults, form)
      if (refusal) return refusal
      if (credentials.sign !== signature(credentials, appKey, form.signature)) return BAD_SIGN
      const { sid } = credentials
      const value = randomBytes(16).toString('hex')
      const endsAt = timing.secretLifeMs === null ? endOfDay(Date.now()) : Date.now() + timing.secretLifeMs
      const others = timing.oneSecretAtATime ? [] : (secrets.get(sid) ?? [])
      secrets.set(sid, [{ value, endsAt }, ...others].slice(0, REMEMBERED))
      refreshes.set(sid, (refreshes.get(sid) ?? 0) + 1)
      return { secret: sealSecret(value, appKey), secretEndTime: endsAt }
    },
    check(credentials, faults, form) {
      const { sid, sign } = credentials
      const refusal = identify(credentials, faults, form)
      if (refusal) return refusal
      if (form.secret === 'static') return sign === signature(credentials, appKey, form.signature) ? null : BAD_SIGN
      if (faults.has('secret-expired') || faults.has('secret-rotated')) secrets.delete(sid)
      if (faults.has('secret-expired')) return EXPIRED
      const secret = secrets.get(sid)?.find(({ value }) => signature(credentials, value, form.signature) === sign)
      if (!secret) return BAD_SIGN
      return secret.endsAt < Date.now() ? EXPIRED : null
    },
    refreshes: (sid) => refreshes.get(sid) ?? 0,
  }
}

/** 23:59:59 in Beijing, when the platform changes its secrets; in the very last second, tomorrow's. */
export function endOfDay(now: number): number {
  return Math.floor((now + BEIJING_MS + 1000) / DAY_MS + 1) * DAY_MS - BEIJING_MS - 1000
}
