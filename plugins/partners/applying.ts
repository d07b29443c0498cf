import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isSameText } from '../../core/base/hmac.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { checkPartner } from './checks.ts'
import {
  beginReview,
  type Check,
  type Contact,
  type Domain,
  movePartner,
  moveReview,
  type PartnerRow,
  type ReviewRow,
  sealContact,
} from './rows.ts'
import type { ReviewState } from './states.ts'

/** An organisation as it applies, before anybody knows it. */
export interface NewPartner {
  name: string
  uscc: string
  domain: Domain
  /** What it wants to offer, in its own words. */
  introduction: string
  contact: Contact
}

/** How an application stands, for whoever holds its receipt. */
export interface Standing {
  state: ReviewState
  checks: readonly Check[]
  /** Why it was refused. */
  reason: string | null
  createdAt: number
}

/** Applying to be a partner: open to anybody, and nobody reviews it before the e-mail is confirmed. */
export interface Applying {
  /** → the receipt, which is shown once, and the code for the e-mail. Throws HUB_RATE_LIMITED where too many letters went there. */
  begin(partner: NewPartner): Promise<{ receipt: string; code: string }>
  /** The automatic checks follow at once. Throws HUB_NO_RECORD, HUB_CODE_WRONG, HUB_REQUEST_STATE. */
  confirm(receipt: string, code: string): Promise<Standing>
  /** Throws HUB_NO_RECORD. */
  read(receipt: string): Promise<Standing>
  /** Throws HUB_NO_RECORD, HUB_REQUEST_STATE. */
  withdraw(receipt: string): Promise<Standing>
  /** Drops what nobody confirmed. */
  purge(): Promise<void>
}

const CODE_MS = 30 * 60_000
const TRIES = 5
const LETTERS = { max: 3, perMs: 3_600_000 }
const DRAFT_MS = 24 * 3_600_000

export const receiptHash = (vault: Vault, receipt: string) => vault.fingerprint(receipt, 'partners.receipt')

export function createApplying(database: Database, vault: Vault, now: () => number = Date.now): Applying {
  const codeHash = (id: string, code: string) => vault.fingerprint(`${id}\0${code}`, 'partners.code')

  async function find(from: Knex, receipt: string): Promise<{ partner: PartnerRow; review: ReviewRow }> {
    const partner: PartnerRow | undefined = await from('partners')
      .where({ receipt_hash: receiptHash(vault, receipt) })
      .first()
    const review: ReviewRow | undefined =
      partner && (await from('partner_reviews').where({ partner_id: partner.id, kind: 'partner' }).orderBy('created_at', 'desc').first())
    if (!partner || !review) throw new HubError('HUB_NO_RECORD', { detail: '没有这个回执编号的入驻申请。' })
    return { partner, review }
  }

  /** `most`: of applications with this mailbox within the time. */
  async function assertFewLetters(email_hash: string, at: number, most: number): Promise<void> {
    const begun = await database('partners')
      .where({ email_hash })
      .andWhere('created_at', '>', at - LETTERS.perMs)
      .count({ n: '*' })
      .first()
    if (Number(begun?.['n'] ?? 0) > most) throw new HubError('HUB_RATE_LIMITED', { retryAfter: LETTERS.perMs / 1000 })
  }

  const dropDraft = (id: string) =>
    transact(database, async (transaction) => {
      // Confirmed since it was read, it is a draft no more.
      if ((await transaction('partner_reviews').where({ partner_id: id, state: 'draft' }).delete()) === 0) return
      await transaction('partner_events').where({ partner_id: id }).delete()
      await transaction('partners').where({ id }).delete()
    })

  async function proceed(transaction: Knex.Transaction, partner: PartnerRow, draft: ReviewRow, at: number): Promise<ReviewRow> {
    const confirmed = await moveReview(transaction, draft, 'confirmed', {}, { by: null, at })
    const checks = await checkPartner(transaction, partner)
    const found = { checks: JSON.stringify(checks) }
    if (checks.every(({ passed }) => passed)) return moveReview(transaction, confirmed, 'checked', found, { by: null, at })
    await movePartner(transaction, partner, 'closed', {}, { by: null, at })
    return moveReview(transaction, confirmed, 'refused', { ...found, decision_reason: CHECKS_FAILED }, { by: null, at })
  }

  return {
    async begin({ name, uscc, domain, introduction, contact }) {
      const at = now()
      const email_hash = vault.fingerprint(contact.email.toLowerCase(), 'partners.email')
      await assertFewLetters(email_hash, at, LETTERS.max - 1)
      const id = randomUUID()
      const receipt = randomBytes(24).toString('base64url')
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      await transact(database, async (transaction) => {
        await transaction('partners').insert({
          ...{ id, name, uscc, domain, approved_uscc: null, state: 'applied', email_hash },
          ...{ contact_sealed: sealContact(vault, id, contact), receipt_hash: receiptHash(vault, receipt) },
          ...{ code_hash: codeHash(id, code), code_until: at + CODE_MS, created_at: at, updated_at: at },
        })
        const about = { partner_id: id, application_id: null, requested_by: null }
        await beginReview(transaction, { kind: 'partner', state: 'draft', ...about, openKey: id, content: { introduction } }, at)
      })
      // Of many at once each sees itself and whoever was before it, so that no more go on than may.
      await assertFewLetters(email_hash, at, LETTERS.max).catch(async (error: unknown) => {
        await dropDraft(id)
        throw error
      })
      return { receipt, code }
    },
    async confirm(receipt, code) {
      const { partner } = await find(database, receipt)
      const at = now()
      // Counted before it is looked at: of many at once no more are looked at than may be.
      const counted = await database('partners')
        .where({ id: partner.id })
        .whereNotNull('code_hash')
        .andWhere('code_until', '>', at)
        .andWhere('code_tries', '<', TRIES)
        .increment('code_tries', 1)
      if (counted !== 1 || !isSameText(partner.code_hash ?? '', codeHash(partner.id, code))) throw new HubError('HUB_CODE_WRONG')
      return transact(database, async (transaction) => {
        const { review } = await find(transaction, receipt)
        await transaction('partners').where({ id: partner.id }).update({ code_hash: null, code_until: null })
        return standing(await proceed(transaction, partner, review, at))
      })
    },
    read: async (receipt) => standing((await find(database, receipt)).review),
    withdraw: (receipt) =>
      transact(database, async (transaction) => {
        const { partner, review } = await find(transaction, receipt)
        const step = { by: null, at: now() }
        const withdrawn = await moveReview(transaction, review, 'withdrawn', {}, step)
        await movePartner(transaction, partner, 'closed', {}, step)
        return standing(withdrawn)
      }),
    async purge() {
      const stale: string[] = await database('partner_reviews')
        .where({ kind: 'partner', state: 'draft' })
        .andWhere('created_at', '<', now() - DRAFT_MS)
        .limit(500)
        .pluck('partner_id')
      for (const id of stale) await dropDraft(id)
    },
  }
}

export const CHECKS_FAILED = '自动检查未通过，请按检查结果修改后重新申请'

function standing({ state, checks, decision_reason, created_at }: ReviewRow): Standing {
  return {
    state,
    checks: JSON.parse(checks) as Check[],
    reason: state === 'refused' ? decision_reason : null,
    createdAt: Number(created_at),
  }
}
