import { normalIdNumber } from '../../core/base/checksums.ts'
import type { Vault } from '../../core/base/vault.ts'

/** GB 11643 applies to papers of this kind. */
export const IDENTITY_CARD = '01'

/** By which a person is found: the same for every spelling of one number. */
export function identityHash(vault: Pick<Vault, 'fingerprint'>, idType: string, idNumber: string): string {
  return vault.fingerprint(`${idType}:${idType === IDENTITY_CARD ? normalIdNumber(idNumber) : idNumber}`, 'users.id_number')
}
