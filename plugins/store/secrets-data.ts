import { keyContext } from './indexes.ts'
import type { PersonalData } from './personal-data.ts'

/** Secrets that agencies gave the hub itself, and keys of its own. */
export const personalData: PersonalData = {
  sealed: [
    { table: 'upstream_secrets', column: 'secret_sealed', key: 'id', context: (id) => id, kept: 'the hub’s own, about no user' },
    { table: 'index_keys', column: 'key_sealed', key: 'id', context: keyContext, kept: 'the hub’s own key, about no user' },
  ],
  users: [],
}
