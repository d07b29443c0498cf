import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { assertKnownPolicy } from '../access/known-policy.ts'
import type { AuditEntry } from '../audit/entry.ts'
import { post } from '../outbox/outbox.ts'
import { backOff, claim, dueIds, RELEASED } from '../queue/lease.ts'
import type { Users } from '../users/users.ts'
import { daysNear, hashesOf, type LookContext, look } from './look.ts'
import { type Choice, type SubscriptionRow, subscriptionContext } from './subscription-rows.ts'
import { nextLook } from './subscription-times.ts'

export interface Watch {
  due(limit: number): Promise<string[]>
  /** Looks once. → when the next look is due, or null. */
  work(id: string): Promise<number | null>
}

export interface WatchOptions extends LookContext {
  database: Database
  vault: Vault
  services: ReadonlyMap<string, CompiledService>
  users: Pick<Users, 'byId' | 'asker' | 'access'>
  /** Puts a look on record. */
  note(
    entry: Pick<AuditEntry, 'at' | 'connector' | 'service' | 'enterprise' | 'traceId' | 'outcome' | 'upstreamMs' | 'rows' | 'fields'> & {
      userId: string
    },
  ): Promise<void>
  now: () => number
}

type Held = SubscriptionRow & { lease_owner: string }

const FIRST_RETRY_MS = 15 * 60_000
/** After these in a row it is left for the next day. */
const PATIENCE = 4

/** With what the consent ends, and why, for whoever gave it. Any other trouble passes. */
const ENDINGS: Readonly<Record<string, string>> = {
  HUB_USER_UNKNOWN: '账户不存在。',
  HUB_USER_DISABLED: '账户已停用。',
  HUB_REAL_NAME_REQUIRED: '账户没有实名认证。',
  HUB_MANDATE_REQUIRED: '您对该单位的授权已终止。',
  HUB_SERVICE_NOT_OPEN: '这项服务不再向您开放。',
  HUB_ACCOUNT_UNBOUND: '您已解除与对方系统账户的绑定。',
  HUB_ACCOUNT_REAUTHORISE: '您对对方系统的授权已失效。',
  HUB_SEVERAL_RECORDS: '现在有多条记录，须指定其中一条。',
}
const OVER = 'CONSENT-OVER'
const GONE = 'SERVICE-GONE'

/** Asks, day after day, what was subscribed to, and puts what is to be told into the outbox. */
export function createWatch(options: WatchOptions): Watch {
  const { database, vault, services, users, note, now } = options

  async function admit(row: SubscriptionRow, { key, contract }: CompiledService): Promise<Asker> {
    assertKnownPolicy(contract)
    const user = await users.byId(row.user_id)
    if (!(await users.access.opens(key, user.kind))) throw new HubError('HUB_SERVICE_NOT_OPEN')
    if (contract.identity !== 'login' && !user.person) throw new HubError('HUB_REAL_NAME_REQUIRED')
    return users.asker(row.user_id, row.enterprise_id, key)
  }

  /** In the transaction that takes down what is known now. */
  async function settle(row: Held, changes: object, also: (transaction: Knex.Transaction) => Promise<void>): Promise<void> {
    await transact(database, async (transaction) => {
      const mine = transaction('subscriptions').where({ id: row.id, lease_owner: row.lease_owner, state: 'active' })
      if ((await mine.update({ ...RELEASED, ...changes })) === 1) await also(transaction)
    })
  }

  async function end(row: Held, code: string, reason: string): Promise<null> {
    const detail = { what: 'ended', date: null, reason } as const
    await settle(row, { state: 'ended', end_code: code, due_at: null }, (transaction) =>
      post(transaction, { topic: 'subscription', userId: row.user_id, about: row.id, detail, once: `subscription:${row.id}:ended` }),
    )
    return null
  }

  async function ask(row: Held, service: CompiledService): Promise<number> {
    const policy = service.contract.subscriptions?.[row.subscription]
    const choice = JSON.parse(vault.open(row.choice_sealed, subscriptionContext.choice(row.id))) as Choice
    const at = now()
    const { rows, upstreamMs } = await look(options, service, await admit(row, service), choice)
    // Without evidence there is no use of what was learnt.
    await note({ ...said(row, at), outcome: 'ok', upstreamMs, rows: rows.length, fields: rows.length > 0 ? service.fieldNames : [] })
    const known =
      row.known_sealed === null ? null : (JSON.parse(vault.open(row.known_sealed, subscriptionContext.known(row.id))) as string[])
    const hashes = policy ? hashesOf(vault, policy, rows) : []
    const fresh = known === null ? [] : hashes.filter((hash) => !known.includes(hash))
    const days = policy ? daysNear(policy, rows, row.days_before ?? 0, at) : []
    const due_at = nextLook(at, row.id)
    const known_sealed = vault.seal(JSON.stringify(hashes), subscriptionContext.known(row.id))
    await settle(row, { failures: 0, due_at, known_sealed }, async (transaction) => {
      const told = { topic: 'subscription', userId: row.user_id, about: row.id } as const
      for (const date of days)
        await post(transaction, { ...told, detail: { what: 'due', date, reason: null }, once: `subscription:${row.id}:${date}` })
      if (fresh.length > 0)
        await post(transaction, { ...told, detail: { what: 'news', date: null, reason: null }, once: `subscription:${row.id}:${fresh[0]}` })
    })
    return due_at
  }

  const said = (row: SubscriptionRow, at: number) => ({
    at,
    userId: row.user_id,
    connector: row.connector,
    service: row.service,
    enterprise: row.enterprise_id,
    traceId: row.trace_id,
  })

  async function trouble(row: Held, error: unknown): Promise<number | null> {
    const code = codeOf(error)
    await note({ ...said(row, now()), outcome: code, upstreamMs: null, rows: null, fields: [] })
    const reason = ENDINGS[code]
    if (reason !== undefined) return end(row, code, reason)
    // A clean "nothing found" is an answer like any other: there is nothing to tell.
    const failures = code === 'HUB_NO_RECORD' ? 0 : row.failures + 1
    const due_at = failures % PATIENCE === 0 ? nextLook(now(), row.id) : now() + backOff(failures % PATIENCE, FIRST_RETRY_MS)
    await settle(row, { failures, due_at }, async () => undefined)
    return due_at
  }

  return {
    due: (limit) => dueIds(database, 'subscriptions', now(), limit),
    async work(id) {
      const row = await claim<SubscriptionRow>(database, 'subscriptions', id, now())
      if (!row) return null
      if (Number(row.ends_at) <= now()) return end(row, OVER, '订阅已满一年，授权到期。')
      const service = services.get(`${row.connector}.${row.service}`)
      if (!service?.contract.subscriptions?.[row.subscription]) return end(row, GONE, '这项订阅不再提供。')
      try {
        return await ask(row, service)
      } catch (error) {
        return trouble(row, error)
      }
    },
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('HUB_') ? code : 'HUB_INTERNAL'
}
