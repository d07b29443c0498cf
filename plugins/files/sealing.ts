import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE = 12
const TAG = 16

/**
 * One piece of a file, AES-256-GCM under the file's own key: nonce, tag, ciphertext. It is bound to its file and to
 * where in it it begins, so that no piece stands for another; that none is missing, size and hash in the row say.
 */
export function sealPiece(key: Buffer, plain: Buffer, fileId: string, begin: number): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(context(fileId, begin))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text])
}

/** Throws when the piece was altered or belongs elsewhere. */
export function openPiece(key: Buffer, sealed: Buffer, fileId: string, begin: number): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(context(fileId, begin))
    .setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()])
}

function context(fileId: string, begin: number): Buffer {
  return Buffer.from(`file:${fileId}:${begin}`)
}
