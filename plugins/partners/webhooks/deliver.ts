import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { isOpenAddress } from '../../agency-files/address.ts'
import { ChannelError } from '../../messages/channels/channel.ts'
import type { Post } from '../../messages/channels/post.ts'
import { signedHeaders } from '../../messages/channels/webhook.ts'
import { pairwise } from '../../oauth/pairwise.ts'
import { post as notice } from '../../outbox/outbox.ts'
import { backOff, claim, free, RELEASED } from '../../queue/lease.ts'
import { entitled } from './entitled.ts'
import { type EventKind, type WebhookDeliveryRow, type WebhookRow, webhookContext } from './rows.ts'

/** Something of a user's that came to another state. */
export interface Moved {
  kind: EventKind
  id: string
  service: string
  state: string
  userId: string
  at: number
}

export interface WebhookDeliverOptions {
  database: Database
  vault: Vault
  sender: Post
  /** Of the hub, as receivers know it. */
  source: string
  firstRetryMs: number
  /** Addresses of closed networks too: for tests. */
  internal: boolean
  now: () => number
}

const HOUR_MS = 3_600_000
/** After so long one delivery is given up, and after so long without any success a webhook is disabled. */
const TRIED_MS = 24 * HOUR_MS
const FAILING_MS = 72 * HOUR_MS
const DELIVERY = 'webhook_deliveries'

/** Webhooks among which turns are taken. */
const MOST_LOOKED_AT = 1000

type Held = WebhookDeliveryRow & { lease_owner: string }

