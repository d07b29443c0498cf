import type { Database } from '../../core/base/database.ts'

/** What kind of user somebody is (contract 1.2.1.4): 普通用户, 测试用户, 指定用户. */
export const userKinds = { ordinary: '普通用户', test: '测试用户', designated: '指定用户' } as const
export type UserKind = keyof typeof userKinds

export interface ServiceAccess {
  /** Whether a service is open to users of a kind; without a restriction it is open to all. Synchronous on the hot path. */
  opens(serviceKey: string, kind: UserKind): boolean | Promise<boolean>
  /** Restrictions by `<connector>` or `<connector>.<service>`. */
  list(): Promise<Record<string, UserKind[]>>
  /** Opens a service to these kinds only; an empty list to all again. At once here, within 2 s in other processes. */
  restrict(service: string, kinds: readonly UserKind[]): Promise<void>
}

const FRESH_MS = 2_000

export function createServiceAccess(database: Database): ServiceAccess {
  let known: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  let freshUntil = 0
  let loading: Promise<void> | null = null
  let generation = 0

  async function load(): Promise<void> {
    const began = generation
    const until = Date.now() + FRESH_MS
    const rows: { service: string; kind: UserKind }[] = await database('service_access').select('service', 'kind')
    // What was restricted in the meantime may be missing from these rows.
    if (began !== generation) return load()
    const next = new Map<string, Set<string>>()
    for (const { service, kind } of rows) next.set(service, (next.get(service) ?? new Set()).add(kind))
    known = next
    freshUntil = until
  }

  /** A connector's restriction and a service's own must both be met. */
  function judge(serviceKey: string, kind: UserKind): boolean {
    if (known.size === 0) return true
    const connector = serviceKey.slice(0, serviceKey.indexOf('.'))
    return [known.get(connector), known.get(serviceKey)].every((kinds) => kinds === undefined || kinds.has(kind))
  }

  return {
    opens(serviceKey, kind) {
      if (Date.now() < freshUntil) return judge(serviceKey, kind)
      loading ??= load().finally(() => {
        loading = null
      })
      return loading.then(() => judge(serviceKey, kind))
    },
    async list() {
      const rows: { service: string; kind: UserKind }[] = await database('service_access')
        .orderBy(['service', 'kind'])
        .select('service', 'kind')
      const restrictions: Record<string, UserKind[]> = {}
      for (const { service, kind } of rows) restrictions[service] = [...(restrictions[service] ?? []), kind]
      return restrictions
    },
    async restrict(service, kinds) {
      await database.transaction(async (trx) => {
        await trx('service_access').where({ service }).delete()
        if (kinds.length > 0) await trx('service_access').insert([...new Set(kinds)].map((kind) => ({ service, kind })))
      })
      generation++
      freshUntil = 0
    },
  }
}
