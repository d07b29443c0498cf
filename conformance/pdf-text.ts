import { inflateSync } from 'node:zlib'

/**
 * The text of a PDF as this hub draws it (hexadecimal strings, deflated streams), a line for each piece that was set
 * down. Of others it reads little or nothing: it is no general reader.
 */
export function textOfPdf(pdf: Buffer): string {
  const text = pdf.toString('latin1')
  const streams = inflatedStreams(pdf, text)
  const fonts = fontsOf(text, streams)
  return [...streams.values()]
    .flatMap((stream) => [...stream.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)])
    .reduce(setDown, { fonts, font: '', lines: [] as string[] })
    .lines.join('\n')
}

type Letters = ReadonlyMap<number, string>

interface Reading {
  fonts: ReadonlyMap<string, Letters>
  font: string
  lines: string[]
}

function setDown(reading: Reading, [, font, pieces]: RegExpExecArray): Reading {
  if (font !== undefined) return { ...reading, font }
  reading.lines.push(lettersIn(pieces ?? '', reading.fonts.get(reading.font) ?? new Map()))
  return reading
}

/** Streams by the numbers of their objects. */
function inflatedStreams(pdf: Buffer, text: string): Map<string, string> {
  const heads = text.matchAll(/(\d{1,10}) 0 obj\s*<<\s*\/Length (\d+)\s*\/Filter \/FlateDecode\s*>>\s*stream\r?\n/g)
  return new Map(
    [...heads].map((head): [string, string] => {
      const [whole, number = '', length] = head
      const start = head.index + whole.length
      return [number, inflateSync(pdf.subarray(start, start + Number(length))).toString('latin1')]
    }),
  )
}

/** What the glyphs of each font mean, by the name under which pages use it. */
function fontsOf(text: string, streams: ReadonlyMap<string, string>): Map<string, Letters> {
  const meanings = new Map(
    [...text.matchAll(/(\d{1,10}) 0 obj\s*<<[^>]*?\/ToUnicode (\d+) 0 R/g)].map(([, font = '', table = '']) => [font, table]),
  )
  const names = text.matchAll(/\/(F\d+) (\d{1,10}) 0 R/g)
  return new Map([...names].map(([, name = '', font = '']) => [name, new Map(readGlyphs(streams.get(meanings.get(font) ?? '') ?? ''))]))
}

/** The font's own table of what its glyphs mean: `<first> <last> [<letter> …]`, in UTF-16. */
function readGlyphs(table: string): [glyph: number, letter: string][] {
  return [...table.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi)].flatMap(([, first = '', list = '']) =>
    [...list.matchAll(/<([0-9a-f ]+)>/gi)].map(([, units = ''], index): [number, string] => [
      Number.parseInt(first, 16) + index,
      Buffer.from(units.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'),
    ]),
  )
}

function lettersIn(pieces: string, letters: Letters): string {
  const glyphs = [...pieces.matchAll(/<([0-9a-f]+)>/gi)].flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
  // A letter that the font lacks stands as NUL.
  return glyphs.map((glyph) => (letters.get(Number.parseInt(glyph, 16)) ?? '').replace('\0', '')).join('')
}
