import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { withMerged } from '../agency-accounts/merged.ts'
import { assertPerson } from '../confirmations/persons.ts'
import { createClientRegistry } from '../oauth/client-registry.ts'
import type { Scope } from '../oauth/scopes.ts'
import { post } from '../outbox/outbox.ts'
import { moveTo, newClientId } from './applications.ts'
import { type ApplicationDraft, clientDraft, takenBy } from './checks.ts'
import { type Limits, testingLimits } from './limits.ts'
import { assertPapers } from './papers.ts'
import {
  type ApplicationRow,
  applicationOf,
  assertStranger,
  holdPartner,
  moveApplication,
  movePartner,
  moveReview,
  type PartnerRow,
  partnerOf,
  type ReviewRow,
  reviewOf,
} from './rows.ts'

export interface Decision {
  userId: string
  /** An opinion, or why it is refused. */
  reason: string
}

/** Two people look at whatever a partner wants: the first at the business, the second approves. Neither belongs to the partner. */
export interface Deciding {
  /** The first step. Throws HUB_NO_RECORD, HUB_REQUEST_STATE, HUB_ROLE_REQUIRED, HUB_REAL_NAME_REQUIRED, HUB_SECOND_PERSON for a member. */
  review(id: string, decision: Decision): Promise<ReviewRow>
  /** The second, by somebody else: it is done in the same transaction. Again by the same person it changes nothing. Throws as {@link Deciding.review}. */
  approve(id: string, decision: Decision): Promise<ReviewRow>
  /** At either step. */
  refuse(id: string, decision: Decision): Promise<ReviewRow>
  /**
   * Stops all that a partner has, or lets it go on; what was suspended with it is resumed one by one. Throws HUB_SECOND_PERSON for a
   * member who resumes.
   */
  setPartner(id: string, to: 'active' | 'suspended', decision: Decision): Promise<PartnerRow>
}

export interface DecidingOptions {
  database: Database
  vault: Vault
  scopes: ReadonlyMap<string, Scope>
  limits: Limits
  now?: () => number
}

