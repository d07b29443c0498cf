import { normalIdNumber } from '../../core/base/checksums.ts'
import { HubError } from '../../core/base/errors.ts'
import type { AgencyOAuth } from '../../core/contract/accounts.ts'
import type { AccountLevel } from './store.ts'

export interface Holder {
  externalId: string
  unionId: string | null
  level: AccountLevel
}

/**
 * Who authorised at the agency, from its user info. Where the agency gives the holder's id number, it must
 * be the hub user's own: throws HUB_ACCOUNT_UNVERIFIED; HUB_UPSTREAM_INVALID without an account id.
 */
export function readHolder(oauth: AgencyOAuth, userInfo: unknown, idNumber: string | null): Holder {
  const externalId = textAt(userInfo, oauth.externalId)
  if (externalId === null) throw new HubError('HUB_UPSTREAM_INVALID')
  const given = oauth.idNumber === undefined ? null : textAt(userInfo, oauth.idNumber)
  if (given !== null && normalIdNumber(given) !== idNumber) throw new HubError('HUB_ACCOUNT_UNVERIFIED')
  return {
    externalId,
    unionId: oauth.unionId === undefined ? null : textAt(userInfo, oauth.unionId),
    level: given === null ? 'login' : 'real-name',
  }
}

/** RFC 6901 */
function textAt(document: unknown, pointer: string): string | null {
  let value = document
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }
  // A number that lost digits is no longer the one that was sent.
  return (typeof value === 'string' && value !== '') || Number.isSafeInteger(value) ? String(value) : null
}
