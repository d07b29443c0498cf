import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import { type Capability, NOTHING_SAID, type Own, type Said } from './capability.ts'

type Changes = Partial<Pick<Said, 'owner' | 'tags' | 'weight'>> & { own?: Partial<Own> }

/** Who changes, and which revision he read. */
export interface Change {
  revision: number
  by: string
}

/** Adds an ability of the app. Throws HUB_VALIDATION where its id is taken. */
export async function addOwn(database: Database, id: string, own: Own, said: Omit<Changes, 'own'>, by: string): Promise<void> {
  const { owner, tags, weight } = { ...NOTHING_SAID, ...said }
  const at = Date.now()
  const row = { id, own: JSON.stringify(own), owner, tags: JSON.stringify(tags), weight, revision: 1 }
  await database('capabilities')
    .insert({ ...row, created_at: at, changed_by: by, changed_at: at })
    .catch((error) => {
      if (!isDuplicate(error)) throw error
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/id', detail: '这个编号已有能力' }] })
    })
}

/** Changes what is said of one. Throws HUB_CHANGED_MEANWHILE where it is no longer the revision that was read. */
export async function change(database: Database, { id, declared }: Capability, changes: Changes, { revision, by }: Change): Promise<void> {
  const { own, tags, ...plain } = changes
  const next = { ...plain, ...(tags ? { tags: JSON.stringify(tags) } : {}), changed_by: by, changed_at: Date.now() }
  await transact(database, async (transaction) => {
    if (revision === 0) return addFirst(transaction, { id, ...next })
    const kept = own && !declared ? { own: JSON.stringify({ ...(await ownOf(transaction, id)), ...own }) } : {}
    const changed = await transaction('capabilities')
      .where({ id, revision })
      .update({ ...next, ...kept, revision: revision + 1 })
    if (changed !== 1) throw new HubError('HUB_CHANGED_MEANWHILE')
  })
}

async function ownOf(transaction: Knex.Transaction, id: string): Promise<object> {
  const row: { own: string | null } | undefined = await transaction('capabilities').where({ id }).forUpdate().first('own')
  return JSON.parse(row?.own ?? '{}')
}

/** Of two who are the first to say something, the store turns one away. */
export async function addFirst(transaction: Knex.Transaction, row: object): Promise<void> {
  const { owner, weight } = NOTHING_SAID
  await transaction('capabilities')
    .insert({ own: null, owner, tags: '[]', weight, revision: 1, created_at: Date.now(), ...row })
    .catch((error) => {
      throw isDuplicate(error) ? new HubError('HUB_CHANGED_MEANWHILE') : error
    })
}

/** Removes an ability that an administrator added, from its groups too. → false where there is none. */
export async function removeOwn(database: Database, id: string): Promise<boolean> {
  return transact(database, async (transaction) => {
    const removed = await transaction('capabilities').where({ id }).whereNotNull('own').delete()
    if (removed === 1) await transaction('capability_bindings').where({ capability: id }).delete()
    return removed === 1
  })
}
