import Type from 'typebox'
import { MASTER_KEY_PATTERN } from '../key-ring.ts'
import { secret } from './secret.ts'

/** Where it keeps what it knows, and the keys that seal it. */
export const storeSettings = {
  DATA_DIR: Type.String({ default: '.data', description: 'Folder of the embedded database and of keys generated for development' }),
  DATABASE_URL: Type.String({
    default: '',
    pattern: '^(mysql://.+)?$',
    description:
      'mysql://user:password@host:3306/name, with ?tls=on for a verified TLS connection (empty: an embedded SQLite file in DATA_DIR)',
    ...secret,
  }),
  REDIS_URL: Type.String({
    default: '',
    pattern: '^(rediss?://.+)?$',
    description: 'redis://host:6379/0, or rediss:// for TLS, for jobs through bull and shared rate limits (empty: jobs run in the process)',
    ...secret,
  }),
  MASTER_KEY: Type.String({
    default: '',
    pattern: `^(${MASTER_KEY_PATTERN})?$`,
    description:
      '[id:]32 random bytes in base64: encrypts names, id numbers and tokens at rest. Required in production; otherwise generated once into DATA_DIR',
    ...secret,
  }),
  MASTER_KEYS_OLD: Type.String({
    default: '',
    pattern: `^(${MASTER_KEY_PATTERN}(,${MASTER_KEY_PATTERN})*)?$`,
    description: 'Further master keys that open what they sealed, id:base64, comma-separated (docs/agency-accounts.md: rotating keys)',
    ...secret,
  }),
  LOOKUP_KEY: Type.String({
    default: '',
    pattern: '^([A-Za-z0-9+/_-]{43}=?)?$',
    description: 'Key of look-up hashes (hub keys lookup prints it): they outlive the master key. Required with MASTER_KEYS_OLD',
    ...secret,
  }),
}
