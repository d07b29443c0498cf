import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type CipherForm, decryptSm2, encryptSm2, type SignatureEncoding, signSm2, verifySm2 } from './sm2.ts'
import type { Sm2PrivateKey, Sm2PublicKey } from './sm2-keys.ts'

/**
 * A digital envelope in JSON (standards §4.4): a random SM4 key encrypts the text (CBC, PKCS#7), the
 * receiver's SM2 key encrypts that key, the sender's SM2 key signs. Everything in the message is signed:
 * its members but the signature, sorted by name, as `name=value` joined with `&`.
 */
export interface MessageForm extends CipherForm {
  /** What the members are called. */
  names: Readonly<Record<MemberName, string>>
  /** How keys, texts and signatures are written. */
  encoding: 'base64' | 'hex'
  signature: SignatureEncoding
  userId: string
  /** Where the SM4 IV is: a member of its own, before the ciphertext, or none at all (zeros; the key serves once). */
  iv: 'member' | 'before' | 'zero'
  /** What stands for the text in the signed part. */
  signs: 'ciphertext' | 'plaintext'
}

export type MemberName = 'appId' | 'service' | 'timestamp' | 'nonce' | 'key' | 'iv' | 'data' | 'signature'

/** The members that say who, what and when. */
export type MessageHead = Readonly<Partial<Record<'appId' | 'service' | 'timestamp' | 'nonce', string>>>

const ZERO_IV = Buffer.alloc(16)

export function sealMessage(
  text: Buffer,
  head: MessageHead,
  own: Sm2PrivateKey,
  peer: Sm2PublicKey,
  form: MessageForm,
): Record<string, string> {
  const { names, encoding, iv: ivPlace } = form
  const key = randomBytes(16)
  const iv = ivPlace === 'zero' ? ZERO_IV : randomBytes(16)
  const cipher = encryptSm4(text, key, iv)
  const message: Record<string, string> = {}
  for (const name of ['appId', 'service', 'timestamp', 'nonce'] as const) {
    const value = head[name]
    if (value !== undefined) message[names[name]] = value
  }
  message[names.key] = encryptSm2(key, peer, form).toString(encoding)
  if (ivPlace === 'member') message[names.iv] = iv.toString(encoding)
  message[names.data] = (ivPlace === 'before' ? Buffer.concat([iv, cipher]) : cipher).toString(encoding)
  message[names.signature] = signSm2(signedPart(message, text, form), own, form.signature, form.userId).toString(encoding)
  return message
}

/** → the text, once the signature proves the sender. Throws otherwise; the error holds nothing of the message. */
export function openMessage(message: Readonly<Record<string, unknown>>, own: Sm2PrivateKey, peer: Sm2PublicKey, form: MessageForm): Buffer {
  const { names } = form
  const signature = decode(message[names.signature], form)
  const isGenuine = (text: Buffer) => verifySm2(signedPart(message, text, form), signature, peer, form.signature, form.userId)
  // Over ciphertext, nothing is decrypted before the signature has been checked.
  if (form.signs === 'ciphertext' && !isGenuine(Buffer.alloc(0))) throw new Error('signature does not match')
  const key = decryptSm2(decode(message[names.key], form), own, form)
  const data = decode(message[names.data], form)
  const iv = form.iv === 'zero' ? ZERO_IV : form.iv === 'member' ? decode(message[names.iv], form) : data.subarray(0, 16)
  const text = decryptSm4(form.iv === 'before' ? data.subarray(16) : data, key, iv)
  if (form.signs === 'plaintext' && !isGenuine(text)) throw new Error('signature does not match')
  if (text.length === 0) throw new Error('nothing was sealed')
  return text
}

export function encryptSm4(text: Buffer, key: Buffer, iv: Buffer): Buffer {
  const cipher = createCipheriv('sm4-cbc', key, iv)
  return Buffer.concat([cipher.update(text), cipher.final()])
}

export function decryptSm4(cipher: Buffer, key: Buffer, iv: Buffer): Buffer {
  const decipher = createDecipheriv('sm4-cbc', key, iv)
  return Buffer.concat([decipher.update(cipher), decipher.final()])
}

function signedPart(message: Readonly<Record<string, unknown>>, text: Buffer, { names, signs }: MessageForm): Buffer {
  const parts = Object.keys(message)
    .filter((name) => name !== names.signature)
    .sort()
    .map((name) => Buffer.concat([Buffer.from(`${name}=`), name === names.data && signs === 'plaintext' ? text : scalar(message[name])]))
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('&'), part])))
}

/** A member that is no plain value has no one way to be written, so nothing can be said about a signature over it. */
function scalar(value: unknown): Buffer {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return Buffer.from(String(value))
  throw new Error('the message has a member that is no plain value')
}

function decode(value: unknown, { encoding }: MessageForm): Buffer {
  const isWritten = encoding === 'hex' ? /^([0-9a-f]{2})+$/i : /^[A-Za-z0-9+/]+={0,2}$/
  if (typeof value !== 'string' || !isWritten.test(value)) throw new Error('a member is missing or not encoded as agreed')
  return Buffer.from(value, encoding)
}
