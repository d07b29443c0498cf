import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { Test } from 'tap'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { createVault } from '../../core/base/vault.ts'
import { createSecretStore, type FreshSecret, type SecretStoreOptions } from '../../core/upstream/secret-store.ts'
import { migrate } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import type { Target } from './targets.ts'

export const MINUTE = 60_000
export const vault = createVault(randomBytes(32))

/** One store, as two processes have it open. */
export async function twoDatabases(t: Test, target: Target): Promise<[Database, Database]> {
  const { settings, drop } = await target.create()
  const where = { url: settings.DATABASE_URL, dataDir: settings.DATA_DIR }
  const first = openDatabase(where)
  const second = openDatabase(where)
  t.teardown(async () => {
    await Promise.all([first.destroy(), second.destroy()])
    await drop()
  })
  await migrate(first)
  return [first, second]
}

/** A store of secrets, and an agency that hands them out by number. */
export function setUp(database: Database, options: Partial<SecretStoreOptions> = {}) {
  const store = createSecretStore({ database, vault, log: pino({ level: 'silent' }), ...options })
  const now = options.now ?? Date.now
  let count = 0
  return {
    store,
    fetches: () => count,
    issue:
      (life: number, delay = 0) =>
      async (): Promise<FreshSecret> => {
        count++
        if (delay > 0) await sleep(delay)
        return { secret: `secret-${count}`, expiresAt: now() + life }
      },
    fail: async (): Promise<FreshSecret> => {
      count++
      throw new HubError('HUB_UPSTREAM_UNREACHABLE')
    },
  }
}

export function randomId(): string {
  return randomBytes(8).toString('hex')
}
