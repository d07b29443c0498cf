import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import { withMerged } from '../agency-accounts/merged.ts'
import {
  type ApplicationState,
  applicationStates,
  assertWay,
  type PartnerState,
  partnerStates,
  type ReviewState,
  reviewStates,
} from './states.ts'

/** 服务领域, as the contract names them (1.2.3.2.1). */
export const domains = {
  government: '政务服务',
  'social-security': '社保',
  medical: '医疗',
  transport: '交通',
  housing: '住房',
  education: '教育',
  utilities: '水电气',
  finance: '金融',
  other: '其他',
} as const
export type Domain = keyof typeof domains

export const reviewKinds = { partner: '接入方入驻', application: '应用接入', change: '应用变更' } as const
export type ReviewKind = keyof typeof reviewKinds

export const memberRoles = { owner: '负责人', developer: '开发人员' } as const
export type MemberRole = keyof typeof memberRoles

export interface Contact {
  name: string
  phone: string
  email: string
}

export interface PartnerRow {
  id: string
  name: string
  uscc: string
  approved_uscc: string | null
  domain: Domain
  contact_sealed: string
  state: PartnerState
  receipt_hash: string | null
  code_hash: string | null
  created_at: number | string
  updated_at: number | string
}

export interface ApplicationRow {
  id: string
  partner_id: string
  client_id: string | null
  name: string
  home: string
  state: ApplicationState
  resumes_to: ApplicationState | null
  created_at: number | string
  updated_at: number | string
}

/** What one automatic check found. */
export interface Check {
  id: string
  title: string
  passed: boolean
  detail: string | null
}

export interface ReviewRow {
  id: string
  kind: ReviewKind
  state: ReviewState
  partner_id: string
  application_id: string | null
  open_key: string | null
  /** JSON. */
  content: string
  /** JSON: {@link Check}s. */
  checks: string
  requested_by: string | null
  reviewed_by: string | null
  review_opinion: string | null
  decided_by: string | null
  decision_reason: string | null
  created_at: number | string
  updated_at: number | string
}

const contactContext = (id: string) => `partners.contact:${id}`

export function sealContact(vault: Vault, id: string, contact: Contact): string {
  return vault.seal(JSON.stringify(contact), contactContext(id))
}

/** UNMASKED. */
export function openContact(vault: Vault, { id, contact_sealed }: Pick<PartnerRow, 'id' | 'contact_sealed'>): Contact {
  return JSON.parse(vault.open(contact_sealed, contactContext(id))) as Contact
}

/** Throws HUB_NO_RECORD. */
export async function partnerOf(database: Knex, id: string): Promise<PartnerRow> {
  const row: PartnerRow | undefined = await database('partners').where({ id }).first()
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个接入方。' })
  return row
}

/** The same, which stays as it is until the transaction ends: whatever it is asked for its state decides. Throws HUB_NO_RECORD. */
export async function holdPartner(transaction: Knex.Transaction, id: string): Promise<PartnerRow> {
  const row: PartnerRow | undefined = await transaction('partners').where({ id }).forUpdate().first()
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个接入方。' })
  return row
}

/** No administrator decides in favour of a partner that he acts for, or acted for before he was removed. Throws HUB_SECOND_PERSON. */
export async function assertStranger(database: Knex, partner_id: string, userId: string | null): Promise<void> {
  if (userId === null) return
  const users = await withMerged(database, userId)
  const member = await database('partner_members').where({ partner_id }).whereIn('user_id', users).forUpdate().first('role')
  const former = await database('partner_events').where({ partner_id }).whereIn('acted_by', users).whereIn('event', JOINED).first('id')
  if (member || former)
    throw new HubError('HUB_SECOND_PERSON', {
      detail: '接入方现在或曾经的成员不能审核、恢复这个接入方，也不能上线它的应用、设定限额。',
    })
}

/** Events by which whoever acted became a member. */
const JOINED = ['member.owner', 'member.developer', 'member.merged', 'member.merge-undone']

/** Throws HUB_NO_RECORD, also where it is another partner's. */
export async function applicationOf(database: Knex, id: string, partnerId?: string): Promise<ApplicationRow> {
  const mine = partnerId === undefined ? {} : { partner_id: partnerId }
  const row: ApplicationRow | undefined = await database('partner_applications')
    .where({ id, ...mine })
    .first()
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个应用。' })
  return row
}

