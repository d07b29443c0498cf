import { inflateSync } from 'node:zlib'

/**
 * The text of a PDF as this hub draws it (one font, hexadecimal strings, deflated streams), a line for each
 * piece that was set down. Of others it reads little or nothing: it is no general reader.
 */
export function textOfPdf(pdf: Buffer): string {
  const streams = inflatedStreams(pdf)
  const letters = new Map(streams.filter((stream) => stream.startsWith('/CIDInit')).flatMap(readGlyphs))
  return streams
    .flatMap((stream) => [...stream.matchAll(/\[([^\]]*)\] TJ/g)])
    .map(([, pieces = '']) => lettersIn(pieces, letters))
    .join('\n')
}

function inflatedStreams(pdf: Buffer): string[] {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/\/Length (\d+)\s*\/Filter \/FlateDecode\s*>>\s*stream\r?\n/g)].map((head) => {
    const start = head.index + head[0].length
    return inflateSync(pdf.subarray(start, start + Number(head[1]))).toString('latin1')
  })
}

/** The font's own table of what its glyphs mean: `<first> <last> [<letter> …]`, in UTF-16. */
function readGlyphs(table: string): [glyph: number, letter: string][] {
  return [...table.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi)].flatMap(([, first = '', list = '']) =>
    [...list.matchAll(/<([0-9a-f]+)>/gi)].map(([, units = ''], index): [number, string] => [
      Number.parseInt(first, 16) + index,
      Buffer.from(units, 'hex').swap16().toString('utf16le'),
    ]),
  )
}

function lettersIn(pieces: string, letters: ReadonlyMap<number, string>): string {
  const glyphs = [...pieces.matchAll(/<([0-9a-f]+)>/gi)].flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
  // A letter that the font lacks stands as NUL.
  return glyphs.map((glyph) => (letters.get(Number.parseInt(glyph, 16)) ?? '').replace('\0', '')).join('')
}
