import { generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { Database } from '../../core/base/database.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'

const generateKeyPair = promisify(generate)

/** ES256 signs everything but the ID tokens of clients that were registered for RS256. */
export type SigningAlgorithm = 'ES256' | 'RS256'

interface KeyRow {
  kid: string
  signs: SigningAlgorithm | null
  jwk_sealed: string
}

/**
 * The hub's signing keys, private parts included, made when first needed and shared by all processes.
 * The keys that sign come first; retired ones follow, so that what they signed still verifies.
 */
export async function loadSigningKeys(database: Database, vault: Vault): Promise<JWK[]> {
  const known = await read(database)
  // An RSA key takes long to make, so it waits for the first client that wants one.
  const wanted: SigningAlgorithm[] = await database('oauth_clients').distinct('id_token_alg').pluck('id_token_alg')
  for (const algorithm of new Set<SigningAlgorithm>(['ES256', ...wanted])) {
    if (!known.some(({ signs }) => signs === algorithm)) await create(database, vault, algorithm)
  }
  const rows = await read(database)
  rows.sort((a, b) => Number(a.signs === null) - Number(b.signs === null))
  return rows.map(({ kid, jwk_sealed }) => JSON.parse(vault.open(jwk_sealed, sealContext(kid))) as JWK)
}

/** → what anybody may know of the keys. */
export function publicKeys(keys: readonly JWK[]): JWK[] {
  return keys.map(({ kty, kid, alg, use, crv, x, y, n, e }) =>
    kty === 'RSA' ? ({ kty, kid, alg, use, n, e } as JWK) : ({ kty, kid, alg, use, crv, x, y } as JWK),
  )
}

const sealContext = (kid: string) => `oauth_keys.jwk:${kid}`

function read(database: Database): Promise<KeyRow[]> {
  return Promise.resolve(database('oauth_keys').orderBy('created_at', 'desc').select<KeyRow[]>('kid', 'signs', 'jwk_sealed'))
}

/** Of several processes that start at once, the unique column lets one key in. */
async function create(database: Database, vault: Vault, signs: SigningAlgorithm): Promise<void> {
  const { privateKey } =
    signs === 'ES256' ? await generateKeyPair('ec', { namedCurve: 'P-256' }) : await generateKeyPair('rsa', { modulusLength: 2048 })
  const jwk = privateKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(jwk)
  const jwk_sealed = vault.seal(JSON.stringify({ ...jwk, kid, alg: signs, use: 'sig' }), sealContext(kid))
  try {
    await database('oauth_keys').insert({ kid, signs, jwk_sealed, created_at: Date.now() })
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
}
