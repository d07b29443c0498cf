import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { Seen } from '../../access/principal.ts'
import type { Holder } from './content.ts'
import { openSummary } from './issue.ts'
import type { SignatureForm } from './signing/sign.ts'

/** How long a document is remembered after its end, in milliseconds: long enough to answer for it. */
export const KEPT_MS = 180 * 24 * 3_600_000

export const documentStates = { valid: '有效', revoked: '已撤销', expired: '已过期' } as const
export type DocumentState = keyof typeof documentStates

/** An issued document without its code, which nobody but its holder ever has. Times are RFC 3339, Beijing time. */
export interface IssuedDocument {
  id: string
  /** What the document is called. */
  service: string
  agency: string
  issuedAt: string
  expiresAt: string
  state: DocumentState
  /** `<connector>.<service>` that it was printed by. */
  key: string
  /** Who had it printed. */
  userId: string | null
  /** Whose it is, where it is an enterprise's. */
  enterpriseId: string | null
  /** Masked. */
  holder: Holder | null
  /** How it was signed; null where nobody did, or that was not written down yet. */
  signature: SignatureForm | null
  /** When a time-stamping authority saw it; null without a time stamp. */
  stampedAt: string | null
}

/** Documents that somebody sees of one principal, of all services or of some. */
export interface Share {
  seen: Seen
  /** `<connector>.<service>`; null for all. */
  keys: readonly string[] | null
}

export interface DocumentFilter {
  user?: string
  /** `<connector>` or `<connector>.<service>`. */
  service?: string
  state?: DocumentState
  /** Epoch milliseconds of the issue, both inclusive. */
  from?: number
  to?: number
  page: number
  pageSize: number
}

export interface HeldDocuments {
  /** Newest first. */
  find(filter: DocumentFilter): Promise<{ rows: IssuedDocument[]; total: number }>
  /** Those in any of the shares, newest first. */
  ofHolder(shares: readonly Share[], page: { page: number; pageSize: number }): Promise<{ rows: IssuedDocument[]; total: number }>
  /** Takes a document back, in one of the shares only where some are given; one that was taken back stays so. → null where there is none. */
  revoke(id: string, shares?: readonly Share[]): Promise<IssuedDocument | null>
  /** Forgets documents whose end is long past. */
  purge(now?: number): Promise<void>
}

interface HeldRow {
  id: string
  connector: string
  service: string
  user_id: string | null
  enterprise_id: string | null
  summary_sealed: string
  issued_at: number | string
  expires_at: number | string
  revoked_at: number | string | null
  signature: SignatureForm | null
  stamped_at: number | string | null
}

export function createHeldDocuments(database: Database, vault: Vault): HeldDocuments {
  async function page(narrow: (query: Knex.QueryBuilder) => void, { page, pageSize }: { page: number; pageSize: number }) {
    const query = database('issued_documents').modify(narrow)
    const [counted, rows] = await Promise.all([
      query.clone().count({ n: '*' }).first(),
      query
        .clone()
        .orderBy([
          { column: 'issued_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select<HeldRow[]>(),
    ])
    return { rows: rows.map(present), total: Number(counted?.['n']) }
  }

  function present(row: HeldRow): IssuedDocument {
    const { service, agency, holder } = openSummary(vault, row)
    return {
      id: row.id,
      service,
      agency,
      issuedAt: beijing(Number(row.issued_at)),
      expiresAt: beijing(Number(row.expires_at)),
      state: row.revoked_at !== null ? 'revoked' : Number(row.expires_at) > Date.now() ? 'valid' : 'expired',
      key: `${row.connector}.${row.service}`,
      userId: row.user_id,
      enterpriseId: row.enterprise_id,
      holder,
      signature: row.signature,
      stampedAt: row.stamped_at === null ? null : beijing(Number(row.stamped_at)),
    }
  }

  return {
    find: (filter) => page((query) => narrowBy(query, filter), filter),
    ofHolder: (shares, paging) => page((query) => narrowTo(query, shares), paging),
    async revoke(id, shares) {
      const own = database<HeldRow>('issued_documents')
        .where({ id })
        .modify((query) => {
          if (shares) narrowTo(query, shares)
        })
      await own.clone().whereNull('revoked_at').update({ revoked_at: Date.now() })
      const row: HeldRow | undefined = await own.first()
      return row ? present(row) : null
    },
    async purge(now = Date.now()) {
      await database('issued_documents')
        .where('expires_at', '<=', now - KEPT_MS)
        .delete()
    },
  }
}

/** No share is nothing. */
function narrowTo(query: Knex.QueryBuilder, shares: readonly Share[]): void {
  query.andWhere((any) => {
    if (shares.length === 0) any.whereRaw('1 = 0')
    for (const { seen, keys } of shares)
      any.orWhere((share) => {
        share.where(seen)
        if (keys !== null) share.andWhere((either) => whereService(either, keys))
      })
  })
}

function narrowBy(query: Knex.QueryBuilder, { user, service, state, from, to }: DocumentFilter): void {
  if (user !== undefined) query.where({ user_id: user })
  if (service !== undefined) query.andWhere((either) => whereService(either, [service]))
  if (from !== undefined) query.where('issued_at', '>=', from)
  if (to !== undefined) query.where('issued_at', '<=', to)
  if (state === 'revoked') query.whereNotNull('revoked_at')
  else if (state) query.whereNull('revoked_at').where('expires_at', state === 'valid' ? '>' : '<=', Date.now())
}

/** Any of `<connector>` and `<connector>.<service>`; none of them is nothing. */
function whereService(query: Knex.QueryBuilder, keys: readonly string[]): void {
  if (keys.length === 0) query.whereRaw('1 = 0')
  for (const key of keys) {
    const [connector = '', service] = key.split('.', 2)
    query.orWhere(service === undefined ? { connector } : { connector, service })
  }
}
