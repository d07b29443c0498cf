import type { Log } from '../../core/base/log.ts'
import type { Entities } from './entities.ts'
import type { Grants } from './grants.ts'

export interface Revocation {
  /**
   * Ends a grant: once its row is marked, which is the first thing done, everything derived from it is refused
   * in every process; then it is deleted. False where there is none (of this user).
   */
  revoke(grantId: string, userId?: string): Promise<boolean>
  /** Ends all grants of a user; → how many there were. */
  revokeAllOf(userId: string): Promise<number>
  /** Deletes what a failure, or whoever marked grants himself, left of dead ones. */
  resume(): Promise<void>
}

export interface RevocationOptions {
  grants: Grants
  entities: Entities
  log: Pick<Log, 'warn'>
}

export function createRevocation({ grants, entities, log }: RevocationOptions): Revocation {
  async function revoke(grantId: string, userId?: string): Promise<boolean> {
    if (!(await grants.kill(grantId, userId))) return false
    await entities.revoke(grantId)
    await grants.bury(grantId)
    return true
  }

  return {
    revoke,
    async revokeAllOf(userId) {
      const ids = await grants.ofUser(userId)
      for (const id of ids) await revoke(id)
      return ids.length
    },
    async resume() {
      for (const id of await grants.dead())
        await revoke(id).catch((error: unknown) => log.warn({ err: error, grant: id }, '授权的撤销尚未完成'))
    },
  }
}
