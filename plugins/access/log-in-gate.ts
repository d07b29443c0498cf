import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import { deviceName } from '../sign-on/log-ins/describe.ts'
import type { LogIns, StoredLogIn } from '../sign-on/log-ins/log-ins.ts'
import type { Claims } from '../users/tokens.ts'
import type { User } from '../users/users.ts'

/** Whether the log-in that a token belongs to still stands. */
export interface LogInGate {
  /**
   * → id of the log-in; null for a token that is none of the app's. Throws HUB_TOKEN_INVALID for one that was ended. Without a promise
   * for one seen before, unless a log-in of the user's was ended since. `request` tells the address and the device, where there is one.
   */
  admit(claims: Claims, user: User, request: Pick<FastifyRequest, 'ip' | 'headers'> | null): string | null | Promise<string>
}

/** When it was last seen is written no more often than this. */
const STEP_MS = 10 * 60_000
const MOST = 20_000

interface Known {
  id: string
  userId: string
  /** As the user's count of ended log-ins was when it was found to stand. */
  times: number
  seenAt: number
  expiresAt: number
}

export function createLogInGate({ logIns, log }: { logIns: LogIns; log: Pick<Log, 'warn'> }): LogInGate {
  const recent = new LRUCache<string, Known>(atMost(MOST))

  /** Beside the call: what is lost is when it was last seen. */
  function touch(known: Known, now: number, expiresAt: number): void {
    known.seenAt = now
    known.expiresAt = Math.max(expiresAt, known.expiresAt)
    logIns.touch(known.id, now, known.expiresAt).catch((error: unknown) => log.warn({ err: error }, '登录记录未能更新'))
  }

  async function look(key: string, claims: Claims, user: User, request: Pick<FastifyRequest, 'ip' | 'headers'> | null): Promise<string> {
    const id = logIns.idOf('app', key)
    const found = (await logIns.find(id)) ?? (await begin(id, claims, user, request))
    if (found.ended_at !== null) throw over()
    const known = { id, userId: user.id, times: user.logInsEnded.times, seenAt: Number(found.seen_at), expiresAt: Number(found.expires_at) }
    recent.set(key, known)
    return id
  }

  async function begin(
    id: string,
    claims: Claims,
    user: User,
    request: Pick<FastifyRequest, 'ip' | 'headers'> | null,
  ): Promise<StoredLogIn> {
    const name = deviceName(request?.headers['user-agent'])
    const { device, app, expiresAt, loginProven, authenticatedAt } = claims
    const logIn = {
      ...{ id, userId: user.id, kind: 'app' as const, application: app?.slice(0, 64) ?? null },
      device: device && { handle: device.id, name: device.name?.slice(0, 100) ?? name ?? '未命名的设备' },
      ...{ deviceName: device?.name?.slice(0, 100) ?? name, address: request?.ip ?? null, expiresAt },
      ...{ proven: loginProven, signedOnAt: authenticatedAt ?? Date.now() },
    }
    // What this process remembers of the user may be of before he ended all of them; a log-in that is noted stays.
    const noted = await logIns.note(logIn, authenticatedAt)
    if (!noted) throw over()
    return noted
  }

  return {
    admit(claims, user, request) {
      if (claims.logIn === null) return null
      const key = `${claims.issuer}\0${claims.subject}\0${claims.logIn}`
      const known = recent.get(key)
      if (known?.times !== user.logInsEnded.times || known.userId !== user.id) return look(key, claims, user, request)
      const now = Date.now()
      if (claims.expiresAt > known.expiresAt || now - known.seenAt > STEP_MS) touch(known, now, claims.expiresAt)
      return known.id
    },
  }
}

const over = () => new HubError('HUB_TOKEN_INVALID', { detail: '这次登录已经结束，请重新登录。' })
