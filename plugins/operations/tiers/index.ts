import { sep } from 'node:path'
import fp from 'fastify-plugin'
import { beijing } from '../../../core/base/time.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import type { Tier } from './level.ts'
import { judge, readStandings, type Standing } from './store.ts'

export interface ShownTier {
  tier: Tier
  /** Why it is no higher, for operators. */
  reason: string
  /** RFC 3339. */
  since: string
}

declare module 'fastify' {
  interface FastifyInstance {
    tiers: {
      /** The tier that counts, as this process last read it; null where no run of the kit is on record. */
      of(connector: string): ShownTier | null
      /** Whether a connector has but a part of its places: it is bronze or less, or a package that nobody has tried. */
      isCapped(connector: string): boolean
      judge(): Promise<void>
      /** Reads again what other processes and the command line may have written. */
      refresh(): Promise<void>
    }
  }
}

const READ_MS = 60_000
const LOW: ReadonlySet<Tier> = new Set(['none', 'bronze'])

/** Of the places at its agency those that calls of a capped connector may take. */
export const CAPPED_SHARE = 0.5

/** The tier that counts: the kit's, and the last 28 days' (docs/conformance.md). */
export default fp<{ now?: () => number }>(
  async (app, { now = Date.now }) => {
    const { database } = app
    let standings = new Map<string, Standing>()
    const judged = app.connectors.map(judgedAs)

    async function refresh(): Promise<void> {
      standings = new Map((await readStandings(database)).map((standing) => [standing.connector, standing]))
    }
    async function run(): Promise<void> {
      await judge(database, judged, now())
      await refresh()
    }
    app.schedules.add({ name: 'tiers.judge', title: '核对连接器的等级和服务水平', pattern: '41 * * * *', run })
    const timer = setInterval(() => void refresh().catch((error: unknown) => app.log.warn({ err: error }, '没有读到连接器的等级')), READ_MS)
    timer.unref()
    app.addHook('onReady', refresh)
    app.addHook('onClose', async () => clearInterval(timer))

    app.decorate('tiers', {
      of(connector) {
        const { tier, reason, since = 0 } = standings.get(connector) ?? {}
        return tier && reason !== undefined ? { tier, reason, since: beijing(since) } : null
      },
      isCapped(connector) {
        const standing = standings.get(connector)
        if (standing) return LOW.has(standing.tier)
        // A folder of the hub's own is tried by the tests of its release.
        return app.connectorPlaces.get(connector)?.includes(`${sep}node_modules${sep}`) ?? false
      },
      judge: run,
      refresh,
    })
  },
  { name: 'tiers', dependencies: ['connectors', 'database', 'schedules', 'statistics'] },
)

function judgedAs({ id, version = '', services }: ConnectorDeclaration) {
  return { id, version, timeoutMs: Math.max(...services.map(({ contract }) => contract.timeoutMs)) }
}
