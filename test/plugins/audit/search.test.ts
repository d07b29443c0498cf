import t from 'tap'
import { searchAudit } from '../../../plugins/audit/search.ts'
import { entry, place } from '../../helper/audit-log.ts'
import { targets } from '../../helper/targets.ts'

for (const target of targets) {
  t.test(`a search looks at a bounded number of rows and leads on (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const start = 1_790_000_000_000
    // Ten in every moment, so that pages end within one too.
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        log.write(entry({ at: start + Math.floor(index / 10), user: index % 100 === 99 ? 'rare' : 'common' })),
      ),
    )
    const statements: string[] = []
    database.on('query', ({ sql }: { sql: string }) => statements.push(sql))
    const walk = async (filter: object, limit: number) => {
      const found: unknown[] = []
      let pages = 0
      for (let after: string | null | undefined; after !== null; pages++) {
        const page = await searchAudit(database, { from: start, to: start + 1000, limit, ...filter, ...(after ? { after } : {}) }, 50)
        t.ok(page.rows.length <= limit)
        found.push(...page.rows.map(({ seq }) => seq))
        after = page.next
      }
      t.equal(new Set(found).size, found.length, 'none twice')
      return { found: found.length, pages }
    }
    t.same(await walk({ user: 'rare' }, 10), { found: 3, pages: 6 }, 'few fit: pages are short, and each looks at some fifty rows')
    t.equal((await walk({ user: 'common' }, 7)).found, 297)
    t.same(await walk({}, 40), { found: 300, pages: 8 }, 'every row fits')
    t.same(await walk({ newest: true, user: 'rare' }, 10), { found: 3, pages: 6 }, 'the other way round')
    t.same(await walk({ newest: true }, 40), { found: 300, pages: 8 })
    const latest = (await searchAudit(database, { from: start, to: start + 1000, limit: 300, newest: true })).rows
    t.same(
      latest.map(({ at }) => Number(at)),
      latest.map(({ at }) => Number(at)).sort((a, b) => b - a),
      'the latest first',
    )
    await Promise.all(['app-one', 'app-two', 'app_one'].map((app) => log.write(entry({ at: start + 500, app }))))
    const apps = await searchAudit(database, { from: start, to: start + 1000, limit: 10, newest: true, app: 'app_one' }, 1000)
    t.same(
      apps.rows.map(({ app }) => app),
      ['app_one'],
    )
    t.same(await walk({ traceId: 'nobody' }, 10), { found: 0, pages: 1 })
    t.notOk(
      statements.some((sql) => /offset/.test(sql) && /record/.test(sql)),
      'no page is counted off row by row',
    )
  })
}
