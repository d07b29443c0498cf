import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'
import { type Life, readLives, stateAt } from '../lives.ts'
import { addFirst, type Change } from './store.ts'

export const DAY_MS = 86_400_000
/** The least time for which what is to be withdrawn still works: those who build on it change over meanwhile. */
export const COMPATIBLE_DAYS = 30

type Lasting = Pick<Life, 'sunsetAt' | 'successor' | 'reason'>

/**
 * published → deprecated, or another sunset for what is deprecated already. Throws HUB_VALIDATION for a sunset that is too soon, a
 * successor that is none, or what has been withdrawn, and HUB_CHANGED_MEANWHILE.
 */
export async function deprecate(
  database: Database,
  id: string,
  next: Lasting,
  { revision, by, now }: Change & { now: number },
): Promise<void> {
  await transact(database, async (transaction) => {
    const lives = await lockedLives(transaction)
    const life = lives.get(id)
    if (stateAt(life, now) === 'withdrawn') refuse('/params/id', '这项能力已经下架，重新上架之后才能再定兼容期')
    const soonest = now + COMPATIBLE_DAYS * DAY_MS
    // What was announced already may stay, or be put off.
    if (next.sunsetAt < Math.min(soonest, life?.sunsetAt ?? soonest)) refuse('/body/sunset', `兼容期至少 ${COMPATIBLE_DAYS} 天`)
    assertSuccessor(lives, id, next)
    const { sunsetAt: sunset_at, successor, reason } = next
    const columns = { sunset_at, successor, reason, deprecated_at: life?.deprecatedAt ?? now }
    await set(transaction, id, columns, { revision, by, now })
    await note(transaction, { capability: id, act: 'deprecated', sunset_at, successor, reason, done_by: by, done_at: now })
  })
}

/** Offers it again, from the moment on. Throws HUB_VALIDATION where it is offered, and HUB_CHANGED_MEANWHILE. */
export async function publish(
  database: Database,
  id: string,
  reason: string,
  { revision, by, now }: Change & { now: number },
): Promise<void> {
  await transact(database, async (transaction) => {
    if (!(await lockedLives(transaction)).has(id)) refuse('/params/id', '这项能力已经上架')
    await set(transaction, id, { deprecated_at: null, sunset_at: null, successor: null, reason: null }, { revision, by, now })
    await note(transaction, { capability: id, act: 'published', reason, done_by: by, done_at: now })
  })
}

async function lockedLives(transaction: Knex.Transaction): Promise<Map<string, Life>> {
  await transaction('capabilities').orderBy('id').forUpdate().select('id')
  return readLives(transaction)
}

/** What takes a place stays longer than what it stands for, so that no way of successors leads back. */
function assertSuccessor(lives: ReadonlyMap<string, Life>, id: string, { successor, sunsetAt }: Lasting): void {
  if (successor === id) refuse('/body/successor', '不能由自己接替')
  const after = successor === null ? undefined : lives.get(successor)
  if (after && after.sunsetAt <= sunsetAt) refuse('/body/successor', '接替它的能力须比它晚下架')
  if ([...lives.values()].some((each) => each.successor === id && each.sunsetAt >= sunsetAt))
    refuse('/body/sunset', '它接替着别的能力，须比那项能力晚下架')
}

async function set(
  transaction: Knex.Transaction,
  id: string,
  columns: object,
  { revision, by, now }: Change & { now: number },
): Promise<void> {
  const row = { ...columns, changed_by: by, changed_at: now }
  if (revision === 0) return addFirst(transaction, { id, ...row })
  const changed = await transaction('capabilities')
    .where({ id, revision })
    .update({ ...row, revision: revision + 1 })
  if (changed !== 1) throw new HubError('HUB_CHANGED_MEANWHILE')
}

async function note(transaction: Knex.Transaction, row: object): Promise<void> {
  await transaction('capability_events').insert({ id: randomUUID(), ...row })
}

function refuse(pointer: string, detail: string): never {
  throw new HubError('HUB_VALIDATION', { errors: [{ pointer, detail }] })
}

export interface LifeEvent {
  act: 'deprecated' | 'published'
  /** Epoch milliseconds. */
  at: number
  sunsetAt: number | null
  successor: string | null
  reason: string | null
  by: string
}

/** What was done about one, the newest first. */
export async function lifeEvents(database: Database, id: string): Promise<LifeEvent[]> {
  const rows: {
    act: LifeEvent['act']
    done_at: number | string
    sunset_at: number | string | null
    successor: string | null
    reason: string | null
    done_by: string
  }[] = await database('capability_events').where({ capability: id }).orderBy('done_at', 'desc').limit(100)
  return rows.map(({ act, done_at, sunset_at, successor, reason, done_by }) => ({
    ...{ act, at: Number(done_at), sunsetAt: sunset_at === null ? null : Number(sunset_at), successor, reason, by: done_by },
  }))
}
