import type { Database } from '../../../core/base/database.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { type Acting, seenBy } from '../../access/principal.ts'
import type { ActRow } from './acts.ts'
import { placeOf } from './reader.ts'
import { type SubmissionRow, sealContext } from './rows.ts'

/** What a filing says by now, and under which account of the user's it was made. */
export interface Filed {
  /** As filed, with every change that has been done since. */
  input: Readonly<Record<string, unknown>>
  account: NonNullable<Asker['account']> | null
}

/** → the filing as whoever sees it may read it; null for anybody else, and where there is none. */
export type ReadFiled = (reader: Acting, service: CompiledService, id: string) => Promise<Filed | null>

export function createReadFiled(database: Database, vault: Vault): ReadFiled {
  const open = (sealed: string, context: string) => JSON.parse(vault.open(sealed, context)) as Record<string, unknown>

  return async (reader, service, id) => {
    const row = (await database('submissions')
      .where({ id, ...seenBy(reader), ...placeOf(service) })
      .first()) as SubmissionRow | undefined
    if (!row) return null
    const changes = (await database('submission_acts')
      .where({ submission_id: id, kind: 'change', state: 'done' })
      .orderBy('created_at')
      .select('id', 'request_sealed')) as Pick<ActRow, 'id' | 'request_sealed'>[]
    const said = changes.map((act) => open(act.request_sealed, sealContext.act(act.id)))
    return {
      input: Object.assign(open(row.request_sealed, sealContext.request(id)), ...said),
      account: row.account_sealed === null ? null : { externalId: vault.open(row.account_sealed, sealContext.account(id)) },
    }
  }
}
