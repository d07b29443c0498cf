import { randomBytes } from 'node:crypto'
import type { BlockList } from 'node:net'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import Type, { type Static } from 'typebox'
import type { KeyRing } from '../core/base/vault.ts'
import { readAdminAddresses } from './admin-addresses.ts'
import { readConnectorSettings } from './connectors.ts'
import { plainAddresses, realSettings } from './deployment.ts'
import { readOrCreate } from './key-file.ts'
import { MASTER_KEY_PATTERN, parseMasterKey, readKeyRing } from './key-ring.ts'
import { SettingsError } from './settings-error.ts'

/**
 * Every setting of the hub, once: the type, the check, `.env.example` and docs/configuration.md all
 * come from this schema (`npm run docs`). `secret` keeps a value out of every print-out.
 */
const secret = { secret: true }
const OFFICE = 'application/vnd.openxmlformats-officedocument'
export const settingsSchema = Type.Object({
  NODE_ENV: Type.Enum(['development', 'test', 'production'], {
    default: 'development',
    description: 'production turns the sandbox and every generated key off',
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'Port to listen on; 0 takes a free one' }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'Lowest level that is logged',
  }),
  TRUST_PROXY: Type.String({
    default: '',
    description: 'Addresses of the reverse proxies whose X-Forwarded-For is believed, comma-separated (empty: none)',
  }),
  REQUEST_TIMEOUT_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds within which a whole request must have come, body included',
  }),
  HEADERS_TIMEOUT_SECONDS: Type.Integer({ default: 10, minimum: 1, maximum: 3600, description: 'The same for its headers' }),
  IDLE_TIMEOUT_SECONDS: Type.Integer({
    default: 120,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds after which a connection without traffic is cut, an answer under way or not: more than any agency takes',
  }),
  KEEP_ALIVE_SECONDS: Type.Integer({
    default: 72,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds for which a connection is kept for the next request: more than the proxy in front keeps it',
  }),
  MAX_CONNECTIONS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Connections at once; more are not accepted',
  }),
  DRAIN_SECONDS: Type.String({
    default: 'auto',
    pattern: '^(auto|\\d{1,3})$',
    description:
      'Seconds for which a process that is told to end (SIGTERM) is not ready and still takes calls: longer than the proxy in front takes to notice (docs/deployment.md); auto: 10 in production, otherwise 0',
  }),
  STOP_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds after these within which what is under way must have been answered; then it is cut off',
  }),
  ADDRESS_RATE: Type.Integer({
    default: 200,
    minimum: 0,
    maximum: 100_000,
    description:
      'Requests a second of one address (IPv6: /64) and process, ten seconds’ worth at once, whoever asks; 0 sets no limit. This machine itself has none',
  }),
  ADDRESS_FAILURES: Type.Integer({
    default: 300,
    minimum: 1,
    maximum: 100_000,
    description: 'Calls a minute of one address without a valid token; beyond them only tokens already known are taken from there',
  }),
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
  PUBLIC_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+[^/?#])?$',
    description: 'Address of the hub as browsers and agencies see it, without a closing slash (empty: http://HOST:PORT)',
  }),
  ACCOUNT_RETURN_URLS: Type.String({
    default: '',
    description: 'Addresses to which a browser may return after authorising at an agency, comma-separated, without query',
  }),
  APP_ORIGINS: Type.String({
    default: '',
    pattern: '^(https?://[^/,]+(,https?://[^/,]+)*)?$',
    description:
      'Origins of the app’s own web pages that may call /v1 from a browser, comma-separated; those of registered clients may anyway',
  }),
  SECURITY_CONTACT: Type.String({
    default: '',
    pattern: '^((mailto:|tel:|https://).+)?$',
    description: 'Where weaknesses are reported, for /.well-known/security.txt (empty: there is none)',
  }),
  TOKEN_ISSUER: Type.String({ default: '', description: 'Issuer (iss) of the app’s access tokens. Required in production' }),
  TOKEN_JWKS_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Where that issuer publishes its keys. Required in production',
  }),
  TOKEN_AUDIENCE: Type.String({ default: 'xuchang-hub', description: 'Audience (aud) that a token must name' }),
  TOKEN_TYPE: Type.Enum(['at+jwt', 'JWT'], {
    default: 'at+jwt',
    description: 'Type (typ) that the header of a token must name; ID tokens are refused under either (docs/authorization.md)',
  }),
  TOKEN_MAX_MINUTES: Type.Integer({
    default: 1440,
    minimum: 1,
    maximum: 43_200,
    description: 'Longest life of a token, from iat to exp: one that lives longer is refused',
  }),
  TOKEN_ALGORITHMS: Type.String({ default: 'ES256,EdDSA,RS256,PS256', description: 'Signature algorithms that are accepted' }),
  PLAIN_HTTP_HOSTS: Type.String({
    default: '',
    description: 'Hosts of agencies and issuers that production may reach without TLS, comma-separated: lines that are protected otherwise',
  }),
  FILE_LINK_SECONDS: Type.Integer({
    default: 300,
    minimum: 10,
    maximum: 3600,
    description: 'Seconds for which the link to an agency’s file works, for whoever asked for its record (docs/agency-files.md)',
  }),
  OAUTH_REFRESH_REUSE_SECONDS: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 60,
    description: 'Seconds in which an application may use a refresh token once more, for the same answer; 0: used twice, the grant ends',
  }),
  CONNECTORS_FILE: Type.String({
    default: '',
    description: 'JSON file with per-connector settings: service ids, base addresses, credentials (docs/configuration.md)',
  }),
  CONNECTOR_PACKAGES: Type.String({
    default: '',
    // A name as npm takes it: no part of it begins with a dot, so that none leads out of node_modules.
    pattern: '^([a-z][a-z0-9-]*=(@[a-z0-9_-][a-z0-9._-]*/)?[a-z0-9-][a-z0-9._-]*(,(?!$)|$))*$',
    description:
      'Connectors that are npm packages, as id=package, comma-separated; each must be installed from package-lock.json (docs/packages.md)',
  }),
  CONNECTOR_CANDIDATES: Type.String({
    default: '',
    pattern: '^([a-z][a-z0-9-]*=((@[a-z0-9._-]+/)?[a-z0-9._-]+|\\.{0,2}/[A-Za-z0-9._/-]+)(,(?!$)|$))*$',
    description:
      'Second versions of connectors beside the running ones, as id=package or id=./folder, comma-separated: asked for comparison, or by a part of the users (docs/candidates.md)',
  }),
  EXCHANGE_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Gateway of the data exchange platform (empty: the sandbox answers)',
  }),
  EXCHANGE_REQUESTER_ID: Type.String({ default: '', maxLength: 128, description: 'Requester id (rid) that the exchange platform issued' }),
  EXCHANGE_APP_KEY: Type.String({ default: '', description: 'Application key that the exchange platform issued', ...secret }),
  EXCHANGE_HEADER_PREFIX: Type.String({
    default: 'gjgxjhpt',
    pattern: '^[a-z]+$',
    description: 'Prefix of the platform’s request headers: gjgxjhpt, gjzwfwpt …',
  }),
  SIGN_ON_PROFILE: Type.Enum(['ticket', 'oauth2'], {
    default: 'ticket',
    description: 'How users sign on at the app: ticket → token → user, or OAuth2 code → token → user (docs/sign-on.md)',
  }),
  SIGN_ON_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Address of the app’s sign-on (empty: the sandbox’s simulator; without the sandbox nobody signs on)',
  }),
  SIGN_ON_ISSUER: Type.String({
    default: '',
    maxLength: 200,
    description: 'Who gave the ids of users that the sign-on names (empty: TOKEN_ISSUER, or else SIGN_ON_BASE_URL)',
  }),
  SIGN_ON_APP_ID: Type.String({ default: '', maxLength: 200, description: 'App id (client id) that the sign-on gave the hub' }),
  SIGN_ON_ACCESS_KEY: Type.String({
    default: '',
    maxLength: 200,
    description: 'Access key of signed requests in the ticket profile (empty: SIGN_ON_APP_ID)',
  }),
  SIGN_ON_APP_SECRET: Type.String({ default: '', description: 'Secret key (client secret) that belongs to it', ...secret }),
  SIGN_ON_SCOPE: Type.String({ default: '', description: 'Scope that the oauth2 profile asks for' }),
  SIGN_ON_PKCE: Type.Enum(['on', 'off'], { default: 'on', description: 'Whether the oauth2 profile uses PKCE (S256)' }),
  SIGN_ON_PATHS: Type.String({
    default: '',
    description: 'JSON: paths of the sign-on that differ from the profile’s: authorize, token, user',
  }),
  SIGN_ON_FIELDS: Type.String({ default: '', description: 'JSON: where its answers hold which fact, as dotted paths (docs/sign-on.md)' }),
  SIGN_ON_LEVELS: Type.String({
    default: '',
    description: 'JSON: its real-name levels → login or real-name (empty: 1 login, 2 and 3 real-name)',
  }),
  SIGN_ON_ID_TYPES: Type.String({
    default: '',
    description: 'JSON: its id types → two digits, 01 for identity cards (empty: 1, 01 and 111 → 01)',
  }),
  FACE_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Address of the face verification provider (empty: the sandbox’s; without the sandbox there is none)',
  }),
  FACE_APP_ID: Type.String({ default: '', maxLength: 200, description: 'App id that the provider gave the hub' }),
  FACE_APP_SECRET: Type.String({ default: '', description: 'Secret key that belongs to it', ...secret }),
  FACE_ISSUER: Type.String({ default: '', description: 'Issuer (iss) of the provider’s assertions (empty: FACE_BASE_URL)' }),
  MESSAGE_PUSH_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+)?$',
    description: 'The city’s gateway for push messages (docs/messages.md; empty: the sandbox’s catcher; without the sandbox none are sent)',
  }),
  MESSAGE_PUSH_KEY: Type.String({ default: '', description: 'Key under which requests to it are signed', ...secret }),
  MESSAGE_SMS_URL: Type.String({ default: '', pattern: '^(https?://[^?#]+)?$', description: 'The same for text messages' }),
  MESSAGE_SMS_KEY: Type.String({ default: '', description: 'Key under which requests to it are signed', ...secret }),
  MESSAGE_MAIL_URL: Type.String({
    default: '',
    pattern: '^(smtps?://.+)?$',
    description: 'smtps://user:password@host:465, or smtp://… with STARTTLS, for e-mail (empty: as with push)',
    ...secret,
  }),
  MESSAGE_MAIL_FROM: Type.String({
    default: '',
    pattern: '^([^\\s@<>]+@[^\\s@<>]+)?$',
    description: 'Address from which e-mail comes. Required with MESSAGE_MAIL_URL',
  }),
  MESSAGE_CHANNELS: Type.String({
    default: 'push,sms,mail',
    pattern: '^(push|sms|mail)(,(push|sms|mail)){0,2}$',
    description: 'Channels in the order in which they are tried, comma-separated; the next one where one fails',
  }),
  MESSAGE_QUIET_HOURS: Type.String({
    default: '22:00-08:00',
    pattern: '^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$',
    description: 'Hours, Beijing time, in which nothing but what is urgent is sent (00:00-00:00: none); users may choose their own',
  }),
  MESSAGE_HOURLY_LIMIT: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'Messages an hour that are sent to one person; further ones stand in the message centre alone',
  }),
  MESSAGE_RETENTION_DAYS: Type.Integer({ default: 365, minimum: 30, maximum: 3650, description: 'Days for which messages are kept' }),
  ADMIN_AUDIENCE: Type.String({
    default: '',
    description: 'Audience (aud) that a token must name at /admin, beside TOKEN_AUDIENCE or alone (empty: <TOKEN_AUDIENCE>-admin)',
  }),
  ADMIN_ADDRESSES: Type.String({
    default: '',
    description:
      'Addresses and blocks (10.1.0.0/16, fd00::/8) from which /admin may be called and /console be opened, comma-separated (empty: any). Required in production; 0.0.0.0/0,::/0 says any on purpose',
  }),
  ADMIN_SECOND_FACTOR: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description: 'Whether /admin asks for a second factor, a time-based code (docs/identity.md); auto: unless the sandbox is on',
  }),
  ADMIN_REQUEST_HOURS: Type.Integer({
    default: 72,
    minimum: 1,
    maximum: 720,
    description: 'Hours for which what takes two administrators waits for the second one (docs/identity.md)',
  }),
  LOCKOUT_FAILURES: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 1000,
    description:
      'Failed log-ins and face verifications in a row that lock an account; 0 never does. This and the two below hold until administrators set others (docs/user-centre.md)',
  }),
  LOCKOUT_WINDOW_MINUTES: Type.Integer({
    default: 15,
    minimum: 1,
    maximum: 1440,
    description: 'Minutes within which these must have been',
  }),
  LOCKOUT_MINUTES: Type.Integer({ default: 15, minimum: 1, maximum: 10_080, description: 'Minutes for which such a lock holds' }),
  AUDIT_HEADS: Type.String({
    default: '',
    pattern: '^(file:.+|mysql://.+)?$',
    description:
      'Second place for the heads of the audit chains: file:/path, to be appended to, or mysql://… of another database. Required in production (empty: evidence/ in DATA_DIR, docs/evidence.md)',
    ...secret,
  }),
  SEAL_KEY_FILE: Type.String({
    default: '',
    description:
      'File with the private key, PEM, RSA or EC, that signs certificates (PAdES), or SM2 (GM/T 0010). Empty: the sandbox makes one with an authority of its own, production signs none',
  }),
  SEAL_CERTIFICATES_FILE: Type.String({
    default: '',
    description: 'Its certificate and those above it, PEM, the signer’s first; with SEAL_KEY_FILE',
  }),
  SEAL_TSA_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description:
      'Address of a time-stamping authority (RFC 3161) that is asked with every signature of a document (empty: the sandbox asks its own, production none)',
  }),
  SEAL_TSA_CERTIFICATES_FILE: Type.String({
    default: '',
    description: 'Certificates, PEM, of the authorities above that one; what leads to none of them is no time stamp (empty: not looked at)',
  }),
  SEAL_TSA_REQUIRED: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'off',
    description: 'on: no certificate without a time stamp; off: signed without where none can be had, which its record says',
  }),
  SEAL_WARN_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    description: 'Days before the end of such a certificate from which on /health, the log and messages to operators say so',
  }),
  SEAL_IMAGES: Type.String({
    default: '',
    description: 'Folder with the seal of each agency as <connector>.png, shown on its certificates (empty: none, in the sandbox a sample)',
  }),
  DOCUMENT_FONTS: Type.String({
    default: '/usr/share/fonts/truetype/hanazono/HanaMinA.ttf,/usr/share/fonts/truetype/hanazono/HanaMinB.ttf',
    description:
      'Font files, comma-separated, for characters of certificates that the hub’s own font lacks, as rare ones of names; these are of Debian’s fonts-hanazono',
  }),
  ADDRESS_PLACES_FILE: Type.String({
    default: '',
    description:
      'MaxMind DB file (.mmdb: GeoLite2 City, DB-IP City Lite or the like) from which log-ins show the place of their address (empty: only what sort of address it is)',
  }),
  AUDIT_KEY_FILE: Type.String({
    default: '',
    description:
      'File with the private key, PEM, Ed25519 or SM2, that signs these and archives; the database’s holder must not have it. Required in production (empty: generated once into evidence/ in DATA_DIR)',
  }),
  AUDIT_RETENTION_MONTHS: Type.Integer({
    default: 6,
    minimum: 6,
    maximum: 1200,
    description: 'Full months for which audit rows stay in the database before they may be archived',
  }),
  FILE_STORE: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+|[^:]+)?$',
    description: 'Where users’ files lie, sealed: a folder, or https://host/bucket of anything that speaks S3 (empty: files/ in DATA_DIR)',
  }),
  FILE_S3_REGION: Type.String({ default: 'auto', maxLength: 64, description: 'Region of that bucket' }),
  FILE_S3_KEY_ID: Type.String({ default: '', maxLength: 200, description: 'Access key id for it' }),
  FILE_S3_SECRET: Type.String({ default: '', description: 'Secret key that belongs to it', ...secret }),
  FILE_SCANNER: Type.String({
    default: '',
    pattern: '^(off|unix:/.+|tcp://[^/]+:[0-9]+)?$',
    description:
      'clamd that looks for viruses: tcp://host:3310 or unix:/path; off says on purpose that none does (empty: none in the sandbox, and no uploads without it)',
  }),
  FILE_MEDIA_TYPES: Type.String({
    default: `image/jpeg,image/png,image/webp,image/heic,application/pdf,application/zip,${OFFICE}.wordprocessingml.document,${OFFICE}.spreadsheetml.sheet,video/mp4,audio/mpeg`,
    description: 'Media types that may be uploaded, comma-separated, as their bytes show them',
  }),
  FILE_MAX_MB: Type.Integer({ default: 4096, minimum: 1, maximum: 4096, description: 'Largest file, in megabytes' }),
  FILE_QUOTA_MB: Type.Integer({ default: 8192, minimum: 1, maximum: 1_000_000, description: 'What the files of one user may come to' }),
  FILE_KEEP_HOURS: Type.Integer({
    default: 168,
    minimum: 1,
    maximum: 8760,
    description: 'Hours for which a file that no filing holds is kept',
  }),
  FILE_UPLOAD_HOURS: Type.Integer({
    default: 24,
    minimum: 1,
    maximum: 720,
    description: 'Hours for which an upload that broke off can be resumed',
  }),
  PARTNER_PAPERS_DAYS: Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 3650,
    description: 'Days after which the papers of an organisation whose application was refused or withdrawn are erased',
  }),
  ALERTS_FILE: Type.String({
    default: '',
    description: 'JSON file with who is told of alerts and how, and with other numbers for rules (docs/monitoring.md)',
  }),
  TRACES_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+)?$',
    description:
      'Collector of traces that speaks OTLP over HTTP, as http://127.0.0.1:4318/v1/traces (docs/monitoring.md; empty: there is none)',
  }),
  TRACES_SHARE: Type.Number({ default: 0.1, minimum: 0, maximum: 1, description: 'Share of the calls whose trace goes there' }),
  METRICS_PORT: Type.String({
    default: '',
    pattern: '^[0-9]{0,5}$',
    description:
      'Port of GET /metrics, for Prometheus (docs/monitoring.md; empty: there is none, 0 takes a free one); each process needs its own',
  }),
  METRICS_HOST: Type.String({ default: '127.0.0.1', description: 'Address on which it listens: it asks nobody who he is' }),
  OVERLOAD_DELAY_MS: Type.Integer({
    default: 2000,
    minimum: 0,
    maximum: 60_000,
    description: 'Milliseconds that the process may be behind before it refuses part of the calls; 0 never does (docs/operations.md)',
  }),
  SANDBOX: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description:
      'Sandbox agencies, people and token issuer; auto: on outside production, as long as no setting names an address beyond this machine',
  }),
  AGENCY_HOURS: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description:
      'Whether agencies are closed when their connectors say so (docs/calendar.md); auto: unless the sandbox is on. What administrators enter goes always',
  }),
  SANDBOX_TOKEN_SECONDS: Type.Integer({
    default: 600,
    minimum: 1,
    maximum: 86_400,
    description: 'How long access tokens live that the sandbox’s agencies hand out to users (OAuth)',
  }),
  SANDBOX_PORT: Type.Integer({ default: 0, minimum: 0, maximum: 65535, description: 'Loopback port of the sandbox; 0 takes a free one' }),
})