/** Throws HUB_NO_RECORD, also where it is another partner's. */
export async function reviewOf(database: Knex, id: string, partnerId?: string): Promise<ReviewRow> {
  const mine = partnerId === undefined ? {} : { partner_id: partnerId }
  const row: ReviewRow | undefined = await database('partner_reviews')
    .where({ id, ...mine })
    .first()
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这项审核。' })
  return row
}

export interface Event {
  partnerId: string
  applicationId?: string | null
  reviewId?: string | null
  event: string
  from?: string | null
  to?: string | null
  by: string | null
  note?: string | null
  at: number
}

export async function record(
  transaction: Knex,
  { partnerId, applicationId, reviewId, event, from, to, by, note, at }: Event,
): Promise<void> {
  const about = { partner_id: partnerId, application_id: applicationId ?? null, review_id: reviewId ?? null }
  await transaction('partner_events').insert({
    ...about,
    ...{ event, from_state: from ?? null, to_state: to ?? null, acted_by: by, note: note ?? null, at },
  })
}

export interface Step {
  by: string | null
  note?: string | null
  at: number
}

/** Moves a review on as `row` shows it, and puts it on record. Throws HUB_REQUEST_STATE where it is no longer so. */
export async function moveReview(
  transaction: Knex,
  row: ReviewRow,
  to: ReviewState,
  changes: Partial<ReviewRow>,
  { by, note, at }: Step,
): Promise<ReviewRow> {
  assertWay(reviewStates, row.state, to)
  const columns = { ...changes, state: to, updated_at: at, ...(reviewStates[to].to.length === 0 ? { open_key: null } : {}) }
  const moved = await transaction('partner_reviews').where({ id: row.id, state: row.state }).update(columns)
  if (moved !== 1) throw new HubError('HUB_REQUEST_STATE')
  const about = { partnerId: row.partner_id, applicationId: row.application_id, reviewId: row.id }
  await record(transaction, { ...about, event: `review.${row.kind}`, from: row.state, to, by, note: note ?? null, at })
  return { ...row, ...columns }
}

export async function movePartner(
  transaction: Knex,
  { id, state }: Pick<PartnerRow, 'id' | 'state'>,
  to: PartnerState,
  changes: Partial<PartnerRow>,
  { by, note, at }: Step,
): Promise<void> {
  assertWay(partnerStates, state, to)
  const moved = await transaction('partners')
    .where({ id, state })
    .update({ ...changes, state: to, updated_at: at })
  if (moved !== 1) throw new HubError('HUB_REQUEST_STATE')
  await record(transaction, { partnerId: id, event: 'partner', from: state, to, by, note: note ?? null, at })
}

export async function moveApplication(
  transaction: Knex,
  { id, partner_id, state }: Pick<ApplicationRow, 'id' | 'partner_id' | 'state'>,
  to: ApplicationState,
  changes: Partial<ApplicationRow>,
  { by, note, at }: Step,
): Promise<void> {
  assertWay(applicationStates, state, to)
  const moved = await transaction('partner_applications')
    .where({ id, state })
    .update({ ...changes, state: to, updated_at: at })
  if (moved !== 1) throw new HubError('HUB_REQUEST_STATE')
  await record(transaction, { partnerId: partner_id, applicationId: id, event: 'application', from: state, to, by, note: note ?? null, at })
}

interface NewReview extends Pick<ReviewRow, 'kind' | 'state' | 'partner_id' | 'application_id' | 'requested_by'> {
  content: object
  openKey: string
}

/** Throws where something of the same is open; the caller says so in words. */
export async function beginReview(transaction: Knex, { content, openKey, ...given }: NewReview, at: number): Promise<ReviewRow> {
  const row: ReviewRow = {
    id: randomUUID(),
    ...given,
    ...{ open_key: openKey, content: JSON.stringify(content), checks: '[]' },
    ...{ reviewed_by: null, review_opinion: null, decided_by: null, decision_reason: null, created_at: at, updated_at: at },
  }
  await transaction('partner_reviews').insert(row)
  const about = { partnerId: row.partner_id, applicationId: row.application_id, reviewId: row.id }
  await record(transaction, { ...about, event: `review.${row.kind}`, to: row.state, by: row.requested_by, at })
  return row
}
