import { randomUUID } from 'node:crypto'
import type { Database } from '../../../core/base/database.ts'
import { isDuplicate } from '../../../core/base/transact.ts'

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
  /** Epoch milliseconds. */
  givenAt: number
  lastUsedAt: number | null
}

/** What a user lets the hub hand over to an agency whenever he goes there: asked once, until he takes it back. */
export interface JumpConsents {
  /** Whether all of these may be handed over; `used` now, where they are. */
  covers(key: ConsentKey, facts: readonly string[], used: boolean): Promise<boolean>
  /** Adds to what was agreed to before. */
  give(key: ConsentKey, facts: readonly string[]): Promise<void>
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
  given_at: number | string
  last_used_at: number | string | null
}

export function createJumpConsents(database: Database, now: () => number = Date.now): JumpConsents {
  const rowsOf = ({ userId, enterpriseId, connector }: ConsentKey) =>
    database<ConsentRow>('jump_consents').where({ user_id: userId, enterprise_id: enterpriseId ?? '', connector })

  async function give(key: ConsentKey, facts: readonly string[]): Promise<void> {
    const before = await rowsOf(key).first()
    const all = [...new Set([...(before?.facts.split(' ') ?? []), ...facts])].sort().join(' ')
    if (before) return void (await rowsOf(key).update({ facts: all, given_at: now() }))
    const { userId, enterpriseId, connector } = key
    const row = { id: randomUUID(), user_id: userId, enterprise_id: enterpriseId ?? '', connector, facts: all, given_at: now() }
    await database('jump_consents').insert(row)
  }

  return {
    async covers(key, facts, used) {
      const row = await rowsOf(key).first()
      const given = new Set(row?.facts.split(' ') ?? [])
      const all = facts.every((fact) => given.has(fact))
      if (row && all && used) await rowsOf(key).update({ last_used_at: now() })
      return all
    },
    async give(key, facts) {
      try {
        await give(key, facts)
      } catch (error) {
        // Another window of his was faster: now there is one to add to.
        if (!isDuplicate(error)) throw error
        await give(key, facts)
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

function read({ id, connector, enterprise_id, facts, given_at, last_used_at }: ConsentRow): JumpConsent {
  return {
    id,
    connector,
    enterpriseId: enterprise_id === '' ? null : enterprise_id,
    facts: facts.split(' '),
    givenAt: Number(given_at),
    lastUsedAt: last_used_at === null ? null : Number(last_used_at),
  }
}
