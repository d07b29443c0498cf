import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Layout, LayoutCard, LayoutVersion } from './layout.ts'

interface Row {
  page: string
  name: string
  draft: string
  published: number | null
  revision: number
  changed_at: number | string
}

interface VersionRow {
  number: number
  cards: string
  copy_of: number | null
  published_by: string
  published_at: number | string
}

/** Who changes, and which revision he read. */
export interface Change {
  revision: number
  by: string
}

const cardsIn = (json: string) => JSON.parse(json) as LayoutCard[]

export async function listLayouts(database: Knex): Promise<Layout[]> {
  const rows: Row[] = await database('layouts').orderBy('page')
  return rows.map(({ page, name, draft, published, revision, changed_at }) => ({
    ...{ page, name, draft: cardsIn(draft), published, revision, changedAt: Number(changed_at) },
  }))
}

/** → what is shown, by page. */
export async function publishedLayouts(database: Knex): Promise<Map<string, readonly LayoutCard[]>> {
  const rows: { page: string; cards: string }[] = await database('layouts')
    .join('layout_versions as version', (join) => join.on('version.page', 'layouts.page').andOn('version.number', 'layouts.published'))
    .orderBy('layouts.page')
    .select('layouts.page as page', 'version.cards as cards')
  return new Map(rows.map(({ page, cards }) => [page, cardsIn(cards)]))
}

/** The newest first. */
export async function versionsOf(database: Knex, page: string): Promise<LayoutVersion[]> {
  const rows: VersionRow[] = await database('layout_versions').where({ page }).orderBy('number', 'desc').limit(100)
  return rows.map(({ number, cards, copy_of, published_by, published_at }) => ({
    ...{ number, cards: cardsIn(cards), copyOf: copy_of, publishedBy: published_by, publishedAt: Number(published_at) },
  }))
}

/** Writes the draft of a page, new or not (`revision` 0). What is shown stays. Throws HUB_CHANGED_MEANWHILE. */
export async function saveDraft(database: Database, page: string, name: string, cards: readonly LayoutCard[], by: Change): Promise<void> {
  const columns = { name, draft: JSON.stringify(cards) }
  if (by.revision > 0) return transact(database, (transaction) => change(transaction, page, columns, by))
  const row = { page, ...columns, published: null, revision: 1, changed_by: by.by, changed_at: Date.now() }
  await database('layouts')
    .insert(row)
    .catch((error) => {
      throw isDuplicate(error) ? new HubError('HUB_CHANGED_MEANWHILE') : error
    })
}

/** Shows the draft as a new version, or an earlier one again as a copy. Of two who publish at once, one does. → its number. Throws HUB_CHANGED_MEANWHILE. */
export async function publishLayout(database: Database, page: string, copyOf: number | null, by: Change): Promise<number> {
  return transact(database, async (transaction) => {
    const layout: Row | undefined = await transaction('layouts').where({ page, revision: by.revision }).forUpdate().first()
    if (!layout) throw new HubError('HUB_CHANGED_MEANWHILE')
    const versions: VersionRow[] = await transaction('layout_versions').where({ page }).select('number', 'cards')
    const copied = versions.find(({ number }) => number === copyOf)
    if (copyOf !== null && !copied) throw new HubError('HUB_NO_RECORD', { detail: '没有这个版本。' })
    const number = Math.max(0, ...versions.map((each) => each.number)) + 1
    const cards = copied?.cards ?? layout.draft
    await transaction('layout_versions').insert({ page, number, cards, copy_of: copyOf, published_by: by.by, published_at: Date.now() })
    // Whoever goes on from what was rolled back to does not bring back what was taken away.
    await change(transaction, page, { published: number, draft: cards }, by)
    return number
  })
}

/** Takes what is shown away: the page is as the app and the hall have it. Throws HUB_CHANGED_MEANWHILE. */
export async function unpublishLayout(database: Database, page: string, by: Change): Promise<void> {
  await transact(database, (transaction) => change(transaction, page, { published: null }, by))
}

/** With all its versions. → false where there is none. */
export async function deleteLayout(database: Database, page: string): Promise<boolean> {
  return transact(database, async (transaction) => {
    await transaction('layout_versions').where({ page }).delete()
    return (await transaction('layouts').where({ page }).delete()) === 1
  })
}

async function change(transaction: Knex.Transaction, page: string, columns: object, { revision, by }: Change): Promise<void> {
  const changed = await transaction('layouts')
    .where({ page, revision })
    .update({ ...columns, revision: revision + 1, changed_by: by, changed_at: Date.now() })
  if (changed !== 1) throw new HubError('HUB_CHANGED_MEANWHILE')
}
