import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type Acting, seenBy } from '../access/principal.ts'
import type { Content } from './content.ts'
import { safeName } from './name.ts'
import { type FileRow, move, type PartnerPrincipal, sealContext, shredded } from './rows.ts'
import { plainMediaType } from './sniff.ts'
import { type FileState, fileStates, refusals, seenStates } from './states.ts'

/** Rows of one user, whatever their sizes. */
const MAX_FILES = 2000

export interface NewFile {
  /** A user, for whom he acts now; or a partner that applies, of whom the hub knows nobody yet: whoever lets it bring files bounds them. */
  by: Acting | { userId: null; principal: PartnerPrincipal }
  /** As the user calls it. */
  name: string
  mediaType: string
  /** In bytes, at least one. */
  size: number
  traceId: string
  id?: string
}

/** A file as its owner sees it. */
export interface FileView {
  id: string
  name: string
  mediaType: string
  size: number
  received: number
  sha256: string | null
  state: FileState
  stateName: string
  refusal: string | null
  scanned: 'clean' | 'none' | null
  attachedTo: string | null
  createdAt: string
  expiresAt: string | null
}

/** Whether what holds a file, by its id, still needs it. */
export type IsHolding = (id: string) => Promise<boolean>

export interface Files {
  /** Makes room for a file whose content follows. Throws HUB_MEDIA_TYPE, HUB_BODY_TOO_LARGE, HUB_FILE_QUOTA. */
  create(file: NewFile): Promise<FileRow>
  /** Where this reader sees it, else null; `lock`: as part of a transaction. */
  find(reader: Acting, id: string): Promise<FileRow | null>
  /** Newest first; `page` starts at 1. */
  list(reader: Acting, paging: { page: number; pageSize: number }): Promise<{ rows: FileRow[]; total: number }>
  view(row: FileRow): FileView
  /** Ends a file, at once and for good. Throws HUB_FILE_STATE while something needs it. */
  erase(row: FileRow): Promise<void>
  /** Who can say whether a `<kind>:<id>` still needs its files. */
  readonly holders: Map<string, IsHolding>
}

export interface FilesOptions {
  database: Database
  vault: Vault
  content: Content
  limits: { mediaTypes: ReadonlySet<string>; maxBytes: number; quotaBytes: number; restMs: number }
  /** Told of a file that is due, after the commit. */
  wake(id: string, dueAt: number): void
}

export function createFiles({ database, vault, content, limits, wake }: FilesOptions): Files {
  const holders = new Map<string, IsHolding>()
  const seen = (reader: Acting, store: Knex = database) =>
    store<FileRow>('files')
      .where(seenBy(reader))
      .whereIn('state', [...seenStates])

  async function assertRoom(transaction: Knex.Transaction, userId: string, size: number): Promise<void> {
    // Two uploads at once are counted one after the other.
    await transaction('users').where({ id: userId }).forUpdate().first('id')
    const held = await transaction('files')
      .where({ user_id: userId })
      .whereIn('state', ['uploading', 'scanning', 'ready'])
      .first<{ files: number | string; bytes: number | string | null }>(transaction.raw('count(*) as files, sum(size) as bytes'))
    if (Number(held?.bytes ?? 0) + size > limits.quotaBytes || Number(held?.files ?? 0) >= MAX_FILES) throw new HubError('HUB_FILE_QUOTA')
  }

  return {
    holders,
    async create({ by, name, mediaType, size, traceId, id = randomUUID() }) {
      const type = plainMediaType(mediaType)
      if (!limits.mediaTypes.has(type))
        throw new HubError('HUB_MEDIA_TYPE', { detail: `可以上传的类型：${[...limits.mediaTypes].join('、')}。` })
      if (size > limits.maxBytes)
        throw new HubError('HUB_BODY_TOO_LARGE', { detail: `文件不能超过 ${Math.floor(limits.maxBytes / 1024 ** 2)} MB。` })
      const now = Date.now()
      const row = {
        id,
        user_id: by.userId,
        principal: by.principal,
        state: 'uploading' as const,
        name_sealed: vault.seal(safeName(name), sealContext.name(id)),
        key_sealed: content.newKey(id),
        media_type: type,
        size,
        trace_id: traceId,
        retry_at: now + limits.restMs,
        expires_at: now + limits.restMs,
        created_at: now,
        updated_at: now,
      }
      return transact(database, async (transaction) => {
        if (by.userId !== null) await assertRoom(transaction, by.userId, size)
        await transaction('files').insert(row)
        return (await transaction<FileRow>('files').where({ id }).first()) as FileRow
      })
    },
    find: async (reader, id) => (await seen(reader).where({ id }).first()) ?? null,
    list: (reader, { page, pageSize }) =>
      transact(database, async (transaction) => {
        const counted = await seen(reader, transaction).count({ n: '*' }).first<{ n: number | string }>()
        const newestFirst = ['created_at', 'id'].map((column) => ({ column, order: 'desc' }))
        const rows = await seen(reader, transaction)
          .orderBy(newestFirst)
          .limit(pageSize)
          .offset((page - 1) * pageSize)
        return { rows: rows as FileRow[], total: Number(counted?.n ?? 0) }
      }),
    view: (row) => ({
      id: row.id,
      name: row.name_sealed === null ? '' : safeName(vault.open(row.name_sealed, sealContext.name(row.id)), row.extension ?? undefined),
      mediaType: row.media_type,
      size: Number(row.size),
      received: Number(row.received),
      sha256: row.sha256,
      state: row.state,
      stateName: fileStates[row.state].title,
      refusal: row.refusal === null ? null : refusals[row.refusal],
      scanned: row.scanned,
      attachedTo: row.attached_to,
      createdAt: beijing(Number(row.created_at)),
      expiresAt: row.expires_at === null ? null : beijing(Number(row.expires_at)),
    }),
    async erase(row) {
      const [kind = '', id = ''] = row.attached_to?.split(':') ?? []
      // Nobody who could be asked: then it stays.
      const isHeld = row.attached_to !== null && (await (holders.get(kind)?.(id) ?? true))
      if (isHeld) throw new HubError('HUB_FILE_STATE', { detail: '这个文件正用于一项申请，办结之前不能删除。' })
      const ended = await transact(database, async (transaction) => {
        const same = await transaction('files').where({ id: row.id, attached_to: row.attached_to }).first('id')
        return same !== undefined && (await move(transaction, row, 'erased', shredded()))
      })
      if (!ended) throw new HubError('HUB_FILE_STATE')
      wake(row.id, Date.now())
    },
  }
}
