import type { PersonalData } from './personal-data.ts'

/** Secrets that agencies gave the hub itself. */
export const personalData: PersonalData = {
  sealed: [{ table: 'upstream_secrets', column: 'secret_sealed', key: 'id', context: (id) => id, kept: 'the hub’s own, about no user' }],
  users: [],
}
