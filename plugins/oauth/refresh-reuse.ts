import type { Vault } from '../../core/base/vault.ts'

/**
 * What a rotated refresh token is followed by: derived, so that the same token twice, in whatever process, has the
 * same answer, and a hub that died on the way left nothing that another could not do over.
 */
export function successorOf(vault: Vault, token: string): string {
  return vault.fingerprint(token, 'oauth.refresh-successor')
}
