import { randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Log } from '../../core/base/log.ts'
import { beijing } from '../../core/base/time.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import { AS_DECLARED, type Category, type Entry, type Snapshot } from './entries.ts'
import { type Fresh, keepFresh } from './fresh.ts'
import { type Life, type LifeState, servicePath, stateAt } from './lives.ts'
import { readCatalogue } from './rows.ts'

export interface Catalogue extends Fresh<Snapshot> {
  entryOf(service: string): Entry
  /** Why a service begins nothing: it is off line, or its time is over; null for one that does. For the hot path: looks into maps that are empty most of the time. */
  offline(service: string): HubError | null
  /** Of a capability that will not be offered for ever. */
  lifeOf(id: string): Life | null
  stateOf(id: string): LifeState
  /** By which services are withdrawn, in epoch milliseconds. */
  clock(): number
  /** Whether a service is shown to those who look for one. */
  isListed(service: string): boolean
  /** Throws HUB_VALIDATION for a name that the view has. */
  addCategory(category: Omit<Category, 'id'>, by: string): Promise<Category>
  /** → null where there is none. Throws as {@link addCategory}. */
  changeCategory(id: string, changes: Partial<Omit<Category, 'id'>>, by: string): Promise<Category | null>
  /** With its tags. → false where there is none. */
  deleteCategory(id: string): Promise<boolean>
  /** Says everything of a service anew. Throws HUB_VALIDATION for a category that there is not. */
  put(service: string, entry: Entry, by: string): Promise<void>
}

interface Options {
  database: Database
  log: Pick<Log, 'warn'>
  /** What a service is called, where administrators say nothing else. */
  declaredName(service: string): string
  now(): number
}

export function createCatalogue({ database, log, declaredName, now }: Options): Catalogue {
  const fresh = keepFresh<Snapshot>({
    first: { categories: [], entries: new Map(), offline: new Map(), lives: new Map(), withdrawn: new Set() },
    read: () => readCatalogue(database, now()),
    textOf: ({ categories, entries, lives, withdrawn }) =>
      JSON.stringify([categories, [...entries].sort(([one], [other]) => (one < other ? -1 : 1)), [...lives], [...withdrawn]]),
    log,
    trouble: '服务目录的设置读取失败',
  })
  const { load } = fresh
  const nameOf = (service: string) => fresh.now.entries.get(service)?.name ?? declaredName(service)

  /** To the moment, whenever it was read. */
  function withdrawn(service: string): HubError | null {
    const life = fresh.now.lives.get(service)
    if (!life || stateAt(life, now()) !== 'withdrawn') return null
    const { sunsetAt, successor, reason } = life
    const next = successor === null ? null : { name: nameOf(successor), url: servicePath(successor) }
    const detail = `“${nameOf(service)}”已于 ${beijing(sunsetAt).slice(0, 10)} 停止服务：${reason}。${next ? `请改用“${next.name}”。` : ''}`
    const ways = next?.url ? [{ action: 'use-other' as const, detail: `改用“${next.name}”`, url: next.url }] : []
    return new HubError('HUB_SERVICE_WITHDRAWN', { detail, ...(ways.length > 0 ? { ways } : {}) })
  }

  /** Of two that are written at once, the store turns one away. */
  function refuseSame(error: unknown): never {
    if (!isDuplicate(error)) throw error
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/name', detail: '这个视角下已有同名的分类' }] })
  }

  return {
    get now() {
      return fresh.now
    },
    entryOf: (service) => fresh.now.entries.get(service) ?? AS_DECLARED,
    offline(service) {
      const reason = fresh.now.offline.get(service)
      if (reason === undefined) return withdrawn(service)
      return new HubError('HUB_SERVICE_NOT_OPEN', { detail: `“${nameOf(service)}”已下线${reason === '' ? '' : `：${reason}`}。` })
    },
    lifeOf: (id) => fresh.now.lives.get(id) ?? null,
    stateOf: (id) => stateAt(fresh.now.lives.get(id), now()),
    clock: now,
    isListed: (service) => !fresh.now.offline.has(service) && !fresh.now.withdrawn.has(service),
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
      return fresh.now.categories.find((category) => category.id === id) ?? null
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
    start: fresh.start,
    stop: fresh.stop,
  }
}
