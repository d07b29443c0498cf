import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

const signAside = promisify(sign)

/** RSA with SHA-256 and PKCS #1 v1.5 padding (RFC 8017 §8.2) → base64. Takes its time on another thread. */
export async function signRsa(key: KeyObject, text: string): Promise<string> {
  return (await signAside('sha256', Buffer.from(text), key)).toString('base64')
}

export function verifyRsa(key: KeyObject, text: string | Buffer, signature: string): boolean {
  return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

/** A private key as merchants are given it: PEM, or the base64 of PKCS #8 or PKCS #1 without its armour. */
export function readPrivateKey(text: string): KeyObject {
  if (text.includes('-----')) return createPrivateKey(text)
  const der = Buffer.from(text, 'base64')
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } catch {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs1' })
  }
}

/** A public key, or the certificate that holds it: PEM, or the base64 of SubjectPublicKeyInfo. */
export function readPublicKey(text: string): KeyObject {
  return text.includes('-----') ? createPublicKey(text) : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
}
