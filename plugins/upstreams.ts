import fp from 'fastify-plugin'
import type { CompiledService } from '../core/call/service.ts'
import { systemsOf } from '../core/contract/systems.ts'
import type { ConnectorDeclaration, UpstreamDeclaration } from '../core/contract/types.ts'
import { createUpstream, type Upstream } from '../core/upstream/upstream.ts'
import { DeclarationError } from './declarations/check.ts'
import { signedSystems } from './operations/credentials/systems.ts'
import { healthServiceOf } from './operations/health.ts'
import { questionOf } from './operations/health-question.ts'
import { serviceNames } from './operations/metrics/agencies.ts'
import { createRetryBudget, type RetryBudget } from './operations/retry-budget.ts'
import { addressOf } from './upstream-address.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** By system: the connector's id, or `<connector>/<system>` for its further ones. */
    upstreams: ReadonlyMap<string, Upstream>
    /** What the hub needs besides the agencies, by id: plugins add theirs, `/health` shows them. */
    platforms: Map<string, Platform>
    /** By system, as `upstreams`. */
    retryBudgets: ReadonlyMap<string, RetryBudget>
    /** Where each system is. */
    systemAddresses: ReadonlyMap<string, string>
  }
}

export interface Platform {
  /** Chinese name. */
  name: string
  upstream: Pick<Upstream, 'state' | 'summary' | 'breakers'>
}

const REFRESH_MS = 8000

/** One way out per agency system, with the address and credentials that the operator or the sandbox gives. */
export default fp(
  async (app) => {
    const budgets = new Map<string, RetryBudget>()
    const addresses = new Map<string, string>()
    const nameOf = serviceNames([...app.services.values(), ...app.internal.services.values()])
    const upstreams = new Map(
      [...app.connectors, ...app.internal.connectors].flatMap((connector) =>
        systemsOf(connector).map(([key, name, system]) => [key, open(connector, key, name, system)] as const),
      ),
    )
    app.decorate('upstreams', upstreams)
    app.decorate('retryBudgets', budgets)
    app.decorate('systemAddresses', addresses)
    app.decorate(
      'platforms',
      new Map(
        app.internal.connectors.flatMap(({ id, name }) => {
          const upstream = upstreams.get(id)
          return upstream ? [[id, { name, upstream }] as const] : []
        }),
      ),
    )
    app.schedules.add({
      name: 'secrets.refresh',
      title: '更新即将到期的对方系统密钥',
      pattern: '* * * * *',
      async run() {
        // A failure is in the log already, and the old one serves on.
        for (const { system, sids } of signedSystems(app).filter(({ system }) => !app.calendar.systemClosure(system)))
          for (const sid of sids)
            await upstreams
              .get(system)
              ?.refresh(sid, REFRESH_MS)
              .catch(() => undefined)
      },
    })
    app.addHook('onClose', async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
    })

    function open(connector: ConnectorDeclaration, key: string, name: string | undefined, system: UpstreamDeclaration): Upstream {
      const own = app.connectorSettings[connector.id] ?? {}
      const settings = (name === undefined ? own : own.systems?.[name]) ?? {}
      const { baseUrl, credentials } = addressOf(key, system, settings, app.settings, app.sandbox)
      const agency = system.agency ?? connector.agency
      const maxConcurrent = settings.maxConcurrent ?? system.maxConcurrent
      const accounts = app.accounts.tokensOf(connector.id)
      const services = [...(connector.internal ? app.internal.services : app.services).values()].filter(({ system }) => system === key)
      const asked = healthServiceOf(connector, services, key)
      const question = asked ? questionOf(asked) : null
      const budget = createRetryBudget()
      budgets.set(key, budget)
      addresses.set(key, baseUrl)
      return createUpstream({
        ...budgetsOf(services, maxConcurrent),
        healthSid: asked?.sid ?? null,
        ...(asked && question ? { questions: new Map([[asked.sid, question]]) } : {}),
        log: app.log,
        retry: budget.decide,
        observe(sid, outcome, ms, waitedMs) {
          budget.called()
          app.seen?.upstream(key, nameOf(key, sid), outcome, ms, waitedMs)
        },
        agency,
        assertOpen: () => app.calendar.assertSystem(key, agency),
        baseUrl,
        maxConcurrent,
        createSigner(send) {
          const { database, vault, log } = app
          const renewed = (outcome: string) => app.seen?.renewal(key, 'agency', outcome)
          const context = { baseUrl, credentials, database, vault, log, renewed, subjectOf: app.accounts.subjectOf(connector), send }
          try {
            return app.traced(key, system.dialect.createSigner({ ...context, ...(accounts ? { accounts } : {}) }))
          } catch (error) {
            throw new DeclarationError([`${key}: its way of signing cannot be had: ${(error as Error).message}`])
          }
        },
      })
    }
  },
  {
    name: 'upstreams',
    dependencies: ['settings', 'seen', 'traces', 'connectors', 'database', 'schedules', 'sandbox', 'accounts', 'calendar'],
  },
)

/** Calls without a caller have a quarter of the places, unless there are no others. */
function budgetsOf(services: readonly CompiledService[], places: number): { limits: Map<string, number>; anonymous: number } {
  const limits = services.flatMap(({ sid, contract }) => {
    const limit = contract.upstream?.maxConcurrent
    return limit === undefined ? [] : [[sid, limit] as const]
  })
  const isPublic = services.every(({ contract }) => contract.identity === 'none')
  return { limits: new Map(limits), anonymous: isPublic ? places : Math.ceil(places / 4) }
}
