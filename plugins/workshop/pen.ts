import type Pdf from 'pdfkit'

type Doc = InstanceType<typeof Pdf>

/** Stands for a character that no font has, as printers have it: never a blank. */
const GETA_MARK = '〓'

export interface Style {
  size: number
  width?: number
  colour?: string
  align?: 'left' | 'center' | 'right'
  lineGap?: number
  indent?: number
  lineBreak?: boolean
  /** One of {@link Pen}'s first fonts; the others stand in for what it lacks. */
  font?: string
}

/** Writes text with whichever font has its characters, each piece with what it is for who has the page read to him. */
export interface Pen {
  write(text: string, x: number, y: number, style: Style): void
  height(text: string, style: Style): number
  /** What `draw` draws is part of the structure, under `parent`. */
  tag(parent: PDFKit.PDFStructureElement, kind: string, draw: () => void, alt?: string): void
  /** What `draw` draws is only for the eye. */
  ornament(draw: () => void): void
}

/** pdfkit keeps the font that it draws with to itself. */
interface Drawing {
  _font: { ascender: number; font: { hasGlyphForCodePoint(code: number): boolean } }
}

/** `fonts`: names that the document knows, in the order in which they are tried; each is read when it is first needed. */
export function createPen(doc: Doc, fonts: readonly string[]): Pen {
  /** Which font has a character, asked of each once. */
  const known = new Map<string, string | null>()

  function fontFor(character: string, first: string): string | null {
    const key = `${first} ${character}`
    const before = known.get(key)
    if (before !== undefined) return before
    const code = character.codePointAt(0) ?? 0
    const found = [first, ...fonts].find((font) => (doc.font(font) as unknown as Drawing)._font.font.hasGlyphForCodePoint(code)) ?? null
    known.set(key, found)
    return found
  }

  /** A line's own place, as pdfkit takes it, on which a font of other measures stands too. */
  function lineOf(font: string, size: number): number {
    return -((doc.font(font) as unknown as Drawing)._font.ascender / 1000) * size
  }

  /** Neighbours that one font has are one piece. */
  function piecesOf(text: string, first: string): { font: string; text: string }[] {
    const pieces: { font: string; text: string }[] = []
    for (const character of text) {
      const found = fontFor(character, first)
      const [font, shown] = found === null ? [first, GETA_MARK] : [found, character]
      const last = pieces.at(-1)
      if (last?.font === font) last.text += shown
      else pieces.push({ font, text: shown })
    }
    return pieces
  }

  return {
    write(text, x, y, { size, colour = '#1a1a1a', font = fonts[0] ?? '', ...options }) {
      const pieces = piecesOf(text, font)
      doc.fontSize(size).fillColor(colour)
      for (const [index, piece] of pieces.entries()) {
        const settings = { ...options, continued: index < pieces.length - 1, baseline: lineOf(font, size) }
        doc.font(piece.font)
        if (index === 0) doc.text(piece.text, x, y, settings)
        else doc.text(piece.text, settings)
      }
      doc.font(font)
    },
    // Every font of Chinese sets a character in a square of one em.
    height: (text, { size, font = fonts[0] ?? '', ...options }) =>
      doc
        .font(font)
        .fontSize(size)
        .heightOfString(text || ' ', options),
    tag(parent, kind, draw, alt) {
      const content = doc.markStructureContent(kind)
      draw()
      doc.endMarkedContent()
      parent.add(doc.struct(kind, alt === undefined ? {} : { alt }, [content]))
    },
    ornament(draw) {
      doc.markContent('Artifact', { type: 'Layout' })
      draw()
      doc.endMarkedContent()
    },
  }
}
