import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Group } from './capability.ts'
import { firstGroups } from './platform.ts'
import type { Change } from './store.ts'
import { whyNotBelow } from './tree.ts'

/** What an administrator says of a group. */
export type GroupFields = Pick<Group, 'parent' | 'name' | 'summary' | 'tags' | 'weight' | 'shown'>

/** The groups with which the hub begins; of two processes that begin at once, one makes them. */
export async function makeFirstGroups(database: Database, now: number): Promise<void> {
  const names = Object.keys(firstGroups)
  const rows = names.map((name, index) => ({
    ...{ id: randomUUID(), ...toColumns({ parent: null, name, summary: null, tags: [], weight: names.length - index, shown: true }) },
    ...{ revision: 1, created_by: null, created_at: now, changed_by: null, changed_at: now },
  }))
  const bindings = rows.flatMap(({ id }, index) =>
    (firstGroups[names[index] ?? ''] ?? []).map((capability) => ({ group_id: id, capability })),
  )
  await transact(database, async (transaction) => {
    await transaction('capability_groups').insert(rows)
    await transaction('capability_bindings').insert(bindings)
  }).catch((error) => {
    if (!isDuplicate(error)) throw error
  })
}

/** → its id. Throws HUB_VALIDATION for a name that is taken there, a group above that is none, or too many levels. */
export async function addGroup(database: Database, group: GroupFields, by: string): Promise<string> {
  const id = randomUUID()
  const at = Date.now()
  await transact(database, async (transaction) => {
    await assertPlace(transaction, null, group.parent)
    const who = { created_by: by, created_at: at, changed_by: by, changed_at: at }
    await transaction('capability_groups')
      .insert({ id, ...toColumns(group), revision: 1, ...who })
      .catch(refuseSame)
  })
  return id
}

/** Throws as {@link addGroup}, HUB_VALIDATION also for a circle, and HUB_CHANGED_MEANWHILE. */
export async function changeGroup(database: Database, id: string, changes: Partial<GroupFields>, { revision, by }: Change): Promise<void> {
  await transact(database, async (transaction) => {
    if (changes.parent !== undefined) await assertPlace(transaction, id, changes.parent)
    const changed = await transaction('capability_groups')
      .where({ id, revision })
      .update({ ...toColumns(changes), revision: revision + 1, changed_by: by, changed_at: Date.now() })
      .catch(refuseSame)
    if (changed !== 1) throw new HubError('HUB_CHANGED_MEANWHILE')
  })
}

/** Throws HUB_VALIDATION where other groups lie in it. → false where there is none. */
export async function deleteGroup(database: Database, id: string): Promise<boolean> {
  return transact(database, async (transaction) => {
    const groups = await lockedGroups(transaction)
    if (groups.some(({ parent }) => parent === id)) refuse('/params/id', '先删除或移走它的下级分组')
    await transaction('capability_bindings').where({ group_id: id }).delete()
    return (await transaction('capability_groups').where({ id }).delete()) === 1
  })
}

/** Puts capabilities into a group; those that are in it stay. → false where there is no such group. */
export async function bind(database: Database, id: string, capabilities: readonly string[]): Promise<boolean> {
  return transact(database, async (transaction) => {
    if (!(await transaction('capability_groups').where({ id }).forUpdate().first('id'))) return false
    const rows = capabilities.map((capability) => ({ group_id: id, capability }))
    await transaction('capability_bindings').insert(rows).onConflict(['group_id', 'capability']).ignore()
    return true
  })
}

export async function unbind(database: Database, id: string, capabilities: readonly string[]): Promise<void> {
  await database('capability_bindings').where({ group_id: id }).whereIn('capability', capabilities).delete()
}

/** Held until the end of the transaction: of two that move groups at once, the second sees what the first one did. */
async function lockedGroups(transaction: Knex.Transaction): Promise<Pick<Group, 'id' | 'parent'>[]> {
  const rows: { id: string; parent: string }[] = await transaction('capability_groups').orderBy('id').forUpdate().select('id', 'parent')
  return rows.map(({ id, parent }) => ({ id, parent: parent === '' ? null : parent }))
}

async function assertPlace(transaction: Knex.Transaction, id: string | null, parent: string | null): Promise<void> {
  const why = whyNotBelow(await lockedGroups(transaction), id, parent)
  if (why !== null) refuse('/body/parent', why)
}

function toColumns({ parent, tags, ...plain }: Partial<GroupFields>): object {
  return {
    ...plain,
    ...(parent === undefined ? {} : { parent: parent ?? '' }),
    ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
  }
}

function refuseSame(error: unknown): never {
  if (!isDuplicate(error)) throw error
  return refuse('/body/name', '这一级已有同名的分组')
}

function refuse(pointer: string, detail: string): never {
  throw new HubError('HUB_VALIDATION', { errors: [{ pointer, detail }] })
}
