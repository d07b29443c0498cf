import type { Readable } from 'node:stream'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Content } from '../files/content.ts'
import type { Files } from '../files/files.ts'
import { type FileRow, move, shredded } from '../files/rows.ts'
import { receiptHash } from './applying.ts'
import { lackingOf, type PaperKind, paperKinds } from './paper-kinds.ts'
import { type PartnerRow, partnerOf, reviewOf } from './rows.ts'

export const PAPER_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const
/** Of one paper; a page holds it in memory. */
export const PAPER_BYTES = 10 * 1024 ** 2
const MOST_PAPERS = 10

export interface Paper {
  kind: PaperKind
  file: FileRow
}

export interface NewPaper {
  kind: PaperKind
  name: string
  mediaType: string
  /** In bytes. */
  size: number
  content: Readable
  traceId: string
}

/** Papers that an applicant sends: whoever holds the receipt sends and removes them until somebody has reviewed the application. */
export interface Papers {
  /**
   * Throws HUB_NO_RECORD, HUB_REQUEST_STATE, HUB_MEDIA_TYPE, HUB_BODY_TOO_LARGE, HUB_FILE_REFUSED, HUB_FILE_QUOTA, and
   * HUB_UPSTREAM_UNAVAILABLE where nobody can look for viruses now.
   */
  add(receipt: string, paper: NewPaper): Promise<Paper>
  /** Throws HUB_NO_RECORD, HUB_REQUEST_STATE. */
  remove(receipt: string, id: string): Promise<void>
  /** Of the application with this receipt, with what is still wanted. Throws HUB_NO_RECORD. */
  sent(receipt: string): Promise<{ papers: Paper[]; lacking: PaperKind[] }>
  list(partnerId: string): Promise<Paper[]>
  /** One, of the partner whose application is reviewed there. Throws HUB_NO_RECORD. */
  find(reviewId: string, id: string): Promise<Paper>
  /** Erases those of applications that ended without a partner, once their time is over. */
  purge(): Promise<void>
}

export interface PapersOptions {
  database: Database
  vault: Vault
  files: Pick<Files, 'create' | 'view'> & { content: Content; open: boolean; check(id: string): Promise<void> }
  /** How long they stay after a refusal or a withdrawal, in milliseconds. */
  keepMs: number
  now?: () => number
}

