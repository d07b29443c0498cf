import { randomUUID } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'
import { isDuplicate } from '../../../core/base/transact.ts'
import type { HandOver } from './hand-over.ts'

/** For whom something is agreed to: somebody himself, or the enterprise that he acts for. */
export interface ConsentKey {
  userId: string
  enterpriseId: string | null
  connector: string
}

export interface JumpConsent {
  id: string
  connector: string
  enterpriseId: string | null
  facts: readonly string[]
  /** {@link HandOver.key} */
  handOver: string
  /** Epoch milliseconds. */
  givenAt: number
  lastUsedAt: number | null
}

/** What a user lets the hub hand over to an agency whenever he goes there: asked once, until he takes it back. */
export interface JumpConsents {
  /** Whether this may be handed over, as the user agreed to exactly this or there is nothing to tell; `used` now, where it is. */
  covers(key: ConsentKey, handOver: HandOver, used: boolean): Promise<boolean>
  give(key: ConsentKey, handOver: HandOver): Promise<void>
  list(userId: string, page: { page: number; pageSize: number }): Promise<{ rows: JumpConsent[]; total: number }>
  /** → false where this user has none of that id. */
  takeBack(userId: string, id: string): Promise<boolean>
}

interface ConsentRow {
  id: string
  user_id: string
  enterprise_id: string
  connector: string
  facts: string
  hand_over: string
  given_at: number | string
  last_used_at: number | string | null
}

export function createJumpConsents(database: Database, now: () => number = Date.now): JumpConsents {
  const columnsOf = ({ userId, enterpriseId, connector }: ConsentKey, handOver: string) => ({
    user_id: userId,
    enterprise_id: enterpriseId ?? '',
    connector,
    hand_over: handOver,
  })

  return {
    async covers(key, { facts, key: handOver }, used) {
      if (facts.length === 0) return true
      const given = () => database<ConsentRow>('jump_consents').where(columnsOf(key, handOver))
      if (!(await given().first('id'))) return false
      if (used) await given().update({ last_used_at: now() })
      return true
    },
    async give(key, { facts, key: handOver }) {
      const columns = columnsOf(key, handOver)
      try {
        await database('jump_consents').insert({ ...columns, id: randomUUID(), facts: facts.join(' '), given_at: now() })
      } catch (error) {
        // Another window of his was faster.
        if (!isDuplicate(error)) throw error
        await database('jump_consents').where(columns).update({ given_at: now() })
      }
    },
    async list(userId, { page, pageSize }) {
      const mine = () => database<ConsentRow>('jump_consents').where({ user_id: userId })
      const counted: { total?: number | string } | undefined = await mine().count({ total: '*' }).first()
      const rows = await mine()
        .orderBy([
          { column: 'given_at', order: 'desc' },
          { column: 'id', order: 'asc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: rows.map(read), total: Number(counted?.total ?? 0) }
    },
    async takeBack(userId, id) {
      return (await database('jump_consents').where({ id, user_id: userId }).delete()) === 1
    },
  }
}

function read({ id, connector, enterprise_id, facts, hand_over, given_at, last_used_at }: ConsentRow): JumpConsent {
  return {
    id,
    connector,
    enterpriseId: enterprise_id === '' ? null : enterprise_id,
    facts: facts.split(' '),
    handOver: hand_over,
    givenAt: Number(given_at),
    lastUsedAt: last_used_at === null ? null : Number(last_used_at),
  }
}
