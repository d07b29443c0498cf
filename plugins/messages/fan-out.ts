import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Topic } from '../outbox/outbox.ts'
import { backOff, claim, free, RELEASED } from '../queue/lease.ts'
import { compose } from './compose.ts'
import type { Planner } from './plan.ts'
import type { Recipient } from './recipients.ts'
import { isUrgent, write } from './templates.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

/** One row of `notices`. */
interface NoticeRow {
  id: string
  topic: Topic
  user_id: string | null
  principal: string
  about: string
  detail: string
  once_key: string
  failures: number
}

/** Content of `messages.content_sealed`. */
export interface Content {
  title: string
  body: string
  short: string
}

export const contentContext = (id: string) => `messages.content:${id}`

export interface FanOut {
  due(limit: number): Promise<string[]>
  /** Turns one notice into messages. → when it is to be tried again, or null. */
  work(id: string): Promise<number | null>
  /** Has a notice tried again that was given up, or gives it up for good. → whether there was one. */
  replay(id: string): Promise<boolean>
  drop(id: string): Promise<boolean>
}

export interface FanOutOptions {
  database: Database
  vault: Vault
  context: ComposeContext
  plan: Planner
  now: () => number
}

const FIRST_RETRY_MS = 10_000
/** About half a day, later each time; what then still cannot be told waits for a person. */
const ATTEMPTS = 18

/** Outbox → messages and what is to be sent of them. */
export function createFanOut({ database, vault, context, plan, now }: FanOutOptions): FanOut {
  async function tell(transaction: Knex.Transaction, notice: NoticeRow, told: Told, recipient: Recipient): Promise<void> {
    const once_key = `${notice.once_key}:${recipient.userId ?? notice.about}`
    if (await transaction('messages').where({ once_key }).first('id')) return
    if (recipient.userId !== null && !(await isThere(transaction, recipient.userId))) return
    const id = randomUUID()
    const urgent = isUrgent(told.template)
    await transaction('messages').insert({
      id,
      once_key,
      user_id: recipient.userId,
      enterprise_id: recipient.enterpriseId,
      topic: told.topic,
      connector: told.connector ?? null,
      service: told.service ?? null,
      about: notice.about,
      urgent,
      content_sealed: vault.seal(JSON.stringify(write(told.template, told.facts) satisfies Content), contentContext(id)),
      created_at: now(),
    })
    await plan(transaction, { id, userId: recipient.userId, about: notice.about, topic: told.topic, urgent })
  }

  const dead = (id: string) => database('notices').where({ id }).whereNotNull('dead_at')

  return {
    async due(limit) {
      const living = database('notices').modify(free, now()).whereNull('dead_at')
      return (await living.orderBy('due_at').limit(limit).pluck('id')) as string[]
    },
    async work(id) {
      const notice = await claim<NoticeRow>(database, 'notices', id, now())
      if (!notice) return null
      const mine = { id, lease_owner: notice.lease_owner }
      try {
        await transact(database, async (transaction) => {
          // Gone with the messages that it became, or still there: told twice or not at all it cannot be.
          if ((await transaction('notices').where(mine).delete()) !== 1) return
          for (const told of await compose({ ...context, database: transaction }, open(notice)))
            for (const recipient of told.recipients) await tell(transaction, notice, told, recipient)
        })
        return null
      } catch (error) {
        const failures = notice.failures + 1
        const due_at = now() + backOff(failures, FIRST_RETRY_MS)
        await database('notices')
          .where(mine)
          .update({ ...RELEASED, failures, due_at, last_error: codeOf(error), dead_at: failures < ATTEMPTS ? null : now() })
        throw error
      }
    },
    async replay(id) {
      return (await dead(id).update({ dead_at: null, failures: 0, due_at: now() })) === 1
    },
    async drop(id) {
      return (await dead(id).delete()) === 1
    },
  }
}

function open({ topic, user_id, principal, about, detail }: NoticeRow): OpenNotice {
  return { topic, userId: user_id, principal, about, detail: JSON.parse(detail) as OpenNotice['detail'] }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return String(code ?? name).slice(0, 64)
}

/** Whoever has left, or goes on under another account, is told nothing. */
async function isThere(transaction: Knex.Transaction, id: string): Promise<boolean> {
  return (await transaction('users').where({ id }).whereNotIn('status', ['merged', 'deregistered']).first('id')) !== undefined
}
