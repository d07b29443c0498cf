import { randomBytes, randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { ClientKey } from '../oauth/client-keys.ts'
import { createClientKeys } from '../oauth/client-keys.ts'
import { CHECKS_FAILED } from './applying.ts'
import { type ApplicationDraft, checkApplication, type Judge } from './checks.ts'
import { type Limits, runningLimits } from './limits.ts'
import {
  type ApplicationRow,
  applicationOf,
  assertStranger,
  beginReview,
  holdPartner,
  moveApplication,
  moveReview,
  type ReviewRow,
  record,
  reviewOf,
  type Step,
} from './rows.ts'
import { type ApplicationState, applicationStates, titlesOf } from './states.ts'

/** What members of a partner do with its applications; that they are members, and may, was asked before. */
export interface Applications {
  /** Checked at once; what fails is refused with what was found. */
  apply(partnerId: string, draft: ApplicationDraft, by: string): Promise<ReviewRow>
  /** The same for one that there is: nothing of it changes before two people agreed. Throws HUB_NO_RECORD, HUB_REQUEST_STATE. */
  change(partnerId: string, id: string, draft: ApplicationDraft, by: string): Promise<ReviewRow>
  /** Throws HUB_NO_RECORD, HUB_REQUEST_STATE. */
  withdraw(partnerId: string, reviewId: string, by: string): Promise<ReviewRow>
  /** → a key and its secret, which nobody will ever be shown again. */
  addKey(partnerId: string, id: string, key: NewPartnerKey): Promise<{ key: ClientKey; secret: string; clientId: string }>
  revokeKey(partnerId: string, id: string, keyId: string, by: string): Promise<ClientKey>
  keys(partnerId: string, id: string): Promise<ClientKey[]>
  /**
   * By an administrator; `to` null goes on as before it was suspended. Its client stands and falls with it, in the next request. Throws
   * HUB_SECOND_PERSON for a member who opens it.
   */
  setState(id: string, to: Exclude<ApplicationState, 'applied' | 'closed'> | null, step: Omit<Step, 'at'>): Promise<ApplicationRow>
}

export interface NewPartnerKey {
  by: string
  /** How long the keys before it still live. */
  overlapMs: number
  /** When it ends by itself; null: never. */
  endsAt: number | null
}

export interface ApplicationsOptions {
  database: Database
  vault: Vault
  judge: Omit<Judge, 'database'>
  limits: Limits
  now?: () => number
}

const states = titlesOf(applicationStates)
/** States in which an application has a client that opens. */
const OPEN: ReadonlySet<ApplicationState> = new Set(['testing', 'running'])

export function createApplications({ database, vault, judge, limits, now = Date.now }: ApplicationsOptions): Applications {
  async function submit(
    transaction: Knex.Transaction,
    row: ApplicationRow,
    kind: 'application' | 'change',
    draft: ApplicationDraft,
    by: string,
  ) {
    const at = now()
    const about = { partner_id: row.partner_id, application_id: row.id, requested_by: by }
    const open = await beginReview(transaction, { kind, state: 'confirmed', ...about, openKey: row.id, content: draft }, at)
    const checks = await checkApplication({ database: transaction, ...judge }, draft, row.client_id)
    const found = { checks: JSON.stringify(checks) }
    if (checks.every(({ passed }) => passed)) return moveReview(transaction, open, 'checked', found, { by: null, at })
    if (kind === 'application') await moveApplication(transaction, row, 'closed', {}, { by: null, at })
    return moveReview(transaction, open, 'refused', { ...found, decision_reason: CHECKS_FAILED }, { by: null, at })
  }

  /** Throws HUB_REQUEST_STATE for one without a client that opens. */
  async function opened(from: Knex, partnerId: string, id: string): Promise<ApplicationRow & { client_id: string }> {
    const row = await applicationOf(from, id, partnerId)
    if (row.client_id === null || !OPEN.has(row.state))
      throw new HubError('HUB_REQUEST_STATE', { detail: `应用现在的状态是“${states[row.state]}”，不能这样处理。` })
    return { ...row, client_id: row.client_id }
  }

  return {
    apply: (partnerId, draft, by) =>
      transact(database, async (transaction) => {
        const at = now()
        const count = await transaction('partner_applications')
          .where({ partner_id: partnerId })
          .whereNot({ state: 'closed' })
          .count({ n: '*' })
          .first()
        if (Number(count?.['n']) >= MOST_APPLICATIONS)
          throw new HubError('HUB_REQUEST_STATE', { detail: `一个接入方最多有 ${MOST_APPLICATIONS} 个应用。` })
        const { name, home } = draft
        const row: ApplicationRow = {
          ...{ id: randomUUID(), partner_id: partnerId, client_id: null, name, home, state: 'applied', resumes_to: null },
          ...{ created_at: at, updated_at: at },
        }
        await transaction('partner_applications').insert(row)
        return submit(transaction, row, 'application', draft, by)
      }),
    change: (partnerId, id, draft, by) =>
      transact(database, async (transaction) => submit(transaction, await opened(transaction, partnerId, id), 'change', draft, by)).catch(
        (error: unknown) => {
          throw isDuplicate(error)
            ? new HubError('HUB_REQUEST_STATE', { detail: '这个应用已有一项变更在审核，请等它办完或先撤回。' })
            : error
        },
      ),
    withdraw: (partnerId, reviewId, by) =>
      transact(database, async (transaction) => {
        const review = await reviewOf(transaction, reviewId, partnerId)
        const step = { by, at: now() }
        const withdrawn = await moveReview(transaction, review, 'withdrawn', {}, step)
        if (review.kind === 'application' && review.application_id !== null)
          await moveApplication(transaction, await applicationOf(transaction, review.application_id), 'closed', {}, step)
        return withdrawn
      }),
    addKey: (partnerId, id, { by, overlapMs, endsAt }) =>
      transact(database, async (transaction) => {
        // A write of nothing takes the row on both engines: of two that add a key the second one counts the first's.
        await transaction('partner_applications')
          .where({ id })
          .update({ state: transaction.ref('state') })
        const { client_id } = await opened(transaction, partnerId, id)
        const made = await createClientKeys(transaction, vault, now).add(client_id, { createdBy: by, endsAt, overlapMs })
        await record(transaction, { partnerId, applicationId: id, event: 'key.added', by, note: made.key.id, at: now() })
        return { ...made, clientId: client_id }
      }),
    revokeKey: (partnerId, id, keyId, by) =>
      transact(database, async (transaction) => {
        const { client_id } = await applicationOf(transaction, id, partnerId)
        const revoked = await createClientKeys(transaction, vault, now).revoke(client_id ?? '', keyId)
        await record(transaction, { partnerId, applicationId: id, event: 'key.revoked', by, note: keyId, at: now() })
        return revoked
      }),
    async keys(partnerId, id) {
      const { client_id } = await applicationOf(database, id, partnerId)
      return client_id === null ? [] : createClientKeys(database, vault, now).list(client_id)
    },
    setState: (id, to, step) =>
      transact(database, async (transaction) => {
        const row = await applicationOf(transaction, id)
        const next = to ?? row.resumes_to ?? row.state
        if (OPEN.has(next)) await assertStranger(transaction, row.partner_id, step.by)
        const { state } = await holdPartner(transaction, row.partner_id)
        if (OPEN.has(next) && state !== 'active') throw new HubError('HUB_REQUEST_STATE', { detail: '接入方现在不是正常状态。' })
        if (row.state === 'testing' && next === 'running') await limits.set(row.client_id ?? '', runningLimits, transaction)
        return moveTo(transaction, row, next, { ...step, at: now() })
      }),
  }
}

const MOST_APPLICATIONS = 50

/** Throws HUB_REQUEST_STATE. A suspended one goes on as what it was, and nothing else. */
export async function moveTo(transaction: Knex, row: ApplicationRow, to: ApplicationState, step: Step): Promise<ApplicationRow> {
  if (row.state === 'suspended' && OPEN.has(to) && to !== row.resumes_to)
    throw new HubError('HUB_REQUEST_STATE', { detail: `恢复后的状态只能是“${row.resumes_to === null ? '' : states[row.resumes_to]}”。` })
  const changes = { resumes_to: to === 'suspended' ? row.state : null }
  await moveApplication(transaction, row, to, changes, step)
  const status = OPEN.has(to) ? 'active' : 'disabled'
  await transaction('oauth_clients').where({ id: row.client_id }).update({ status, updated_at: step.at })
  return { ...row, ...changes, state: to }
}

/** Ids of clients that partners' applications get. */
export const newClientId = () => `app-${randomBytes(8).toString('hex')}`
