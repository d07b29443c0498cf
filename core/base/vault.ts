import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Encryption at rest and keyed look-up. Keys are derived from master keys (HKDF, RFC 5869), so that a
 * look-up hash can never serve as a decryption key. AES-256-GCM, 96-bit random nonce; `context` is
 * authenticated with the text, so a cell copied into another row or column won't open. A sealed text
 * names the master key that it needs: texts of old and new keys stand side by side while keys rotate.
 */
export interface Vault {
  /** Id of the master key that seals. */
  readonly keyId: string
  /** → `v2.<key id>.<base64url nonce|tag|ciphertext>` */
  seal(plaintext: string, context: string): string
  /** Throws when the text was altered, belongs to another context, or needs a key that isn't there. */
  open(sealed: string, context: string): string
  /** Keyed hash (HMAC-SHA256, hex) for look-ups and pseudonyms; `purpose` keeps the uses apart. Rotating keys doesn't change it. */
  fingerprint(value: string, purpose: string): string
}

export interface MasterKey {
  /** 1 to 16 characters of `A-Z a-z 0-9 _ -`. */
  id: string
  /** 32 bytes. */
  key: Buffer
}

export interface KeyRing {
  /** Seals and opens. */
  current: MasterKey
  /** Open, and no longer (or not yet) seal. */
  others?: readonly MasterKey[]
  /** 32 bytes under which look-ups are hashed; default: derived from the current key. */
  lookup?: Buffer
}

/** A bare master key is a ring of one, under the id that {@link keyIdOf} gives it. */
export function createVault(keys: Buffer | KeyRing): Vault {
  const { current, others = [], lookup } = Buffer.isBuffer(keys) ? { current: { id: keyIdOf(keys), key: keys } } : keys
  // As a key object: made anew for each hash it would cost five times the hash.
  const lookupKey = createSecretKey(lookup ?? lookupKeyOf(current.key))
  const sealKeys = new Map([...others, current].map(({ id, key }) => [id, derive(key, 'hub/seal')]))
  const sealKey = sealKeys.get(current.id) as Buffer
  const prefix = `v2.${current.id}.`

  return {
    keyId: current.id,
    seal(plaintext, context) {
      return prefix + encrypt(sealKey, plaintext, context)
    },
    open(sealed, context) {
      const [version, id = '', text] = sealed.split('.')
      const key = sealKeys.get(id)
      if (version === 'v2' && key && text) return decrypt(key, text, context)
      if (version === 'v1') return openUnnamed(id, context)
      throw new Error(version === 'v2' ? `no master key ${id}` : 'unknown seal version')
    },
    fingerprint: (value, purpose) => createHmac('sha256', lookupKey).update(`${purpose}\0${value}`).digest('hex'),
  }

  /** Texts of before keys had ids: GCM tells which one fits. */
  function openUnnamed(text: string, context: string): string {
    for (const key of [...sealKeys.values()].reverse()) {
      try {
        return decrypt(key, text, context)
      } catch {}
    }
    throw new Error('no master key opens this text')
  }
}

/** Id of a master key that was given none; says nothing about the key. */
export function keyIdOf(key: Buffer): string {
  return derive(key, 'hub/key-id').toString('hex').slice(0, 8)
}

/** The key for look-ups that goes with a master key. It must stay when the master key goes (setting LOOKUP_KEY). */
export function lookupKeyOf(key: Buffer): Buffer {
  return derive(key, 'hub/lookup')
}

/** AES-256-GCM → base64url of nonce, tag and ciphertext. */
export function encrypt(key: Buffer, plaintext: string, context: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const text = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
}

/** Opposite of {@link encrypt}; throws when the text was altered or belongs to another context. */
export function decrypt(key: Buffer, text: string, context: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}

function derive(masterKey: Buffer, info: string): Buffer {
  if (masterKey.length !== 32) throw new Error('the master key must have 32 bytes')
  return Buffer.from(hkdfSync('sha256', masterKey, '', info, 32))
}
