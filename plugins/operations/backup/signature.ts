import type { Hash } from 'node:crypto'
import type { Vault } from '../../../core/base/vault.ts'
import type { EndLine } from './format.ts'

/**
 * Proves who made a backup: HMAC-SHA256, under the hub's key for look-ups, which rotation leaves as it is, of all lines before the end
 * and of the end without this. `lines` is used up by it.
 */
export function signatureOf(vault: Vault, lines: Hash, { mac: _, ...end }: EndLine): string {
  return vault.fingerprint(lines.update(JSON.stringify(end)).digest('hex'), 'backup')
}
