import { type KeyRing, keyIdOf, type MasterKey } from '../core/base/vault.ts'

/** One master key as settings write it: `[id:]base64` of 32 bytes. */
export const MASTER_KEY_PATTERN = '([A-Za-z0-9_-]{1,16}:)?[A-Za-z0-9+/_-]{43}=?'

/** The keys of the settings MASTER_KEY (already decoded), MASTER_KEYS_OLD and LOOKUP_KEY. */
export function readKeyRing(current: MasterKey, others: string, lookup: string): KeyRing {
  return {
    current,
    others: others === '' ? [] : others.split(',').map(parseMasterKey),
    ...(lookup === '' ? {} : { lookup: Buffer.from(lookup, 'base64') }),
  }
}

export function parseMasterKey(text: string): MasterKey {
  const [first = '', second] = text.trim().split(':')
  const key = Buffer.from(second ?? first, 'base64')
  return { id: second === undefined ? keyIdOf(key) : first, key }
}
