import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import type { Principal } from '../access/principal.ts'
import { assertFileMove, type FileState, type Refusal } from './states.ts'

/** Whose papers are that an organisation sends before anybody of it is known. */
export type PartnerPrincipal = `partner:${string}`

/** One row of `files`; times are epoch milliseconds. MySQL gives big integers as numbers up to 2^53. */
export interface FileRow {
  id: string
  user_id: string | null
  principal: Principal | PartnerPrincipal
  state: FileState
  name_sealed: string | null
  key_sealed: string | null
  media_type: string
  extension: string | null
  size: number
  received: number
  pieces: number
  sha256: string | null
  scanned: 'clean' | 'none' | null
  refusal: Refusal | null
  width: number | null
  height: number | null
  attached_to: string | null
  attached_as: string | null
  trace_id: string
  failures: number
  retry_at: number | null
  lease_owner: string | null
  lease_until: number
  lease_wanted: number
  expires_at: number | null
  created_at: number
  updated_at: number
}

export interface PieceRow {
  file_id: string
  position: number
  place: string
  length: number
}

export const sealContext = {
  name: (id: string) => `files.name:${id}`,
  key: (id: string) => `files.key:${id}`,
}

/** Takes a file from the state that its row shows to another; false where it is no longer there. */
export async function move(
  store: Knex,
  { id, state }: Pick<FileRow, 'id' | 'state'>,
  to: FileState,
  changes: Partial<FileRow>,
): Promise<boolean> {
  assertFileMove(state, to)
  return (
    (await store('files')
      .where({ id, state })
      .update({ ...changes, state: to, updated_at: Date.now() })) === 1
  )
}

/** What makes a file unreadable from now on, wherever its pieces lie; the sweep takes these away. */
export const shredded = () => ({
  name_sealed: null,
  key_sealed: null,
  user_id: null,
  attached_to: null,
  lease_owner: null,
  lease_until: 0,
  retry_at: Date.now(),
})

export function piecesOf(database: Database, id: string): Promise<PieceRow[]> {
  return database<PieceRow>('file_pieces').where({ file_id: id }).orderBy('position')
}
