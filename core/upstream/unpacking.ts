import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { UpstreamError } from './error.ts'

type Unpack = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const gunzip: Unpack = promisify(zlib.gunzip)
const inflate: Unpack = promisify(zlib.inflate)
const inflateRaw: Unpack = promisify(zlib.inflateRaw)
const isZlib = (body: Buffer) => ((body[0] ?? 0) & 0x0f) === 8 && body.length > 1 && body.readUInt16BE() % 31 === 0

const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // Zlib's form (RFC 9110 §8.4.1.2), and to some senders the bare one.
  deflate: (body, options) => (isZlib(body) ? inflate : inflateRaw)(body, options),
  br: promisify(zlib.brotliDecompress),
}

/**
 * → the body as it was before it was packed (`Content-Encoding`). A body that is not packed as it says is handed on as it
 * is: whoever reads it will know. Unpacking stops at `limit` bytes: HUB_UPSTREAM_INVALID.
 */
export async function unpack(body: Buffer, encoding: string, limit: number, status: number): Promise<Buffer> {
  try {
    return (await UNPACKERS[encoding.trim().toLowerCase()]?.(body, { maxOutputLength: limit })) ?? body
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return body
    throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
  }
}