/** Tells applications what moved: queued with the change itself, sent by a worker of its own, to one address after the other's rest. */
export function createWebhookDeliver({ database, vault, sender, source, firstRetryMs, internal, now }: WebhookDeliverOptions) {
  // Of this process: to whom something is being sent, and when each had its last turn.
  const busy = new Set<string>()
  const served = new Map<string, number>()
  let turns = 0

  async function queue(transaction: Knex, { kind, id, service, state, userId, at }: Moved): Promise<void> {
    const told = await entitled(transaction, { userId, service, kind }, at)
    const due = { state: 'waiting', attempts: 0, due_at: at, created_at: at, updated_at: at }
    const rows = told.map((webhook) => {
      return { id: randomUUID(), webhook_id: webhook.id, user_id: userId, service, kind, about: id, about_state: state, ...due }
    })
    if (rows.length > 0) await transaction(DELIVERY).insert(rows)
  }

  const own = ({ id, lease_owner }: Held) => database(DELIVERY).where({ id, lease_owner })
  const end = (row: Held, state: 'sent' | 'dropped', attempts = row.attempts) =>
    own(row).update({ ...RELEASED, state, attempts, due_at: null, last_error: null, updated_at: now() })

  async function send(row: Held, { id, url, secret_sealed, sector }: WebhookRow & { sector: string }): Promise<void> {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
    if (!internal && isIP(host) !== 0 && !isOpenAddress(host)) throw new ChannelError('ERR_ADDRESS_CLOSED', false)
    const body = JSON.stringify(eventOf(row, source, pairwise(vault, sector, row.user_id)))
    const key = Buffer.from(vault.open(secret_sealed, webhookContext(id)).slice('whsec_'.length), 'base64')
    const type = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
    await sender.send(url, { ...type, ...signedHeaders(key, row.id, now(), body) }, body)
  }

  async function succeeded(row: Held, webhook: WebhookRow): Promise<void> {
    await end(row, 'sent', row.attempts + 1)
    if (webhook.failures > 0)
      await database('application_webhooks').where({ id: webhook.id }).update({ failures: 0, failing_since: null, rests_until: 0 })
  }

  /** The whole webhook rests, so that one that never answers keeps nobody else's waiting. → when it is tried again, or null. */
  async function failed(row: Held, webhook: WebhookRow, error: unknown): Promise<number | null> {
    const at = now()
    const { code } = error instanceof ChannelError ? error : new ChannelError('INTERNAL', true, error)
    const attempts = row.attempts + 1
    const failures = webhook.failures + 1
    const since = webhook.failing_since === null ? at : Number(webhook.failing_since)
    const rests_until = at + backOff(failures, firstRetryMs)
    const given = at - Number(row.created_at) >= TRIED_MS
    const next = given ? { state: 'failed', due_at: null } : { due_at: rests_until }
    await own(row).update({ ...RELEASED, ...next, attempts, last_error: code, updated_at: at })
    await database('application_webhooks').where({ id: webhook.id }).update({ failures, failing_since: since, rests_until, updated_at: at })
    if (at - since >= FAILING_MS) await disable(webhook, at)
    return given ? null : rests_until
  }

  async function disable({ id, application_id }: WebhookRow, at: number): Promise<void> {
    await transact(database, async (transaction) => {
      const ended = await transaction('application_webhooks').where({ id, state: 'active' }).update({ state: 'disabled', updated_at: at })
      if (ended !== 1) return
      await transaction(DELIVERY).where({ webhook_id: id, state: 'waiting' }).update({ state: 'failed', due_at: null, updated_at: at })
      const application = await transaction('partner_applications').where({ id: application_id }).first('partner_id')
      const detail = { event: 'webhook-disabled', application: application_id }
      if (application)
        await notice(transaction, { topic: 'partner', userId: null, about: application.partner_id, detail, once: `webhook:${id}:${at}` })
    })
  }

  async function deliver(row: Held): Promise<number | null> {
    // What he took back since, or an administrator did, is not told any more.
    const [webhook] = await entitled(database, { userId: row.user_id, service: row.service, kind: row.kind, id: row.webhook_id }, now())
    if (!webhook) {
      await end(row, 'dropped')
      return null
    }
    // It began to rest while this one was on its way here.
    const rests = Number(webhook.rests_until)
    if (rests > now()) {
      await own(row).update({ ...RELEASED, due_at: rests })
      return rests
    }
    try {
      await send(row, webhook)
    } catch (error) {
      return failed(row, webhook, error)
    }
    await succeeded(row, webhook)
    return null
  }

  return {
    queue,
    /** One of each webhook at most, first of those that were not served for longest: one that is slow takes one place, and its turn. */
    async due(limit: number): Promise<string[]> {
      const at = now()
      const resting = database('application_webhooks').where('rests_until', '>', at).select('id')
      const waiting = () => database(DELIVERY).modify(free, at)
      const webhooks: string[] = await waiting()
        .whereNotIn('webhook_id', resting)
        .whereNotIn('webhook_id', [...busy])
        .groupBy('webhook_id')
        .orderByRaw('min(due_at)')
        .limit(MOST_LOOKED_AT)
        .pluck('webhook_id')
      const inTurn = webhooks.toSorted((a, b) => (served.get(a) ?? 0) - (served.get(b) ?? 0)).slice(0, limit)
      const ids: string[] = []
      for (const webhook_id of inTurn)
        ids.push(...((await waiting().where({ webhook_id }).orderBy('due_at').limit(1).pluck('id')) as string[]))
      return ids
    },
    async work(id: string): Promise<number | null> {
      const row = await claim<WebhookDeliveryRow>(database, DELIVERY, id, now())
      if (!row) return null
      const { webhook_id } = row
      if (busy.has(webhook_id)) {
        await own(row).update(RELEASED)
        return null
      }
      busy.add(webhook_id)
      try {
        return await deliver(row)
      } finally {
        busy.delete(webhook_id)
        served.set(webhook_id, ++turns)
      }
    },
    async purge(before: number): Promise<void> {
      await database(DELIVERY).whereIn('state', ['sent', 'dropped', 'failed']).andWhere('updated_at', '<', before).delete()
    },
  }
}

function eventOf({ id, kind, service, about, about_state, created_at }: WebhookDeliveryRow, source: string, sub: string): object {
  return {
    specversion: '1.0',
    ...{ id, source, type: `hub.${kind}.moved`, subject: about, time: new Date(Number(created_at)).toISOString() },
    datacontenttype: 'application/json',
    data: { sub, service, id: about, state: about_state },
  }
}
