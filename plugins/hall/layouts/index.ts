import fp from 'fastify-plugin'
import { beijing } from '../../../core/base/time.ts'
import { type Fresh, keepFresh } from '../../catalogue/fresh.ts'
import { type LaidOut, layOut } from './laid-out.ts'
import type { LayoutCard } from './layout.ts'
import { publishedLayouts } from './store.ts'

/** Who looks. */
export interface Looker {
  userId: string
  /** Whether he came for an enterprise. */
  forEnterprise: boolean
}

export interface Layouts extends Fresh<ReadonlyMap<string, readonly LayoutCard[]>> {
  /** Cards as somebody is shown them now; null: nobody who is known. */
  layOut(cards: readonly LayoutCard[], looker: Looker | null): Promise<LaidOut[]>
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What administrators have published of pages (docs/hall.md). */
    layouts: Layouts
  }
}

const COUNTED_MS = 600_000
const DAYS_MS = 30 * 86_400_000

/** How pages are laid out: the same in every process within two seconds. */
export default fp(
  async (app) => {
    const fresh = keepFresh<ReadonlyMap<string, readonly LayoutCard[]>>({
      first: new Map(),
      read: () => publishedLayouts(app.database),
      textOf: (layouts) => JSON.stringify([...layouts]),
      log: app.log,
      trouble: '版面读取失败',
    })
    let counted: { at: number; calls: Promise<ReadonlyMap<string, number>> } | null = null

    /** Of the last thirty days; counted anew every ten minutes, and only where a card goes by it. */
    function calls(): Promise<ReadonlyMap<string, number>> {
      if (!counted || counted.at < Date.now() - COUNTED_MS) {
        const day = (at: number) => beijing(at).slice(0, 10)
        const rows = app
          .database('call_statistics')
          .where('day', '>=', day(Date.now() - DAYS_MS))
          .groupBy('connector', 'service')
        const summed = rows.select('connector', 'service').sum({ calls: 'calls' }) as unknown as Promise<
          { connector: string; service: string; calls: number | string }[]
        >
        counted = {
          at: Date.now(),
          calls: summed.then((all) => new Map(all.map((row) => [`${row.connector}.${row.service}`, Number(row.calls)]))),
        }
      }
      return counted.calls
    }

    app.decorate('layouts', {
      get now() {
        return fresh.now
      },
      load: fresh.load,
      start: fresh.start,
      stop: fresh.stop,
      async layOut(cards, looker) {
        const { hall, catalogue, favourites, recents } = app
        const needs = (component: LayoutCard['component']) => looker !== null && cards.some((card) => card.component === component)
        const [byService, chosen, used] = await Promise.all([
          cards.some(({ order }) => order === 'frequency') ? calls() : new Map<string, number>(),
          looker && (needs('favourites') || needs('recent')) ? favourites.list(looker.userId) : [],
          looker && needs('recent') ? recents.list(looker.userId) : [],
        ])
        return layOut(cards, {
          ...{ cards: hall.cards, zones: hall.zones, isListed: catalogue.isListed, now: Date.now() },
          ...{ favourites: chosen, recent: used, callsOf: (service) => byService.get(service) ?? 0 },
          audience: looker === null ? 'guest' : looker.forEnterprise ? 'enterprise' : 'person',
        })
      },
    })
    app.addHook('onReady', async () => {
      await fresh.load()
      fresh.start()
    })
    app.addHook('onClose', async () => fresh.stop())
  },
  { name: 'layouts', dependencies: ['hall', 'catalogue', 'habits', 'database'] },
)
