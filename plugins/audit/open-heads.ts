import { openHeadsDatabase } from './heads-database.ts'
import { openHeadsFile } from './heads-file.ts'
import type { HeadsPlace } from './heads-place.ts'

/** `file:<path>` or `mysql://…`; several processes and hosts may share either. */
export function openHeadsPlace(address: string): HeadsPlace {
  return address.startsWith('file:') ? openHeadsFile(address.slice('file:'.length)) : openHeadsDatabase(address)
}
