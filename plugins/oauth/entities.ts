import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'

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

/**
 * `onReuse` is called, and awaited, when something that works once is used again at the same moment in
 * another request or process; a later reuse is found by oidc-provider itself. It should throw.
 */
export function createEntities(database: Database, vault: Vault, onReuse: (model: string, grantId: string) => Promise<void>): Entities {
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

    async function find(filter: { id_hash: string } | { uid_hash: string }): Promise<AdapterPayload | undefined> {
      const row = await where(filter).first()
      return row ? open(row as EntityRow) : undefined
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
      find: (id) => find({ id_hash: hash(id) }),
      findByUid: (uid) => find({ uid_hash: hash(uid) }),
      findByUserCode: async () => undefined,
      async consume(id) {
        const id_hash = hash(id)
        // Of two requests with the same code or token, one changes the row.
        if ((await where({ id_hash }).whereNull('consumed_at').update({ consumed_at: Date.now() })) === 1) return
        const row = await where({ id_hash }).first('grant_id')
        await onReuse(model, row?.grant_id ?? '')
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
