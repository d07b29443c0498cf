import fp from 'fastify-plugin'
import { type Fresh, keepFresh } from '../fresh.ts'
import type { CatalogueOptions } from '../index.ts'
import type { Capability, Snapshot } from './capability.ts'
import { makeFirstGroups } from './groups.ts'
import { listCapabilities } from './list.ts'
import { recordReleases } from './releases.ts'
import { readCapabilities } from './rows.ts'

export interface Capabilities extends Fresh<Snapshot> {
  /** Everything there is, the heavier first. */
  all(): readonly Capability[]
  find(id: string): Capability | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What the platform offers those who build on it (docs/capabilities.md). */
    capabilities: Capabilities
  }
}

/** Every service and ability with what administrators said of it, and the groups that they stand in. */
export default fp<CatalogueOptions>(
  async (app, { now = Date.now }) => {
    const fresh = keepFresh<Snapshot>({
      first: { said: new Map(), groups: [] },
      read: () => readCapabilities(app.database),
      textOf: ({ said, groups }) => JSON.stringify([[...said].sort(([one], [other]) => (one < other ? -1 : 1)), groups]),
      log: app.log,
      trouble: '能力目录的设置读取失败',
    })
    let listed: { of: Snapshot; all: readonly Capability[]; byId: ReadonlyMap<string, Capability> } | null = null
    function list() {
      if (listed?.of !== fresh.now) {
        const all = listCapabilities(app.services.values(), fresh.now)
        listed = { of: fresh.now, all, byId: new Map(all.map((each) => [each.id, each])) }
      }
      return listed
    }
    app.decorate('capabilities', {
      get now() {
        return fresh.now
      },
      load: fresh.load,
      start: fresh.start,
      stop: fresh.stop,
      all: () => list().all,
      find: (id) => list().byId.get(id) ?? null,
    })
    app.addHook('onReady', async () => {
      if (await recordReleases(app.database, app.connectors, now())) await makeFirstGroups(app.database, now())
      await fresh.load()
      fresh.start()
    })
    app.addHook('onClose', async () => fresh.stop())
  },
  { name: 'capabilities', dependencies: ['connectors', 'database'] },
)