export function createDeciding({ database, vault, scopes, limits, now = Date.now }: DecidingOptions): Deciding {
  /** Takes the row, so that of two who decide the second one sees what the first did. */
  async function take(transaction: Knex.Transaction, id: string): Promise<ReviewRow> {
    await transaction('partner_reviews')
      .where({ id })
      .update({ state: transaction.ref('state') })
    return reviewOf(transaction, id)
  }

  async function assertBoth(transaction: Knex, { partner_id, reviewed_by }: ReviewRow, userId: string): Promise<void> {
    await assertPerson(transaction, userId, 'partners.approve')
    if (reviewed_by === null || reviewed_by === userId)
      throw new HubError('HUB_SECOND_PERSON', { detail: '批准须由业务审核人以外的另一位管理员作出。' })
    await assertStranger(transaction, partner_id, userId)
    // Whoever reviewed may have lost his office, or joined the partner, since.
    try {
      await assertPerson(transaction, reviewed_by, 'partners.review')
      await assertStranger(transaction, partner_id, reviewed_by)
    } catch (error) {
      if (!(error instanceof HubError) || error.status >= 500) throw error
      throw new HubError('HUB_REQUEST_STATE', { detail: '业务审核人现在不能再审核这个接入方，请退回后重新申请。' }, error)
    }
  }

  async function grant(transaction: Knex.Transaction, review: ReviewRow, step: { by: string; at: number }): Promise<void> {
    if (review.kind === 'partner') return admitPartner(transaction, await partnerOf(transaction, review.partner_id), step)
    const draft = JSON.parse(review.content) as ApplicationDraft
    const application = await applicationOf(transaction, review.application_id ?? '')
    await assertStillAsked(transaction, review)
    const { state } = await holdPartner(transaction, review.partner_id)
    if (state !== 'active') throw new HubError('HUB_REQUEST_STATE', { detail: '接入方现在不是正常状态。' })
    const taken = await takenBy(transaction, draft.redirectUris, application.client_id)
    if (taken.length > 0) throw new HubError('HUB_REQUEST_STATE', { detail: `${taken.join('；')}，请退回后重新申请。` })
    const registry = createClientRegistry({ database: transaction, vault, scopes })
    if (review.kind === 'application') {
      const client_id = newClientId()
      await registry.registerKeyless(clientDraft(client_id, draft))
      await moveApplication(transaction, application, 'testing', { client_id }, step)
      await limits.set(client_id, testingLimits, transaction)
    } else await changeClient(transaction, registry, application, draft)
  }

  async function changeClient(
    transaction: Knex,
    registry: ReturnType<typeof createClientRegistry>,
    { id, client_id }: ApplicationRow,
    draft: ApplicationDraft,
  ): Promise<void> {
    const { name, purpose, redirectUris, scopes: wanted } = clientDraft(client_id ?? '', draft)
    await registry.change(client_id ?? '', { name, purpose, redirectUris, scopes: wanted })
    await transaction('partner_applications').where({ id }).update({ name, home: draft.home, updated_at: now() })
  }

  async function admitPartner(transaction: Knex, partner: PartnerRow, step: { by: string; at: number }): Promise<void> {
    try {
      await movePartner(transaction, partner, 'active', { approved_uscc: partner.uscc }, step)
    } catch (error) {
      throw isDuplicate(error) ? new HubError('HUB_REQUEST_STATE', { detail: '这个单位已经入驻。' }) : error
    }
  }

  /** Whoever asked for it acts for the partner still: what somebody wanted who was removed since, nobody there answers for. */
  async function assertStillAsked(transaction: Knex, { partner_id, requested_by }: ReviewRow): Promise<void> {
    const members: string[] = await transaction('partner_members').where({ partner_id }).forUpdate().pluck('user_id')
    for (const member of members) if ((await withMerged(transaction, member)).includes(requested_by ?? '')) return
    throw new HubError('HUB_REQUEST_STATE', { detail: '提出申请的人已经不是接入方的成员，请退回，由现在的成员重新申请。' })
  }

  const tell = (transaction: Knex, { id, kind, partner_id, application_id }: ReviewRow, outcome: 'approved' | 'refused') =>
    post(transaction, {
      topic: 'partner',
      userId: null,
      about: partner_id,
      detail: { event: `${kind}-${outcome}`, application: application_id },
      once: `partner:${id}:${outcome}`,
    })

  return {
    review: (id, { userId, reason }) =>
      transact(database, async (transaction) => {
        const row = await take(transaction, id)
        await assertPerson(transaction, userId, 'partners.review')
        await assertStranger(transaction, row.partner_id, userId)
        if (row.kind === 'partner' && row.state === 'checked') await assertPapers(transaction, row.partner_id)
        return moveReview(
          transaction,
          row,
          'reviewed',
          { reviewed_by: userId, review_opinion: reason },
          { by: userId, note: reason, at: now() },
        )
      }),
    approve: (id, { userId, reason }) =>
      transact(database, async (transaction) => {
        const row = await take(transaction, id)
        if (row.state === 'approved' && row.decided_by === userId) return row
        if (row.state === 'reviewed') await assertBoth(transaction, row, userId)
        else await assertPerson(transaction, userId, 'partners.approve')
        const step = { by: userId, note: reason, at: now() }
        const approved = await moveReview(transaction, row, 'approved', { decided_by: userId, decision_reason: reason }, step)
        await grant(transaction, row, step)
        await tell(transaction, row, 'approved')
        return approved
      }),
    refuse: (id, { userId, reason }) =>
      transact(database, async (transaction) => {
        const row = await take(transaction, id)
        await assertPerson(transaction, userId, 'partners.review')
        await assertStranger(transaction, row.partner_id, userId)
        const step = { by: userId, note: reason, at: now() }
        const refused = await moveReview(transaction, row, 'refused', { decided_by: userId, decision_reason: reason }, step)
        if (row.kind === 'partner') await movePartner(transaction, await partnerOf(transaction, row.partner_id), 'closed', {}, step)
        if (row.kind === 'application')
          await moveApplication(transaction, await applicationOf(transaction, row.application_id ?? ''), 'closed', {}, step)
        await tell(transaction, row, 'refused')
        return refused
      }),
    setPartner: (id, to, { userId, reason }) =>
      transact(database, async (transaction) => {
        const partner = await holdPartner(transaction, id)
        if (to === 'active') await assertStranger(transaction, id, userId)
        const step = { by: userId, note: reason, at: now() }
        await movePartner(transaction, partner, to, {}, step)
        const living: ApplicationRow[] =
          to === 'suspended'
            ? await transaction('partner_applications').where({ partner_id: id }).whereIn('state', ['testing', 'running']).forUpdate()
            : []
        for (const each of living) await moveTo(transaction, each, 'suspended', step)
        return { ...partner, state: to }
      }),
  }
}
