import { createHash, randomBytes } from 'node:crypto'
import { zipSync } from 'fflate'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export const png = Buffer.from(PNG, 'base64')

/** A PNG that says it is so large. */
export function pngOf(width: number, height: number): Buffer {
  const bytes = Buffer.from(png)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

/** What begins like a PDF and is as long. */
export function pdfOf(length: number): Buffer {
  const head = Buffer.from('%PDF-1.7\n')
  return Buffer.concat([head, randomBytes(Math.max(0, length - head.length))])
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A ZIP archive whose directory says that its one entry unpacks to so many bytes. */
export function zipOf(unpacked: number): Buffer {
  const archive = Buffer.from(zipSync({ 'a.txt': Buffer.alloc(1000) }))
  archive.writeUInt32LE(unpacked, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24)
  return archive
}
