import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { successorOf } from './refresh-reuse.ts'

/** Codes, tokens, sessions and interactions of the authorization server: hashed ids, sealed contents. */
export interface Entities {
  adapter(model: string): Adapter
  /** Everything that hangs on a grant is gone when this resolves. */
  revoke(grantId: string): Promise<void>
  purge(): Promise<void>
}

interface EntityRow {
  id_hash: string
  payload_sealed: string
  grant_id: string | null
  consumed_at: number | string | null
}

const sealContext = (idHash: string) => `oidc_entities.payload:${idHash}`

/** Whose it is, and who acts with it: ids by which plugins/oauth/end-all.ts finds it. */
function ownersOf(payload: AdapterPayload): { user_id: string | null; actor_user_id: string | null } {
  const { accountId, session, actorId } = payload as AdapterPayload & { session?: { accountId?: string }; actorId?: string }
  return { user_id: accountId ?? session?.accountId ?? null, actor_user_id: actorId ?? null }
}

export interface EntitiesOptions {
  /** How long a refresh token may be used once more, for the same answer; 0 for never. */
  reuseMs: number
  /**
   * Called, and awaited, when something that works once is used again at the same moment in another request or
   * process; a later reuse is found by oidc-provider itself. It should throw.
   */
  onReuse(model: string, grantId: string): Promise<void>
  /** Told of a refresh token that was used once more within `reuseMs`. */
  onRepeat(grantId: string): void
}

export function createEntities(database: Database, vault: Vault, { reuseMs, onReuse, onRepeat }: EntitiesOptions): Entities {
  const revoking = new Map<string, Promise<void>>()

  function revoke(grantId: string): Promise<void> {
    // oidc-provider asks once for each kind of token; one statement deletes them all.
    const running = revoking.get(grantId)
    if (running) return running
    const work = transact(database, async (transaction) => {
      await transaction('oidc_entities').where({ grant_id: grantId }).delete()
    }).finally(() => revoking.delete(grantId))
    revoking.set(grantId, work)
    return work
  }

  function open({ id_hash, payload_sealed, consumed_at }: EntityRow): AdapterPayload {
    const payload = JSON.parse(vault.open(payload_sealed, sealContext(id_hash))) as AdapterPayload
    return consumed_at === null ? payload : { ...payload, consumed: Math.floor(Number(consumed_at) / 1000) }
  }

  function adapter(model: string): Adapter {
    const hash = (id: string) => vault.fingerprint(id, `oidc.${model}`)
    const where = (filter: Partial<EntityRow> & { uid_hash?: string }) => database<EntityRow>('oidc_entities').where(filter as object)

    async function find(filter: { id_hash: string } | { uid_hash: string }): Promise<EntityRow | undefined> {
      return (await where(filter).first()) as EntityRow | undefined
    }

    /** Used, and yet good for the same answer once more: just now, or by a hub that died before it had a successor. */
    async function isRepeatable(id: string, { consumed_at }: Pick<EntityRow, 'consumed_at'>): Promise<boolean> {
      if (model !== 'RefreshToken' || reuseMs === 0) return false
      if (Date.now() - Number(consumed_at) < reuseMs) return true
      return (await find({ id_hash: hash(successorOf(vault, id)) })) === undefined
    }

    return {
      async upsert(id, payload, expiresIn = 0) {
        const id_hash = hash(id)
        const row = {
          id_hash,
          model,
          payload_sealed: vault.seal(JSON.stringify(payload), sealContext(id_hash)),
          grant_id: payload.grantId ?? null,
          ...ownersOf(payload),
          uid_hash: model === 'Session' && payload.uid ? hash(payload.uid) : null,
          expires_at: Date.now() + expiresIn * 1000,
        }
        await transact(database, async (transaction) => {
          await transaction('oidc_entities').insert(row).onConflict('id_hash').merge()
        })
      },
      async find(id) {
        const row = await find({ id_hash: hash(id) })
        if (!row) return undefined
        const isFresh = row.consumed_at === null || (await isRepeatable(id, row))
        return open(isFresh ? { ...row, consumed_at: null } : row)
      },
      async findByUid(uid) {
        const row = await find({ uid_hash: hash(uid) })
        return row && open(row)
      },
      findByUserCode: async () => undefined,
      async consume(id) {
        const id_hash = hash(id)
        // Of two requests with the same code or token, one changes the row.
        if ((await where({ id_hash }).whereNull('consumed_at').update({ consumed_at: Date.now() })) === 1) return
        const row = await find({ id_hash })
        if (!row || row.consumed_at === null || !(await isRepeatable(id, row))) return onReuse(model, row?.grant_id ?? '')
        onRepeat(row.grant_id ?? '')
      },
      async destroy(id) {
        await where({ id_hash: hash(id) }).delete()
      },
      revokeByGrantId: revoke,
    }
  }

  return {
    adapter,
    revoke,
    async purge() {
      await database('oidc_entities').where('expires_at', '<', Date.now()).delete()
    },
  }
}
