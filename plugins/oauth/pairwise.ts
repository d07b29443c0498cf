import type { Vault } from '../../core/base/vault.ts'

/** → the subject under which clients of a sector know somebody; no two sectors can compare theirs. */
export function pairwise(vault: Vault, sector: string, id: string): string {
  return vault.fingerprint(JSON.stringify([sector, id]), 'oauth.subject')
}
