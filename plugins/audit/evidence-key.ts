import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign as signWith, verify as verifyWith } from 'node:crypto'
import { signSm2, verifySm2 } from '../../core/dialects/sm2.ts'
import { readSm2PrivateKey, readSm2PublicKey } from '../../core/dialects/sm2-keys.ts'

/** What tells genuine evidence from other: whoever has it can check and nothing else. */
export interface PublicKey {
  readonly algorithm: 'Ed25519' | 'SM2'
  /** The first 16 hex digits of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly id: string
  readonly pem: string
  verify(text: string, signature: string): boolean
}

/** Signs checkpoints and archives. It belongs where the holder of the database cannot read it. */
export interface EvidenceKey extends PublicKey {
  /** Public keys that stand in the same file: of keys that this one replaced. */
  readonly former: readonly PublicKey[]
  /** → base64: 64 bytes, of Ed25519, or r‖s of SM2 with the usual user id (GB/T 32918.2). */
  sign(text: string): string
}

const SM2_CURVE = Buffer.from('06082a811ccf5501822d', 'hex')
/** A SubjectPublicKeyInfo up to the point (GB/T 35276). */
const SM2_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex')
const BLOCK = /-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g

/** Reads a private key, PEM: Ed25519 (PKCS#8) or SM2 (PKCS#8 or SEC 1), with the public keys of former ones after it. Throws on anything else; the error holds nothing of it. */
export function readEvidenceKey(pem: string): EvidenceKey {
  const isPrivate = (block: string) => block.includes('PRIVATE KEY')
  const [block = ''] = blocksOf(pem).filter(isPrivate)
  try {
    const former = blocksOf(pem)
      .filter((each) => !isPrivate(each))
      .map(publicKey)
    if (isSm2(block)) {
      const key = readSm2PrivateKey(block)
      return { ...sm2Key(key.publicKey.bytes), former, sign: (text) => signSm2(Buffer.from(text), key).toString('base64') }
    }
    const key = createPrivateKey(block)
    const open = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    return { ...edKey(open), former, sign: (text) => signWith(null, Buffer.from(text), key).toString('base64') }
  } catch {
    throw new Error('not a private key of Ed25519 or SM2 in PEM')
  }
}

/** Reads public keys, PEM, one or several in a row: a key that was replaced goes on vouching for what it signed. */
export function readPublicKeys(pem: string): PublicKey[] {
  const blocks = blocksOf(pem)
  if (blocks.length === 0 || blocks.some((block) => block.includes('PRIVATE'))) throw new Error('not a public key in PEM')
  return blocks.map(publicKey)
}

function publicKey(block: string): PublicKey {
  return isSm2(block) ? sm2Key(readSm2PublicKey(block).bytes) : edKey(block)
}

/** A new Ed25519 key, PKCS#8 in PEM. */
export function newEvidenceKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function edKey(pem: string): PublicKey {
  const key = createPublicKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not a key of Ed25519 or SM2')
  const verify = (text: string, signature: string) => verifyWith(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
  return { algorithm: 'Ed25519', id: idOf(key.export({ type: 'spki', format: 'der' })), pem, verify }
}

function sm2Key(point: Buffer): PublicKey {
  const bytes = Buffer.concat([SM2_PREFIX, point])
  const text = bytes.toString('base64')
  // Two lines of at most 64 characters (RFC 7468 §2).
  const pem = `-----BEGIN PUBLIC KEY-----\n${text.slice(0, 64)}\n${text.slice(64)}\n-----END PUBLIC KEY-----\n`
  const key = readSm2PublicKey(point.toString('hex'))
  const verify = (text: string, signature: string) => verifySm2(Buffer.from(text), Buffer.from(signature, 'base64'), key)
  return { algorithm: 'SM2', id: idOf(bytes), pem, verify }
}

function idOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

/** OpenSSL writes the curve's parameters as a block of its own before a SEC 1 key. */
function blocksOf(pem: string): string[] {
  return (pem.match(BLOCK) ?? []).filter((block) => !block.includes('PARAMETERS'))
}

function isSm2(block: string): boolean {
  return Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64').includes(SM2_CURVE)
}
