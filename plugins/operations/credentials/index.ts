import fp from 'fastify-plugin'
import { type ErrorCode, errorTable, HubError } from '../../../core/base/errors.ts'
import type { HeldCredential } from '../../../core/upstream/dialect.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import { createRotations, type Outcome, type Rotation } from './rotations.ts'
import { type SignedSystem, signedSystems } from './systems.ts'

declare module 'fastify' {
  interface FastifyInstance {
    credentials: Credentials
  }
}

export interface SystemCredentials extends Pick<SignedSystem, 'system' | 'connector' | 'agency'> {
  /** Of the dialect. */
  dialect: string
  /** Names of what is configured, and of the settings that supply it; no value. */
  configured: readonly { name: string; title: string; setting: string | null }[]
  /** Whether the agency hands out what calls are signed with, so that it can be replaced now. */
  renewable: boolean
  /** What it has handed out, each once; none before the first call. */
  held: readonly HeldCredential[]
  rotation: Rotation | null
  /** When what is configured ends, where the operator has noted it (`credentialsExpire`); epoch milliseconds. */
  endsAt: number | null
}

export interface Credentials {
  list(): Promise<SystemCredentials[]>
  /**
   * Fetches anew what a system has handed out, while calls go on with what is held; within seconds every process uses the new. Throws
   * HUB_NO_RECORD, HUB_REQUEST_STATE where nothing of it can be replaced, HUB_AGENCY_CLOSED, HUB_RATE_LIMITED, or what the agency said where
   * nothing was replaced.
   */
  rotate(system: string, askedBy: string): Promise<Outcome>
  /** Takes up what other processes have replaced. */
  tick(): Promise<void>
}

const FRESH_MS = 2000
const AT_ONCE = 4
const TAKE_UP_MS = 5000

/** Credentials towards agencies: which there are, until when, and having them replaced before their time (docs/operations.md). */
export default fp(
  async (app) => {
    const { upstreams, log } = app
    const rotations = createRotations(app.database, Date.now)
    const systems = new Map(signedSystems(app).map((each) => [each.system, each]))
    const taken = new Map<string, string>()
    let timer: NodeJS.Timeout | null = null
    let looking: Promise<void> | null = null

    /** One look at a time: an agency that is slow to renew does not add up. */
    function tick(): Promise<void> {
      looking ??= look().finally(() => {
        looking = null
      })
      return looking
    }

    /** What differs from what was taken up: whatever the clocks of those who replaced it say. */
    async function look(): Promise<void> {
      for (const { system, askedAt, endedAt } of await rotations.since(0)) {
        const state = `${askedAt} ${endedAt}`
        // While it goes on, more and more of its credentials are replaced.
        if (endedAt !== null && taken.get(system) === state) continue
        if (await takeUp(system)) taken.set(system, state)
      }
    }

    /** → whether nothing was in the way; otherwise it is looked at again. */
    async function takeUp(system: string): Promise<boolean> {
      let isWhole = true
      for (const sid of systems.get(system)?.sids ?? [])
        await upstreams
          .get(system)
          ?.refresh(sid, TAKE_UP_MS)
          .catch(() => {
            isWhole = false
          })
      return isWhole
    }

    app.addHook('onReady', async () => {
      timer = setInterval(
        () => void tick().catch((error: Error) => log.warn({ error: error.name }, '凭据的更换情况读取失败')),
        FRESH_MS,
      ).unref()
    })
    app.addHook('onClose', async () => {
      if (timer) clearInterval(timer)
    })

    app.decorate('credentials', {
      tick,
      async list() {
        const last = new Map((await rotations.list()).map((each) => [each.system, each]))
        const ends = new Map((await app.expiries()).flatMap(({ kind, subject, at }) => (kind === 'credential' ? [[subject, at]] : [])))
        const listed: SystemCredentials[] = []
        for (const each of systems.values()) {
          const upstream = upstreams.get(each.system)
          const held = upstream ? [...(await heldBy(upstream, each)).values()].map(({ held }) => held) : []
          const renewable = upstream?.credentials.rotate !== undefined
          const [rotation, endsAt] = [last.get(each.system) ?? null, ends.get(each.system) ?? null]
          listed.push({ ...describe(each), renewable, held, rotation, endsAt })
        }
        return listed
      },
      async rotate(system, askedBy) {
        const signed = systems.get(system)
        const upstream = upstreams.get(system)
        if (!signed || !upstream) throw new HubError('HUB_NO_RECORD', { detail: '没有这个系统。' })
        if (!upstream.credentials.rotate)
          throw new HubError('HUB_REQUEST_STATE', { detail: '这个系统的凭据由人工配置，请在配置中更换后重新启动。' })
        app.calendar.assertSystem(system, signed.agency)
        await rotations.begin(system, askedBy)
        // Whatever goes wrong from here on ends it: otherwise nobody could ask again for as long as one may take.
        const outcome = await heldBy(upstream, signed)
          .then((held) => replaceAll(upstream, held))
          .catch((error: unknown) => failure(error))
        await rotations.end(system, outcome)
        const { renewed, failed, error } = outcome
        log.warn(
          { system, renewed, failed, error },
          failed === 0 ? '对方系统的凭据已按管理员要求更换' : '对方系统的凭据没有全部换成，原凭据继续使用',
        )
        if (renewed === 0 && failed > 0)
          throw new HubError(isErrorCode(error) ? error : 'HUB_UPSTREAM_CREDENTIAL', { agency: signed.agency })
        return outcome
      },
    })
  },
  { name: 'credentials', dependencies: ['upstreams', 'calendar', 'metrics'] },
)

/** What a system has handed out, each with one service that is signed with it. */
async function heldBy(upstream: Upstream, { sids }: SignedSystem): Promise<Map<string, { sid: string; held: HeldCredential }>> {
  const found = new Map<string, { sid: string; held: HeldCredential }>()
  for (const sid of sids) {
    const held = await upstream.credentials.inspect?.(sid)
    if (held) found.set(held.id, { sid, held })
  }
  return found
}

async function replaceAll(upstream: Upstream, held: ReadonlyMap<string, { sid: string }>): Promise<Outcome> {
  const sids = [...held.values()].map(({ sid }) => sid)
  const outcome: Outcome = { renewed: 0, failed: 0, error: null }
  for (let from = 0; from < sids.length; from += AT_ONCE) {
    const ends = await Promise.allSettled(sids.slice(from, from + AT_ONCE).map((sid) => upstream.credentials.rotate?.(sid)))
    for (const end of ends) {
      if (end.status === 'fulfilled') outcome.renewed++
      else Object.assign(outcome, { failed: outcome.failed + 1, error: outcome.error ?? codeOf(end.reason) })
    }
  }
  return outcome
}

const isErrorCode = (code: string | null): code is ErrorCode => code !== null && Object.hasOwn(errorTable, code)
const failure = (error: unknown): Outcome => ({ renewed: 0, failed: 1, error: codeOf(error) })
const codeOf = (error: unknown) => String((error as { code?: unknown } | null)?.code ?? 'HUB_UPSTREAM_INVALID').slice(0, 64)

function describe({ system, connector, agency, dialect }: SignedSystem) {
  const configured = Object.entries(dialect.credentials).map(([name, { title, setting }]) => ({ name, title, setting: setting ?? null }))
  return { ...{ system, connector, agency }, dialect: dialect.name, configured }
}
