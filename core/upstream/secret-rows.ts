import type { Database } from '../base/database.ts'
import { createLeases, guarded, type Leases } from '../base/leases.ts'

/** One row of `upstream_secrets`. Times are epoch milliseconds, 0 for never. */
export interface SecretRow {
  sealed: string | null
  obtainedAt: number
  expiresAt: number
  failures: number
  retryAt: number
}

/** What a secret store asks of the database. All reject with HUB_STORE_UNAVAILABLE. */
export interface SecretRows {
  readonly leases: Leases<object>
  find(id: string): Promise<SecretRow | null>
  /** Creates the row where it is missing. */
  read(id: string): Promise<SecretRow>
  /** Ends the lease, too. → whether it was still `owner`'s; otherwise nothing was written. */
  save(id: string, owner: string, sealed: string, obtainedAt: number, expiresAt: number): Promise<boolean>
}

interface StoredSecret {
  secret_sealed: string | null
  obtained_at: number
  expires_at: number
  lease_until: number
  failures: number
  retry_at: number
}

export function createSecretRows(database: Database): SecretRows {
  const leases = createLeases<StoredSecret>(database, 'upstream_secrets')

  async function find(id: string): Promise<SecretRow | null> {
    const row = await leases.find(id)
    if (!row) return null
    const [obtainedAt, expiresAt, failures] = [Number(row.obtained_at), Number(row.expires_at), Number(row.failures)]
    return {
      sealed: row.secret_sealed,
      obtainedAt,
      expiresAt,
      failures,
      retryAt: Number(row.retry_at),
    }
  }

  return {
    leases,
    find,
    async read(id) {
      const row = await find(id)
      if (row) return row
      await guarded(database('upstream_secrets').insert({ id }).onConflict('id').ignore())
      return (await find(id)) as SecretRow
    },
    save: (id, owner, sealed, obtainedAt, expiresAt) =>
      leases.release(id, owner, { secret_sealed: sealed, obtained_at: obtainedAt, expires_at: expiresAt, failures: 0, retry_at: 0 }),
  }
}
