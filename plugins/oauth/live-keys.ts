import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { createMissing, type HubKey, publicKeys, readKeys } from './keys.ts'

/** The hub's own keys as they are now: other processes, and the command line, replace them while this one runs. */
export interface LiveKeys {
  /** Private parts included; of each algorithm the one that signs first. */
  readonly signing: readonly JWK[]
  /** The one that signs first. */
  readonly cookies: readonly string[]
  /** Verifies what any of the signing keys has signed. */
  readonly verifying: JWTVerifyGetKey
  /** Reads them anew, and makes what is missing. */
  refresh(): Promise<void>
  /** `listener` is called after any of them came, went or began to sign. */
  onChange(listener: () => void): void
}

export async function openLiveKeys(database: Database, vault: Vault): Promise<LiveKeys> {
  const listeners: (() => void)[] = []
  let signing: JWK[] = []
  let cookies: string[] = []
  let verify: JWTVerifyGetKey = createLocalJWKSet({ keys: [] })
  let state = ''

  async function refresh(): Promise<void> {
    await createMissing(database, vault)
    const keys = await readKeys(database, vault)
    const now = keys.map(({ kid }) => kid).join()
    if (now === state) return
    take(keys)
    for (const listener of listeners) listener()
    state = now
  }

  function take(keys: readonly HubKey[]): void {
    signing = keys.filter(({ use }) => use !== 'cookie').map(({ jwk }) => jwk)
    cookies = keys.filter(({ use }) => use === 'cookie').map(({ jwk }) => jwk.k ?? '')
    verify = createLocalJWKSet({ keys: publicKeys(signing) })
  }

  await refresh()
  return {
    get signing() {
      return signing
    },
    get cookies() {
      return cookies
    },
    verifying: (header, token) => verify(header, token),
    refresh,
    onChange: (listener) => void listeners.push(listener),
  }
}
