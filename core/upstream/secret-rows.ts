import type { Database } from '../base/database.ts'
import { createLeases, guarded, type Leases } from '../base/leases.ts'

/** One row of `upstream_secrets`. Times are epoch milliseconds, 0 for never. */
export interface SecretRow {
  sealed: string | null
  obtainedAt: number
  expiresAt: number
  leaseUntil: number
  failures: number
  retryAt: number
}

/** What a secret store asks of the database. All reject with HUB_STORE_UNAVAILABLE. */
export interface SecretRows {
  readonly leases: Leases<Pick<StoredSecret, 'obtained_at' | 'expires_at'>>
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

  return {
    leases,
    async read(id) {
      let row = await leases.find(id)
      if (!row) {
        await guarded(database('upstream_secrets').insert({ id }).onConflict('id').ignore())
        row = (await leases.find(id)) as StoredSecret
      }
      return {
        sealed: row.secret_sealed,
        obtainedAt: Number(row.obtained_at),
        expiresAt: Number(row.expires_at),
        leaseUntil: Number(row.lease_until),
        failures: Number(row.failures),
        retryAt: Number(row.retry_at),
      }
    },
    save: (id, owner, sealed, obtainedAt, expiresAt) =>
      leases.release(id, owner, { secret_sealed: sealed, obtained_at: obtainedAt, expires_at: expiresAt, failures: 0, retry_at: 0 }),
  }
}
