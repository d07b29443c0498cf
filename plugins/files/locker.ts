import { setTimeout as sleep } from 'node:timers/promises'
import type { Lock, Locker } from '@tus/server'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Leases } from '../../core/base/leases.ts'
import type { FileRow } from './rows.ts'

/** Times in milliseconds. */
export interface LockPace {
  /** A process that died holds an upload no longer than this. */
  leaseMs: number
  /** Between two looks: at whether the lease is free, and at whether somebody waits for it. */
  lookMs: number
  /** How long somebody waits for whoever has it. */
  waitMs: number
}

export const defaultLockPace: LockPace = { leaseMs: 15_000, lookMs: 500, waitMs: 20_000 }

/**
 * One writer for an upload, whichever process has it in hand: a lease on its row, renewed while it is held. Whoever
 * comes later says so in the row, and the holder, perhaps of a connection long dead, lets go (tus, Locker).
 */
export function createLocker(database: Database, leases: Leases<FileRow>, pace: LockPace = defaultLockPace): Locker {
  return { newLock: (id) => createLock(database, leases, pace, id) }
}

function createLock(database: Database, leases: Leases<FileRow>, { leaseMs, lookMs, waitMs }: LockPace, id: string): Lock {
  let owner: string | null = null
  let renewing: NodeJS.Timeout | undefined

  async function keep(held: string, cancel: () => void): Promise<void> {
    const kept = await leases.write(id, held, { lease_until: Date.now() + leaseMs })
    const row = kept ? await leases.find(id) : undefined
    // Lost, or wanted elsewhere: what has come so far is stored, and the writer resumes.
    if (!kept || row?.lease_wanted) cancel()
  }

  return {
    async lock(signal, requestRelease) {
      for (const end = Date.now() + waitMs; ; ) {
        if (signal.aborted) throw new HubError('HUB_FILE_STATE', { detail: '请求已经中断。' })
        const now = Date.now()
        owner = await leases.lease(id, now, now + leaseMs)
        if (owner !== null) break
        // A new upload, whose id nobody knows yet, has no row to hold; one that is not there is found missing later.
        if (!(await leases.find(id))) return
        if (now >= end) throw new HubError('HUB_FILE_STATE', { detail: '这个文件正在从别处上传，请稍后再试。', retryAfter: 5 })
        await database('files').where({ id }).update({ lease_wanted: 1 })
        await sleep(lookMs)
      }
      const held = owner
      await leases.write(id, held, { lease_wanted: 0 })
      renewing = setInterval(() => void keep(held, requestRelease).catch(() => undefined), lookMs).unref()
    },
    async unlock() {
      clearInterval(renewing)
      if (owner !== null) await leases.release(id, owner)
      owner = null
    },
  }
}
