import { randomBytes, randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { isOpenAddress } from '../../agency-files/address.ts'
import { type ApplicationRow, applicationOf, record } from '../rows.ts'

export const eventKinds = { filing: '办件状态变化', order: '订单状态变化' } as const
export type EventKind = keyof typeof eventKinds
export const webhookStates = { active: '启用', disabled: '已停用' } as const
export const deliveryStates = { waiting: '待推送', sent: '已送达', failed: '未能送达', dropped: '已作废' } as const
export type WebhookDeliveryState = keyof typeof deliveryStates

export interface WebhookRow {
  id: string
  application_id: string
  client_id: string
  url: string
  /** Space-separated. */
  kinds: string
  secret_sealed: string
  state: keyof typeof webhookStates
  failures: number
  failing_since: number | string | null
  rests_until: number | string
  created_at: number | string
  updated_at: number | string
}

export interface WebhookDeliveryRow {
  id: string
  webhook_id: string
  user_id: string
  service: string
  kind: EventKind
  about: string
  about_state: string
  state: WebhookDeliveryState
  attempts: number
  last_error: string | null
  created_at: number | string
  updated_at: number | string
}

interface Place {
  partnerId: string
  applicationId: string
}

/** Webhooks of an application, as its partner's people keep them; that they are that was asked before. */
export interface Webhooks {
  list(place: Place): Promise<WebhookRow[]>
  /** → the webhook, and its secret (Standard Webhooks), shown once. Throws HUB_VALIDATION for an address inside, HUB_REQUEST_STATE. */
  add(place: Place, webhook: { url: string; kinds: readonly EventKind[]; by: string }): Promise<{ webhook: WebhookRow; secret: string }>
  remove(place: Place, id: string, by: string): Promise<void>
  /** One that was disabled goes on; what had failed by then is replayed one by one. */
  enable(place: Place, id: string, by: string): Promise<WebhookRow>
  deliveries(place: Place, filter: DeliveryFilter): Promise<{ rows: WebhookDeliveryRow[]; total: number }>
  /** Throws HUB_NO_RECORD. */
  replay(place: Place, deliveryId: string): Promise<void>
}

export interface DeliveryFilter {
  state?: WebhookDeliveryState
  page: number
  pageSize: number
}

const MOST = 5
export const webhookContext = (id: string) => `application_webhooks.secret:${id}`

export function createWebhooks(database: Database, vault: Vault, internal: boolean): Webhooks {
  const mine = async ({ partnerId, applicationId }: Place): Promise<ApplicationRow> => applicationOf(database, applicationId, partnerId)
  const rows = (applicationId: string) => database<WebhookRow>('application_webhooks').where({ application_id: applicationId })

  return {
    async list(place) {
      await mine(place)
      return rows(place.applicationId).orderBy('created_at').limit(MOST)
    },
    async add(place, { url, kinds, by }) {
      if (!internal) assertOutside(url)
      const { client_id } = await mine(place)
      if (client_id === null) throw new HubError('HUB_REQUEST_STATE', { detail: '应用批准之后才能登记推送地址。' })
      const id = randomUUID()
      const at = Date.now()
      const secret = `whsec_${randomBytes(32).toString('base64')}`
      const row = {
        ...{ id, application_id: place.applicationId, client_id, url, kinds: [...new Set(kinds)].join(' '), state: 'active' as const },
        ...{ secret_sealed: vault.seal(secret, webhookContext(id)), failures: 0, failing_since: null, rests_until: 0 },
        ...{ created_by: by, created_at: at, updated_at: at },
      }
      await transact(database, async (transaction) => {
        // A write of nothing takes the row: of two that add one the second counts the first's.
        await transaction('partner_applications')
          .where({ id: place.applicationId })
          .update({ state: transaction.ref('state') })
        const held = await transaction('application_webhooks').where({ application_id: place.applicationId }).count({ n: '*' }).first()
        if (Number(held?.['n']) >= MOST) throw new HubError('HUB_REQUEST_STATE', { detail: `一个应用最多登记 ${MOST} 个推送地址。` })
        await transaction('application_webhooks').insert(row)
        await record(transaction, { ...place, event: 'webhook.added', by, note: id, at })
      })
      return { webhook: row, secret }
    },
    async remove(place, id, by) {
      await mine(place)
      if ((await rows(place.applicationId).where({ id }).delete()) !== 1) throw none()
      await record(database, { ...place, event: 'webhook.removed', by, note: id, at: Date.now() })
    },
    async enable(place, id, by) {
      await mine(place)
      const fresh = { state: 'active' as const, failures: 0, failing_since: null, rests_until: 0, updated_at: Date.now() }
      await rows(place.applicationId).where({ id, state: 'disabled' }).update(fresh)
      const row = await rows(place.applicationId).where({ id }).first()
      if (!row) throw none()
      await record(database, { ...place, event: 'webhook.enabled', by, note: id, at: Date.now() })
      return row
    },
    async deliveries(place, { state, page, pageSize }) {
      await mine(place)
      const found = () =>
        database('webhook_deliveries')
          .join('application_webhooks', 'application_webhooks.id', 'webhook_deliveries.webhook_id')
          .where({ application_id: place.applicationId })
          .modify((query) => {
            if (state !== undefined) query.where('webhook_deliveries.state', state)
          })
      const listed = await found()
        .select('webhook_deliveries.*')
        .orderBy([{ column: 'webhook_deliveries.created_at', order: 'desc' }, 'webhook_deliveries.id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await found().count({ n: '*' }).first()
      return { rows: listed as WebhookDeliveryRow[], total: Number(counted?.['n'] ?? 0) }
    },
    async replay(place, deliveryId) {
      await mine(place)
      const own = rows(place.applicationId).select('id')
      if (!(await replayDelivery(database, deliveryId, own))) throw none()
    },
  }
}

const none = () => new HubError('HUB_NO_RECORD', { detail: '没有这个推送地址或这次推送。' })

/** → whether it had failed, and is tried again. `among`: ids of webhooks. */
export async function replayDelivery(database: Database, id: string, among?: object): Promise<boolean> {
  const at = Date.now()
  const moved = await database('webhook_deliveries')
    .where({ id, state: 'failed' })
    .modify((query) => void (among && query.whereIn('webhook_id', among as never)))
    .update({ state: 'waiting', attempts: 0, due_at: at, created_at: at, updated_at: at })
  return moved === 1
}

/** Of an address in the place of a name nobody asks what it stands for, so it is looked at here and again before each call. */
function assertOutside(text: string): void {
  const refuse = (detail: string) => new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/url', detail }] })
  if (!URL.canParse(text)) throw refuse('须是 https 的绝对地址')
  const { protocol, username, password, hash, hostname } = new URL(text)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'https:' || username !== '' || password !== '' || hash !== '')
    throw refuse('须是 https 的绝对地址，不带用户名、密码和片段')
  const inside = isIP(host) === 0 ? !host.includes('.') || /\.(localhost|local|internal)$/.test(host) : !isOpenAddress(host)
  if (inside) throw refuse('须是公网地址')
}
