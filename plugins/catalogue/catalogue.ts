import { randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import { AS_DECLARED, type Category, type Entry, type Snapshot } from './entries.ts'
import { readCatalogue } from './rows.ts'

export interface Catalogue {
  /** As every process knows it within {@link FRESH_MS} of a change; another object only once something is different. */
  readonly now: Snapshot
  entryOf(service: string): Entry
  /** Why a service is off line; null for one that is on line. For the hot path: one look into a map, which is empty most of the time. */
  offline(service: string): HubError | null
  /** Throws HUB_VALIDATION for a name that the view has. */
  addCategory(category: Omit<Category, 'id'>, by: string): Promise<Category>
  /** → null where there is none. Throws as {@link addCategory}. */
  changeCategory(id: string, changes: Partial<Omit<Category, 'id'>>, by: string): Promise<Category | null>
  /** With its tags. → false where there is none. */
  deleteCategory(id: string): Promise<boolean>
  /** Says everything of a service anew. Throws HUB_VALIDATION for a category that there is not. */
  put(service: string, entry: Entry, by: string): Promise<void>
  /** Reads it now. */
  load(): Promise<void>
  /** Goes on reading it, until {@link stop}. */
  start(): void
  stop(): void
}

const FRESH_MS = 2000

export function createCatalogue(database: Database, log: Pick<Log, 'warn'>, nameOf: (service: string) => string): Catalogue {
  let now: Snapshot = { categories: [], entries: new Map() }
  let text = ''
  let offline: ReadonlyMap<string, string> = new Map()
  let timer: NodeJS.Timeout | null = null
  // One after the other, so that what was read earlier never replaces what was read later.
  let reading = Promise.resolve()

  async function read(): Promise<void> {
    const next = await readCatalogue(database)
    const written = JSON.stringify([next.categories, [...next.entries].sort(([one], [other]) => (one < other ? -1 : 1))])
    if (written === text) return
    text = written
    now = next
    offline = new Map([...next.entries].flatMap(([key, { online, reason }]) => (online ? [] : [[key, reason ?? ''] as const])))
  }

  function load(): Promise<void> {
    const work = reading.then(read)
    reading = work.catch(() => undefined)
    return work
  }

  /** Of two that are written at once, the store turns one away. */
  function refuseSame(error: unknown): never {
    if (!isDuplicate(error)) throw error
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/name', detail: '这个视角下已有同名的分类' }] })
  }

  return {
    get now() {
      return now
    },
    entryOf: (service) => now.entries.get(service) ?? AS_DECLARED,
    offline(service) {
      const reason = offline.get(service)
      if (reason === undefined) return null
      return new HubError('HUB_SERVICE_NOT_OPEN', {
        detail: `“${now.entries.get(service)?.name ?? nameOf(service)}”已下线${reason === '' ? '' : `：${reason}`}。`,
      })
    },
    async addCategory(category, by) {
      const added = { id: randomUUID(), ...category }
      await database('catalogue_categories')
        .insert({ ...added, changed_by: by, changed_at: Date.now() })
        .catch(refuseSame)
      await load()
      return added
    },
    async changeCategory(id, changes, by) {
      await database('catalogue_categories')
        .where({ id })
        .update({ ...changes, changed_by: by, changed_at: Date.now() })
        .catch(refuseSame)
      await load()
      return now.categories.find((category) => category.id === id) ?? null
    },
    async deleteCategory(id) {
      const deleted = await transact(database, async (transaction) => {
        await transaction('catalogue_tags').where({ category_id: id }).delete()
        return transaction('catalogue_categories').where({ id }).delete()
      })
      await load()
      return deleted === 1
    },
    async put(service, { categories, permissions, regions, ...rest }, by) {
      const lists = { permissions: JSON.stringify(permissions), regions: JSON.stringify(regions) }
      const row = { service, ...rest, ...lists, changed_by: by, changed_at: Date.now() }
      await transact(database, async (transaction) => {
        const found: { id: string }[] = await transaction('catalogue_categories').whereIn('id', categories).select('id')
        const known = new Set(found.map(({ id }) => id))
        const unknown = categories.flatMap((id, index) =>
          known.has(id) ? [] : [{ pointer: `/body/categories/${index}`, detail: '没有这个分类' }],
        )
        if (unknown.length > 0) throw new HubError('HUB_VALIDATION', { errors: unknown })
        await transaction('catalogue_services').insert(row).onConflict('service').merge()
        await transaction('catalogue_tags').where({ service }).delete()
        if (categories.length > 0) await transaction('catalogue_tags').insert(categories.map((category_id) => ({ service, category_id })))
      })
      await load()
    },
    load,
    start() {
      timer = setInterval(() => {
        // What is known goes on until the store is back.
        load().catch((error: Error) => log.warn({ error: error.name }, '服务目录的设置读取失败'))
      }, FRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}
