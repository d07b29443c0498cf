import type { FastifyBaseLogger } from 'fastify'
import type { Entities } from './entities.ts'
import type { Grants } from './grants.ts'

export interface RevokedGrant {
  id: string
  userId: string
  clientId: string
}

/** Ends what was derived from a grant elsewhere, such as an agency's tokens. Called again until it succeeds. */
export type GrantRevokedHook = (grant: RevokedGrant) => Promise<void>

export interface Revocation {
  /**
   * Ends a grant: once this resolves, every token of it is refused in every process and every hook has
   * run. False where there is none (of this user). Rejects when a hook fails; the tokens are dead even so.
   */
  revoke(grantId: string, userId?: string): Promise<boolean>
  /** Ends all grants of a user; → how many there were. */
  revokeAllOf(userId: string): Promise<number>
  /** Takes up again what a failure interrupted. */
  resume(): Promise<void>
}

export interface RevocationOptions {
  grants: Grants
  entities: Entities
  hooks: readonly GrantRevokedHook[]
  log: Pick<FastifyBaseLogger, 'warn'>
}

export function createRevocation({ grants, entities, hooks, log }: RevocationOptions): Revocation {
  async function revoke(grantId: string, userId?: string): Promise<boolean> {
    const owner = await grants.kill(grantId, userId)
    if (!owner) return false
    await entities.revoke(grantId)
    for (const hook of hooks) await hook({ id: grantId, ...owner })
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
