import { randomUUID } from 'node:crypto'
import fp from 'fastify-plugin'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { isDuplicate } from '../../../core/base/transact.ts'
import { type Fresh, keepFresh } from '../../catalogue/fresh.ts'
import { type Counts, createCounts } from './counts.ts'
import { FIRST_RULES, type HotWord, type Rules, type Searching } from './rules.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** How the services are searched, and what is looked for (docs/hall.md). */
    searching: Fresh<Searching> & { counts: Counts }
  }
}

const ONE = 1

/** Rules and hot words, the same in every process within two seconds; and counts of what is looked for. */
export default fp(
  async (app) => {
    const counts = createCounts(app.database, app.log)
    const fresh = keepFresh<Searching>({
      first: { rules: FIRST_RULES, revision: 0, hotWords: [] },
      read: () => readSearching(app.database),
      textOf: (searching) => JSON.stringify(searching),
      log: app.log,
      trouble: '搜索的设置读取失败',
    })
    app.decorate('searching', {
      get now() {
        return fresh.now
      },
      load: fresh.load,
      start: fresh.start,
      stop: fresh.stop,
      counts,
    })
    app.schedules.add({ name: 'searching.purge', title: '清理过期的搜索次数', pattern: '47 4 * * *', run: () => counts.purge() })
    app.addHook('onReady', async () => {
      await fresh.load()
      fresh.start()
      counts.start()
    })
    app.addHook('onClose', async () => {
      fresh.stop()
      await counts.stop()
    })
  },
  { name: 'searching', dependencies: ['database', 'schedules'] },
)

async function readSearching(database: Database): Promise<Searching> {
  const [row, words] = await Promise.all([
    database('search_rules').where({ id: ONE }).first('rules', 'revision') as Promise<{ rules: string; revision: number } | undefined>,
    database('hot_words')
      .orderBy([{ column: 'weight', order: 'desc' }, 'word'])
      .select('id', 'word', 'weight') as Promise<HotWord[]>,
  ])
  const rules = row ? (JSON.parse(row.rules) as Rules) : FIRST_RULES
  return { rules, revision: row?.revision ?? 0, hotWords: words.map(({ id, word, weight }) => ({ id, word, weight })) }
}

/** Throws HUB_CHANGED_MEANWHILE where it is no longer the revision that was read. */
export async function saveRules(database: Database, rules: Rules, revision: number, by: string): Promise<void> {
  const row = { rules: JSON.stringify(rules), revision: revision + 1, changed_by: by, changed_at: Date.now() }
  const changed =
    revision === 0
      ? await database('search_rules')
          .insert({ id: ONE, ...row })
          .then(() => 1)
          .catch((error) => {
            if (isDuplicate(error)) return 0
            throw error
          })
      : await database('search_rules').where({ id: ONE, revision }).update(row)
  if (changed !== 1) throw new HubError('HUB_CHANGED_MEANWHILE')
}

/** Throws HUB_VALIDATION for one that is there. */
export async function addHotWord(database: Database, word: string, weight: number, by: string): Promise<HotWord> {
  const added = { id: randomUUID(), word, weight }
  await database('hot_words')
    .insert({ ...added, added_by: by, added_at: Date.now() })
    .catch((error) => {
      if (!isDuplicate(error)) throw error
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/word', detail: '已有这个热搜词' }] })
    })
  return added
}

/** → false where there is none. */
export async function removeHotWord(database: Database, id: string): Promise<boolean> {
  return (await database('hot_words').where({ id }).delete()) === 1
}