export type Settings = Static<typeof settingsSchema> & {
  readonly masterKey: Buffer
  /** The master key with the ones it replaces, and the key of look-ups: what opens the store. */
  readonly keys: KeyRing
  readonly sandbox: boolean
  /** DRAIN_SECONDS, as a number. */
  readonly drainSeconds: number
  /** ADMIN_ADDRESSES; null for any. */
  readonly adminAddresses: BlockList | null
  /** Whether /admin asks for a second factor. */
  readonly secondFactor: boolean
}

/** Name, default, description and secrecy of every setting, for the generated documents. */
export function listSettings() {
  type Notes = { default?: unknown; description?: string; secret?: boolean }
  return Object.entries(settingsSchema.properties as Record<string, Notes>).map(([name, notes]) => ({
    name,
    default: String(notes.default ?? ''),
    description: notes.description ?? '',
    secret: notes.secret === true,
  }))
}

/** The process environment, with what `.env` in the working directory adds to it. */
export function environment(): NodeJS.ProcessEnv {
  try {
    process.loadEnvFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return process.env
}

/** Compiled once: a test reads the settings of many hubs. */
let checkSettings: ValidateFunction | null = null

/** Reads the environment; throws one {@link SettingsError} that lists everything wrong with it. */
export function readSettings(env: Record<string, string | undefined> = environment()): Settings {
  const known = Object.keys(settingsSchema.properties)
  const values: Record<string, unknown> = {}
  for (const name of known) if (env[name] !== undefined && env[name] !== '') values[name] = env[name]

  checkSettings ??= new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false }).compile(settingsSchema)
  const problems = checkSettings(values)
    ? []
    : (checkSettings.errors ?? []).map((error) => `${error.instancePath.slice(1)}: ${error.message}`)
  if (problems.length > 0) throw new SettingsError(problems)

  const settings = values as unknown as Static<typeof settingsSchema>
  const connectors = readConnectorSettings(settings.CONNECTORS_FILE)
  const production = settings.NODE_ENV === 'production'
  const [real] = realSettings(settings, connectors)
  if (production) {
    for (const name of ['MASTER_KEY', 'TOKEN_ISSUER', 'TOKEN_JWKS_URL', 'AUDIT_HEADS', 'AUDIT_KEY_FILE', 'ADMIN_ADDRESSES'] as const) {
      if (!settings[name]) problems.push(`${name}: required when NODE_ENV=production`)
    }
    if (!settings.PUBLIC_URL.startsWith('https://')) problems.push('PUBLIC_URL: required, with https, when NODE_ENV=production')
    if (settings.SANDBOX === 'on') problems.push('SANDBOX: cannot be on when NODE_ENV=production')
    for (const name of plainAddresses(settings, connectors, new Set(settings.PLAIN_HTTP_HOSTS.split(','))))
      problems.push(`${name}: must be https when NODE_ENV=production, or its host listed in PLAIN_HTTP_HOSTS`)
  }
  const ADMIN_AUDIENCE = settings.ADMIN_AUDIENCE || `${settings.TOKEN_AUDIENCE}-admin`
  if (ADMIN_AUDIENCE === settings.TOKEN_AUDIENCE) problems.push('ADMIN_AUDIENCE: must be another audience than TOKEN_AUDIENCE')
  const admin = readAdminAddresses(settings.ADMIN_ADDRESSES)
  problems.push(...admin.problems)
  if (settings.AUDIT_HEADS && settings.AUDIT_HEADS === settings.DATABASE_URL)
    problems.push('AUDIT_HEADS: must be another place than DATABASE_URL')
  if (settings.TOKEN_ISSUER && !settings.TOKEN_JWKS_URL) problems.push('TOKEN_JWKS_URL: required with TOKEN_ISSUER')
  const sandbox = settings.SANDBOX === 'on' || (settings.SANDBOX === 'auto' && !production && real === undefined)
  const without = `without the sandbox${real === undefined || production ? '' : `, which ${real} turns off (or SANDBOX=on)`}`
  if (settings.EXCHANGE_BASE_URL || !sandbox) {
    for (const name of ['EXCHANGE_BASE_URL', 'EXCHANGE_REQUESTER_ID', 'EXCHANGE_APP_KEY'] as const) {
      if (!settings[name]) problems.push(`${name}: required ${sandbox ? 'with EXCHANGE_BASE_URL' : without}`)
    }
  }
  for (const group of ['SIGN_ON', 'FACE'] as const) {
    for (const name of [`${group}_APP_ID`, `${group}_APP_SECRET`] as const)
      if (settings[`${group}_BASE_URL`] && !settings[name]) problems.push(`${name}: required with ${group}_BASE_URL`)
  }
  for (const [needed, by] of [
    ['MESSAGE_PUSH_KEY', 'MESSAGE_PUSH_URL'],
    ['MESSAGE_SMS_KEY', 'MESSAGE_SMS_URL'],
    ['MESSAGE_MAIL_FROM', 'MESSAGE_MAIL_URL'],
  ] as const)
    if (settings[by] && !settings[needed]) problems.push(`${needed}: required with ${by}`)
  for (const name of ['FILE_S3_KEY_ID', 'FILE_S3_SECRET'] as const)
    if (/^https?:/.test(settings.FILE_STORE) && !settings[name]) problems.push(`${name}: required with FILE_STORE at an address`)
  if (settings.MASTER_KEYS_OLD && !settings.LOOKUP_KEY) problems.push('LOOKUP_KEY: required with MASTER_KEYS_OLD')
  if (problems.length > 0) throw new SettingsError(problems)
  const master = parseMasterKey(settings.MASTER_KEY || developmentKey(settings.DATA_DIR))
  return {
    ...settings,
    ADMIN_AUDIENCE,
    adminAddresses: admin.list,
    secondFactor: settings.ADMIN_SECOND_FACTOR === 'on' || (settings.ADMIN_SECOND_FACTOR === 'auto' && !sandbox),
    sandbox,
    drainSeconds: settings.DRAIN_SECONDS === 'auto' ? (production ? 10 : 0) : Number(settings.DRAIN_SECONDS),
    masterKey: master.key,
    keys: readKeyRing(master, settings.MASTER_KEYS_OLD, settings.LOOKUP_KEY),
  }
}

/** A key that outlives restarts of a developer's hub; production brings its own. */
function developmentKey(dataDir: string): string {
  try {
    return readOrCreate(join(dataDir, 'master.key'), () => `${randomBytes(32).toString('base64')}\n`).trim()
  } catch (error) {
    throw new SettingsError([`DATA_DIR: ${dataDir} cannot be read or written (${(error as NodeJS.ErrnoException).code})`])
  }
}
