import { request } from 'undici'

/** A million payments a day are a third of it; what is longer is no city's bill. */
export const MOST_BILL_BYTES = 1024 * 1024 * 1024
/** Milliseconds for the whole, within which whoever reconciles has the day to himself, and without a byte. */
const WHOLE_MS = 5 * 60_000
const SILENCE_MS = 30_000
/** A line of a bill has some hundred letters. */
const LONGEST_LINE = 64 * 1024

/** The bytes of a bill as they come, no more than a bill can have. Nothing that stays behind is held. */
export async function* fetchBill(url: URL, headers: Record<string, string> = {}): AsyncGenerator<Uint8Array> {
  const {
    statusCode,
    body,
    headers: told,
  } = await request(url, {
    // A hash is of the bytes as they are.
    headers: { ...headers, 'accept-encoding': 'identity' },
    signal: AbortSignal.timeout(WHOLE_MS),
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  })
  try {
    if (statusCode !== 200 || told['content-encoding'] !== undefined) throw new Error(`the bill is answered with ${statusCode}`)
    yield* bounded(body, MOST_BILL_BYTES)
  } finally {
    body.on('error', () => undefined).destroy()
  }
}

/** What comes, until it is too much. */
export async function* bounded(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > most) throw new Error('the bill is too large')
    yield chunk
  }
}

/** → a function that takes text piece by piece and gives the lines that are whole; `null` ends it. Empty lines are none. */
export function lineReader(): (text: string | null) => string[] {
  let rest = ''
  return (text) => {
    const lines = `${rest}${text ?? '\n'}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new Error('a line of the bill does not end')
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).filter((line) => line !== '')
  }
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A text of its own: one that was cut out of a line would keep the line in memory. */
export function own(text: string): string {
  return Buffer.from(text).toString()
}
