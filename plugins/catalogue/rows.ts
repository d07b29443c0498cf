import type { Database } from '../../core/base/database.ts'
import { type Category, type Entry, type Permission, type Snapshot, type View, views } from './entries.ts'
import { readLives, stateAt } from './lives.ts'

interface CategoryRow {
  id: string
  view: View
  name: string
  icon: string | null
  weight: number
  shown: boolean | number
}

interface ServiceRow {
  service: string
  name: string | null
  icon: string | null
  address: string | null
  permissions: string
  regions: string
  weight: number
  recommended: boolean | number | null
  online: boolean | number
  reason: string | null
}

/** Reads the whole catalogue. A tag whose category went in between is left out. */
export async function readCatalogue(database: Database, now: number): Promise<Snapshot> {
  const [lives, categories, services, tags] = await Promise.all([
    readLives(database),
    database<CategoryRow>('catalogue_categories').select(),
    database<ServiceRow>('catalogue_services').select(),
    database<{ service: string; category_id: string }>('catalogue_tags').select(),
  ])
  const ordered = categories.map(toCategory).sort(inOrder)
  const entries = services.map((row) => {
    const own = new Set(tags.flatMap((tag) => (tag.service === row.service ? [tag.category_id] : [])))
    const known = ordered.flatMap(({ id }) => (own.has(id) ? [id] : []))
    return [row.service, toEntry(row, known)] as const
  })
  const offline = entries.flatMap(([key, { online, reason }]) => (online ? [] : [[key, reason ?? ''] as const]))
  const withdrawn = [...lives].flatMap(([id, life]) => (stateAt(life, now) === 'withdrawn' ? [id] : []))
  return { categories: ordered, entries: new Map(entries), offline: new Map(offline), lives, withdrawn: new Set(withdrawn) }
}

function toCategory({ id, view, name, icon, weight, shown }: CategoryRow): Category {
  return { id, view, name, icon, weight, shown: Boolean(shown) }
}

function toEntry(row: ServiceRow, categories: readonly string[]): Entry {
  const { name, icon, address, weight, reason } = row
  return {
    ...{ name, icon, address, weight, reason, categories },
    permissions: JSON.parse(row.permissions) as Permission[],
    regions: JSON.parse(row.regions) as string[],
    recommended: row.recommended === null ? null : Boolean(row.recommended),
    online: Boolean(row.online),
  }
}

const placeOf = (view: View) => Object.keys(views).indexOf(view)

/** Of one weight, by name, so that the order is the same in every process. */
function inOrder(one: Category, other: Category): number {
  return placeOf(one.view) - placeOf(other.view) || other.weight - one.weight || (one.name < other.name ? -1 : 1)
}
