import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import { agencyClientId } from '../../oauth/agency-clients.ts'
import { type ClientNote, isByOthers, type Recorded, type Use, usesOf } from './uses.ts'
import { withheldMs } from './withholding.ts'

/** Rows of one transaction: a few milliseconds, in between calls get at the store. */
const PAGE = 100
/** Of one statement: SQLite takes so many values. */
const AT_ONCE = 50

export interface Follower {
  /** Reads what the audit log has grown by, at most so many rows. → whether that was all. */
  catchUp(most?: number): Promise<boolean>
}

interface Grown {
  chain: string
  head: number | string
  seq: number | string | null
}

/**
 * Notes whose data were used, from the audit log and behind the calls: none of them waits for it, and what a stop left undone is done
 * later. Whoever reads the same rows at the same moment notes the same.
 */
export function createFollower(database: Database, connectors: readonly ConnectorDeclaration[]): Follower {
  const withheld = new Map(
    connectors.flatMap(({ id, ledger = {} }) => Object.entries(ledger).map(([service, rule]) => [`${id}.${service}`, withheldMs(rule)])),
  )
  const agencies = new Set(connectors.flatMap(({ id, client }) => (client ? [agencyClientId(id)] : [])))

  async function clients(): Promise<Map<string, ClientNote>> {
    const rows: { id: string; name: string; trusted: number | boolean }[] = await database('oauth_clients').select('id', 'name', 'trusted')
    return new Map(rows.map(({ id, name, trusted }) => [id, { name, trusted: Boolean(trusted), agency: agencies.has(id) }]))
  }

  /** A withheld one becomes visible later, on whosever behalf; what its own person did has nobody to be kept from. */
  function shownAt(at: number, row: Recorded, { use }: Use, known: Map<string, ClientNote>): number {
    const { connector, service } = row
    const isLate = use !== 'administrator' && use !== 'family' && isByOthers(row, (id) => known.get(id))
    return isLate ? at + (withheld.get(`${connector}.${service}`) ?? 0) : at
  }

  /** → how many rows there were. */
  async function readOn(chain: string, from: number, mark: number | null, known: Map<string, ClientNote>): Promise<number> {
    const found: { seq: number | string; at: number | string; record: string }[] = await database('audit_rows')
      .where({ chain })
      .where('seq', '>', from)
      .orderBy('seq')
      .limit(PAGE)
      .select('seq', 'at', 'record')
    const last = found.at(-1)
    if (!last) return 0
    const rows = found.flatMap(({ seq, at: time, record }) => {
      const row = JSON.parse(record) as Recorded
      const at = Number(time)
      const { app, connector, service } = row
      return usesOf(row, (id) => known.get(id)).map((use) => ({
        ...{ subject: use.subject, at, chain, seq: Number(seq), use: use.use },
        ...{ app: app?.slice(0, 64) ?? null, connector, service, shown_at: shownAt(at, row, use, known) },
      }))
    })
    await transact(database, async (transaction) => {
      for (let at = 0; at < rows.length; at += AT_ONCE)
        await transaction('data_uses')
          .insert(rows.slice(at, at + AT_ONCE))
          .onConflict(['subject', 'at', 'chain', 'seq'])
          .ignore()
      const to = { seq: Number(last.seq) }
      if (mark === null)
        await transaction('data_use_marks')
          .insert({ chain, ...to })
          .onConflict('chain')
          .ignore()
      else await transaction('data_use_marks').where({ chain, seq: mark }).update(to)
    })
    return found.length
  }

  return {
    async catchUp(most = Number.POSITIVE_INFINITY) {
      const grown: Grown[] = await database('audit_chains')
        .leftJoin('data_use_marks', 'data_use_marks.chain', 'audit_chains.id')
        .where((query) => query.whereNull('data_use_marks.seq').orWhereRaw('data_use_marks.seq < audit_chains.head_seq'))
        .select({ chain: 'audit_chains.id', head: 'audit_chains.head_seq', seq: 'data_use_marks.seq' })
      const known = grown.length === 0 ? new Map<string, ClientNote>() : await clients()
      let left = most
      for (const { chain, head, seq } of grown) {
        let mark = seq === null ? null : Number(seq)
        while ((mark ?? 0) < Number(head)) {
          if (left <= 0) return false
          const count: number = await readOn(chain, mark ?? 0, mark, known)
          // Rows that an archive took are gone before they were read: what is left begins after them.
          if (count === 0) break
          left -= count
          const now: { seq: number | string } | undefined = await database('data_use_marks').where({ chain }).first('seq')
          mark = Number(now?.seq ?? head)
        }
      }
      return true
    },
  }
}
