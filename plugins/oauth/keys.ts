import { generateKeyPair as generate, randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'

const generateKeyPair = promisify(generate)

/** ES256 signs everything but the ID tokens of clients that were registered for RS256. */
export type SigningAlgorithm = 'ES256' | 'RS256'
export type KeyUse = SigningAlgorithm | 'cookie'

/** One of the hub's own keys. It counts from when it is made, signs from `startsAt` until another does, and verifies until `endsAt`. */
export interface HubKey {
  kid: string
  use: KeyUse
  jwk: JWK
  /** Epoch milliseconds, as the others. */
  createdAt: number
  startsAt: number
  /** Null for the newest of its use. */
  endsAt: number | null
}

interface KeyRow {
  kid: string
  jwk_sealed: string
  created_at: number | string
  starts_at: number | string
  ends_at: number | string | null
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * How long a new key is known before it signs, and how long the one before it still verifies after that. Whoever checks
 * tokens may keep the key set for ten minutes, and what the hub signs lives for ten; the authorization server's cookies
 * live for a day, and every process reads the keys several times a minute (live-keys.ts).
 */
const TIMES = {
  ES256: { lead: 10 * MINUTE_MS, kept: HOUR_MS },
  RS256: { lead: 10 * MINUTE_MS, kept: HOUR_MS },
  cookie: { lead: MINUTE_MS, kept: 25 * HOUR_MS },
} as const satisfies Record<KeyUse, { lead: number; kept: number }>

const TABLES = ['oauth_keys', 'cookie_keys'] as const
type Table = (typeof TABLES)[number]
const tableOf = (use: KeyUse): Table => (use === 'cookie' ? 'cookie_keys' : 'oauth_keys')
const sealContext = (table: Table, kid: string) => `${table}.jwk:${kid}`

/** The keys that count, private parts included: of each use the one that signs first, then older ones, then the one to come. */
export async function readKeys(database: Database, vault: Vault, now = Date.now()): Promise<HubKey[]> {
  const found = await Promise.all(TABLES.map((table) => read(database, vault, table)))
  return found
    .flat()
    .filter(({ endsAt }) => endsAt === null || endsAt > now)
    .sort((a, b) => Number(a.startsAt > now) - Number(b.startsAt > now) || b.startsAt - a.startsAt || b.createdAt - a.createdAt)
}

/** Makes what is missing: of several processes that start at once, the unique column lets one key in. */
export async function createMissing(database: Database, vault: Vault): Promise<void> {
  const wanted: SigningAlgorithm[] = await database('oauth_clients').distinct('id_token_alg').pluck('id_token_alg')
  const known: string[] = []
  for (const table of TABLES) known.push(...(await database(table).whereNotNull('signs').pluck('signs')))
  // An RSA key takes long to make, so it waits for the first client that wants one.
  for (const use of new Set<KeyUse>(['ES256', 'cookie', ...wanted])) {
    if (known.includes(use)) continue
    // Cookies of before their keys were kept go on counting.
    const jwk = use === 'cookie' ? cookieKey(vault.fingerprint('1', 'oauth.cookie-key')) : await makeKey(use)
    try {
      await database(tableOf(use)).insert(toRow(vault, use, jwk, Date.now(), 0))
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
  }
}

export interface Replacement {
  kid: string
  /** When it begins to sign. */
  startsAt: number
  /** When those before it no longer verify. */
  formerEndAt: number
}

/**
 * A new key takes the place of the newest one, in all processes, without a restart. `atOnce`, for keys that leaked: it signs
 * now, and all others of its use end. Throws HUB_REQUEST_STATE while another new one has not begun.
 */
export async function replaceKey(database: Database, vault: Vault, use: KeyUse, atOnce = false): Promise<Replacement> {
  const jwk = use === 'cookie' ? cookieKey(randomBytes(32).toString('base64url')) : await makeKey(use)
  const now = Date.now()
  const table = tableOf(use)
  const same = (await readKeys(database, vault, now)).filter((key) => key.use === use)
  const newest = same.find(({ endsAt }) => endsAt === null)
  if (!newest) throw new HubError('HUB_NO_RECORD', { detail: `还没有 ${use} 的密钥：它在第一次需要时生成` })
  if (!atOnce && newest.startsAt > now) throw new HubError('HUB_REQUEST_STATE', { detail: '上一把新密钥还没有启用' })
  const startsAt = atOnce ? now : now + TIMES[use].lead
  const formerEndAt = atOnce ? now : startsAt + TIMES[use].kept
  const row = toRow(vault, use, jwk, now, startsAt)
  await transact(database, async (transaction) => {
    // Of two who replace it at once, one finds it as it was.
    const gaveUp = await transaction(table).where({ kid: newest.kid, signs: use }).update({ signs: null, ends_at: formerEndAt })
    if (gaveUp !== 1) throw new HubError('HUB_REQUEST_STATE', { detail: '这把密钥刚被更换' })
    const others = same.map(({ kid }) => kid)
    if (atOnce) await transaction(table).whereIn('kid', others).update({ ends_at: formerEndAt })
    await transaction(table).insert(row)
  })
  return { kid: row.kid, startsAt, formerEndAt }
}

/** What no longer verifies anything need not be kept. */
export async function purgeKeys(database: Database): Promise<void> {
  for (const table of TABLES) await database(table).where('ends_at', '<=', Date.now()).delete()
}

/** → what anybody may know of the keys. */
export function publicKeys(keys: readonly JWK[]): JWK[] {
  return keys.map(({ kty, kid, alg, use, crv, x, y, n, e }) =>
    kty === 'RSA' ? ({ kty, kid, alg, use, n, e } as JWK) : ({ kty, kid, alg, use, crv, x, y } as JWK),
  )
}

async function read(database: Database, vault: Vault, table: Table): Promise<HubKey[]> {
  const rows: KeyRow[] = await database(table).select('kid', 'jwk_sealed', 'created_at', 'starts_at', 'ends_at')
  return rows.map(({ kid, jwk_sealed, created_at, starts_at, ends_at }) => {
    const jwk = JSON.parse(vault.open(jwk_sealed, sealContext(table, kid))) as JWK
    const use = table === 'cookie_keys' ? 'cookie' : (jwk.alg as SigningAlgorithm)
    return { kid, use, jwk, createdAt: Number(created_at), startsAt: Number(starts_at), endsAt: ends_at === null ? null : Number(ends_at) }
  })
}

function toRow(vault: Vault, use: KeyUse, jwk: JWK & { kid: string }, created_at: number, starts_at: number) {
  const { kid } = jwk
  return { kid, signs: use, jwk_sealed: vault.seal(JSON.stringify(jwk), sealContext(tableOf(use), kid)), created_at, starts_at }
}

async function makeKey(alg: SigningAlgorithm): Promise<JWK & { kid: string }> {
  const { privateKey } =
    alg === 'ES256' ? await generateKeyPair('ec', { namedCurve: 'P-256' }) : await generateKeyPair('rsa', { modulusLength: 2048 })
  const jwk = privateKey.export({ format: 'jwk' }) as JWK
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' }
}

/** Its id is drawn: a thumbprint would be a hash of the secret. */
function cookieKey(k: string): JWK & { kid: string } {
  return { kty: 'oct', k, kid: randomUUID() }
}