export function createPapers({ database, vault, files, keepMs, now = Date.now }: PapersOptions): Papers {
  async function byReceipt(from: Knex, receipt: string): Promise<PartnerRow> {
    const receipt_hash = receiptHash(vault, receipt)
    const partner: PartnerRow | undefined = await from('partners').where({ receipt_hash }).first()
    if (!partner) throw new HubError('HUB_NO_RECORD', { detail: '没有这个回执编号的入驻申请。' })
    return partner
  }

  /** Takes the review's row: nobody decides meanwhile, and of two papers at once each counts the other. */
  async function hold(transaction: Knex.Transaction, receipt: string): Promise<PartnerRow> {
    const partner = await byReceipt(transaction, receipt)
    const held = await transaction('partner_reviews')
      .where({ partner_id: partner.id, kind: 'partner', state: 'checked' })
      .update({ updated_at: now() })
    if (held !== 1) throw new HubError('HUB_REQUEST_STATE', { detail: '确认联系邮箱之后、业务审核之前，才能提交或删除材料。' })
    return partner
  }

  async function assertRoom(transaction: Knex.Transaction, { id }: PartnerRow): Promise<void> {
    const counted = await transaction('partner_papers').where({ partner_id: id }).count({ n: '*' }).first()
    if (Number(counted?.['n'] ?? 0) >= MOST_PAPERS) throw new HubError('HUB_FILE_QUOTA', { detail: `材料最多 ${MOST_PAPERS} 份。` })
  }

  /** Brought, checked, and not yet anybody's: what goes no further is swept away like any file that nothing holds. */
  async function bring({ id: partnerId }: PartnerRow, { name, mediaType, size, content, traceId }: NewPaper): Promise<FileRow> {
    const by = { userId: null, principal: `partner:${partnerId}` as const }
    const { id } = await files.create({ by, name, mediaType, size, traceId })
    const received = await files.content.append(id, content, 0)
    if (received < size) throw new HubError('HUB_REQUEST_TIMEOUT')
    await files.check(id)
    const row = await database<FileRow>('files').where({ id }).first()
    if (row?.state === 'refused') throw new HubError('HUB_FILE_REFUSED', { detail: `${files.view(row).refusal}。` })
    if (row?.state !== 'ready') throw noScanner()
    return row
  }

  async function list(partnerId: string): Promise<Paper[]> {
    const rows = await database('partner_papers')
      .join('files', 'files.id', 'partner_papers.id')
      .where({ 'partner_papers.partner_id': partnerId })
      .orderBy([{ column: 'partner_papers.created_at' }, { column: 'partner_papers.id' }])
      .select<(FileRow & { kind: PaperKind })[]>('files.*', 'partner_papers.kind')
    return rows.map(({ kind, ...file }) => ({ kind, file }))
  }

  return {
    list,
    async add(receipt, paper) {
      if (!files.open) throw noScanner()
      const { kind, mediaType, size } = paper
      if (!(PAPER_TYPES as readonly string[]).includes(mediaType))
        throw new HubError('HUB_MEDIA_TYPE', { detail: '材料只能是 PDF、JPEG 或 PNG。' })
      if (size > PAPER_BYTES) throw new HubError('HUB_BODY_TOO_LARGE', { detail: `一份材料不能超过 ${PAPER_BYTES / 1024 ** 2} MB。` })
      const partner = await transact(database, async (transaction) => {
        const held = await hold(transaction, receipt)
        await assertRoom(transaction, held)
        return held
      })
      const file = await bring(partner, paper)
      const held = { attached_to: `partner:${partner.id}`, attached_as: kind, expires_at: null, retry_at: null }
      await transact(database, async (transaction) => {
        await assertRoom(transaction, await hold(transaction, receipt))
        const own = { id: file.id, state: 'ready', attached_to: null }
        if ((await transaction('files').where(own).update(held)) !== 1) throw new HubError('HUB_FILE_STATE')
        await transaction('partner_papers').insert({ id: file.id, partner_id: partner.id, kind, created_at: now() })
      })
      return { kind, file: { ...file, ...held } }
    },
    remove: (receipt, id) =>
      transact(database, async (transaction) => {
        const partner = await hold(transaction, receipt)
        if ((await erasePapers(transaction, { partner_id: partner.id, id })) === 0) throw noPaper()
      }),
    async sent(receipt) {
      const { id, uscc } = await byReceipt(database, receipt)
      const papers = await list(id)
      return {
        papers,
        lacking: lackingOf(
          uscc,
          papers.map(({ kind }) => kind),
        ),
      }
    },
    async find(reviewId, id) {
      const { partner_id, kind } = await reviewOf(database, reviewId)
      const found = kind === 'partner' ? (await list(partner_id)).find(({ file }) => file.id === id) : undefined
      if (found?.file.state !== 'ready') throw noPaper()
      return found
    },
    async purge() {
      const over: string[] = await database('partner_papers')
        .join('partners', 'partners.id', 'partner_papers.partner_id')
        .where({ 'partners.state': 'closed' })
        .andWhere('partners.updated_at', '<', now() - keepMs)
        .limit(500)
        .distinct()
        .pluck('partners.id')
      for (const partner_id of over) await transact(database, (transaction) => erasePapers(transaction, { partner_id }))
    },
  }
}

/** What the first step demands. Throws HUB_REQUEST_STATE, which names what is missing. */
export async function assertPapers(transaction: Knex, partnerId: string): Promise<void> {
  const { uscc } = await partnerOf(transaction, partnerId)
  const sent: PaperKind[] = await transaction('partner_papers').where({ partner_id: partnerId }).pluck('kind')
  const lacking = lackingOf(uscc, sent)
  if (lacking.length > 0)
    throw new HubError('HUB_REQUEST_STATE', { detail: `申请人还没有提交：${lacking.map((kind) => paperKinds[kind]).join('、')}。` })
}

/** With their keys they are gone at once; the sweep of files takes their pieces and rows. → how many. */
async function erasePapers(transaction: Knex.Transaction, which: { partner_id: string; id?: string }): Promise<number> {
  const ids: string[] = await transaction('partner_papers').where(which).pluck('id')
  for (const file of await transaction<FileRow>('files').whereIn('id', ids).whereNot({ state: 'erased' }))
    await move(transaction, file, 'erased', shredded())
  await transaction('partner_papers').where(which).delete()
  return ids.length
}

const noPaper = () => new HubError('HUB_NO_RECORD', { detail: '没有这份材料。' })
const noScanner = () =>
  new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency: '病毒检查', detail: '文件的安全检查暂时没有接通，请稍后再提交材料。' })
