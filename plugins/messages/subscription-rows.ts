import { randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { nextLook } from './subscription-times.ts'

/** One row of `subscriptions`; times are epoch milliseconds. */
export interface SubscriptionRow {
  id: string
  user_id: string
  enterprise_id: string | null
  connector: string
  service: string
  subscription: string
  choice_sealed: string
  days_before: number | null
  face: number | boolean
  state: 'active' | 'ended'
  end_code: string | null
  known_sealed: string | null
  failures: number
  due_at: number | string | null
  trace_id: string
  consented_at: number | string
  ends_at: number | string
}

/** Which of several records, and with which of several accounts. */
export interface Choice {
  key: string | null
  binding: string | null
}

export const subscriptionContext = {
  choice: (id: string) => `subscriptions.choice:${id}`,
  known: (id: string) => `subscriptions.known:${id}`,
}

export interface SubscriptionDraft {
  userId: string
  enterpriseId: string | null
  service: CompiledService
  subscription: string
  choice: Choice
  daysBefore: number | null
  face: boolean
  /** Hashes of the records that are there at the beginning. */
  known: readonly string[]
  traceId: string
}

export interface SubscriptionView {
  id: string
  connector: string
  service: string
  serviceName: string
  subscription: string
  title: string
  key: string | null
  daysBefore: number | null
  enterpriseId: string | null
  state: 'active' | 'ended'
  endedBy: string | null
  consentedAt: string
  endsAt: string
}

export interface Subscriptions {
  list(userId: string, enterpriseId: string | null): Promise<SubscriptionView[]>
  /** Consent to be asked for; the same again is the one that there is. Throws HUB_VALIDATION beyond {@link MOST} of them. */
  add(draft: SubscriptionDraft): Promise<SubscriptionView>
  /** Takes the consent back: nothing is asked any more. → false where there is none. */
  remove(userId: string, id: string): Promise<boolean>
}

/** Subscriptions of one user. */
const MOST = 50
const CONSENT_MS = 365 * 86_400_000

export function createSubscriptions(
  database: Database,
  vault: Vault,
  services: ReadonlyMap<string, CompiledService>,
  now: () => number,
): Subscriptions {
  const open = (row: SubscriptionRow) => JSON.parse(vault.open(row.choice_sealed, subscriptionContext.choice(row.id))) as Choice

  function view(row: SubscriptionRow): SubscriptionView {
    const contract = services.get(`${row.connector}.${row.service}`)?.contract
    return {
      id: row.id,
      connector: row.connector,
      service: row.service,
      serviceName: contract?.name ?? row.service,
      subscription: row.subscription,
      title: contract?.subscriptions?.[row.subscription]?.title ?? row.subscription,
      key: open(row).key,
      daysBefore: row.days_before,
      enterpriseId: row.enterprise_id,
      state: row.state,
      endedBy: row.end_code,
      consentedAt: beijing(Number(row.consented_at)),
      endsAt: beijing(Number(row.ends_at)),
    }
  }

  const ofUser = (userId: string): Promise<SubscriptionRow[]> =>
    Promise.resolve(database('subscriptions').where({ user_id: userId }).orderBy(['consented_at', 'id']))

  return {
    async list(userId, enterpriseId) {
      return (await ofUser(userId)).filter((row) => row.enterprise_id === enterpriseId).map(view)
    },
    async add({ userId, enterpriseId, service, subscription, choice, daysBefore, face, known, traceId }) {
      const held = (await ofUser(userId)).filter(({ state }) => state === 'active')
      const same = held.find(
        (row) =>
          row.enterprise_id === enterpriseId &&
          `${row.connector}.${row.service}` === service.key &&
          row.subscription === subscription &&
          row.days_before === daysBefore &&
          JSON.stringify(open(row)) === JSON.stringify(choice),
      )
      if (same) return view(same)
      if (held.length >= MOST)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body', detail: `最多可以有 ${MOST} 项订阅，请先取消不需要的` }] })
      const id = randomUUID()
      const at = now()
      const row: SubscriptionRow = {
        id,
        user_id: userId,
        enterprise_id: enterpriseId,
        connector: service.connector.id,
        service: service.contract.id,
        subscription,
        choice_sealed: vault.seal(JSON.stringify(choice), subscriptionContext.choice(id)),
        days_before: daysBefore,
        face,
        state: 'active',
        end_code: null,
        known_sealed: vault.seal(JSON.stringify(known), subscriptionContext.known(id)),
        failures: 0,
        due_at: nextLook(at, id),
        trace_id: traceId,
        consented_at: at,
        ends_at: at + CONSENT_MS,
      }
      await database('subscriptions').insert(row)
      return view(row)
    },
    async remove(userId, id) {
      return (await database('subscriptions').where({ id, user_id: userId }).delete()) === 1
    },
  }
}
