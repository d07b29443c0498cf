import { type IncomingMessage, ServerResponse } from 'node:http'

const encoder = new TextEncoder()
const scratch = new Uint8Array(64 * 1024)

/** A text as UTF-8: of one with Chinese in it `Buffer.from` takes several times as long, and so does counting its bytes. */
export function utf8(text: string): Buffer {
  // A character takes three bytes at most.
  if (text.length * 3 > scratch.length) return Buffer.from(text)
  const { written } = encoder.encodeInto(text, scratch)
  return Buffer.from(scratch.subarray(0, written))
}

/** More is written as it is; up to here Node puts a text and the headers into one piece of memory on its stack. */
const SHORT = 12 * 1024

/** Bytes that are short leave in one piece with their headers, as the text that has a character for each: two pieces cost more to write. */
export class OnePieceResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override end(chunk?: unknown, encoding?: unknown, done?: unknown): this {
    const end = super.end as (chunk: unknown, encoding: unknown, done: unknown) => this
    if (Buffer.isBuffer(chunk) && chunk.length <= SHORT) return end.call(this, chunk.toString('latin1'), 'latin1', done)
    return end.call(this, chunk, encoding, done)
  }
}
