import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { isDuplicate, transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { Arrival, CallbackDeclaration, Notice } from '../../../core/upstream/dialect.ts'
import { referenceHash } from './rows.ts'

/** `repeated`: it came before, and is answered as it was then. */
export type NoticeVerdict = 'taken' | 'repeated' | 'refused'

/** The notices of one system. */
export interface Callback {
  answer: CallbackDeclaration['answer']
  /**
   * Puts a notice on record, whatever it is. One of the agency's own that is new makes the hub ask how the filing stands
   * that it names; one that names none is taken all the same.
   */
  take(arrival: Arrival, traceId: string): Promise<NoticeVerdict>
}

interface CallbackParts {
  database: Database
  vault: Vault
  /** Key of the system among the hub's upstreams. */
  system: string
  callback: CallbackDeclaration
  /** Null where the operator has been given none yet: then nothing is believed. */
  credentials: Readonly<Record<string, string>> | null
  /** Its services that file, by connector and id. */
  services: readonly (readonly [connector: string, service: string])[]
  /** Told of a filing that became due, after the commit. */
  wake(id: string, dueAt: number): void
  now?: () => number
}

export function createCallback({
  database,
  vault,
  system,
  callback,
  credentials,
  services,
  wake,
  now = Date.now,
}: CallbackParts): Callback {
  const read = credentials ? callback.createReader(credentials) : () => null

  const hashOf = (id: string) => createHash('sha256').update(id).digest('hex')
  const isKnown = async (notice: Notice) =>
    (await database('filing_notices')
      .where({ system, notice_hash: hashOf(notice.id) })
      .first('id')) !== undefined

  /** → id of the filing that is asked about now; null for none that waits for its agency. */
  async function hurry(transaction: Knex.Transaction, { by, number }: Notice): Promise<string | null> {
    const where = by === 'serial' ? { serial: number } : { reference_hash: referenceHash(vault, system, number) }
    const at = now()
    const row: { id: string } | undefined = await transaction('submissions')
      .where(where)
      .whereIn(['connector', 'service'], services as [string, string][])
      // The agency has those; a filing or an act that has yet to be sent is not sent any sooner.
      .whereNotIn('state', ['filed', 'awaiting', 'attention'])
      .whereNotExists((act) =>
        act.from('submission_acts').whereRaw('submission_id = submissions.id').where('submission_acts.state', 'requested'),
      )
      .where('due_at', '>', at)
      .first('id')
    if (!row) return null
    await transaction('submissions').where({ id: row.id }).where('due_at', '>', at).update({ due_at: at })
    return row.id
  }

  return {
    answer: callback.answer,
    async take(arrival, traceId) {
      const notice = read(arrival, now())
      const record = { system, body_hash: hashOf(arrival.body), trace_id: traceId, at: now() }
      const note = async (verdict: NoticeVerdict) => {
        await database('filing_notices').insert({ ...record, verdict })
        return verdict
      }
      if (!notice) return note('refused')
      // Before its time is looked at: an agency that was not heard repeats itself for hours.
      if (await isKnown(notice)) return note('repeated')
      if (!notice.isInTime) return note('refused')
      try {
        const hurried = await transact(database, async (transaction) => {
          const submission_id = await hurry(transaction, notice)
          await transaction('filing_notices').insert({ ...record, notice_hash: hashOf(notice.id), submission_id, verdict: 'taken' })
          return submission_id
        })
        if (hurried !== null) wake(hurried, now())
        return 'taken'
      } catch (error) {
        // The same notice twice at once, in this process or another.
        if (isDuplicate(error)) return note('repeated')
        throw error
      }
    },
  }
}
