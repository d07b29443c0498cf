import { randomUUID } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'

/** Each is left once: by going, or by not wanting to. */
export type JumpState = 'open' | 'gone' | 'declined'

/** What was asked for, validated. */
export interface JumpRequest {
  input: Readonly<Record<string, unknown>>
  /** Which of several accounts at the agency. */
  binding: string | null
  returnTo: string | null
}

export interface Jump {
  id: string
  userId: string
  enterpriseId: string | null
  /** `<connector>.<service>` */
  key: string
  state: JumpState
  request: JumpRequest
}

export const jumpContext = (id: string) => `jumps.request:${id}`

/** Longer than anybody reads what is handed over. */
const LIFE_MS = 15 * 60_000

export interface JumpRows {
  open(jump: Omit<Jump, 'id' | 'state'>): Promise<string>
  /** Null for one that is over, or of another service. */
  read(id: string, key: string): Promise<Jump | null>
  /** Leaves `open`. → false where that was done already. */
  leave(id: string, state: Exclude<JumpState, 'open'>): Promise<boolean>
  purge(): Promise<void>
}

interface JumpRow {
  id: string
  user_id: string
  enterprise_id: string | null
  connector: string
  service: string
  state: JumpState
  request_sealed: string
}

export function createJumpRows(database: Database, vault: Vault, now: () => number = Date.now): JumpRows {
  return {
    async open({ userId, enterpriseId, key, request }) {
      const id = randomUUID()
      const [connector = '', service = ''] = key.split('.')
      await database('jumps').insert({
        id,
        user_id: userId,
        enterprise_id: enterpriseId,
        connector,
        service,
        state: 'open',
        request_sealed: vault.seal(JSON.stringify(request), jumpContext(id)),
        created_at: now(),
        expires_at: now() + LIFE_MS,
      })
      return id
    },
    async read(id, key) {
      const row: JumpRow | undefined = await database('jumps').where({ id }).where('expires_at', '>', now()).first()
      if (!row || `${row.connector}.${row.service}` !== key) return null
      const request = JSON.parse(vault.open(row.request_sealed, jumpContext(id))) as JumpRequest
      return { id, userId: row.user_id, enterpriseId: row.enterprise_id, key, state: row.state, request }
    },
    async leave(id, state) {
      const left = await database('jumps').where({ id, state: 'open' }).where('expires_at', '>', now()).update({ state })
      return left === 1
    },
    async purge() {
      await database('jumps').where('expires_at', '<=', now()).delete()
    },
  }
}
