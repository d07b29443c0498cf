import type Pdf from 'pdfkit'
import type { Pen } from './pen.ts'

/** What is seen of an agency's seal: its image (PNG), or in the sandbox a sample that says so. */
export type Seal = { image: Uint8Array } | { sample: string }

/** A seal's width in points: 42 mm, as those of city agencies. */
export const SEAL_SIZE = 119

const RED = '#c8102e'
const ARC = 250

/** Draws a seal with its upper left corner at `x`, `y`. */
export function drawSeal(doc: InstanceType<typeof Pdf>, pen: Pen, seal: Seal, agency: string, x: number, y: number): void {
  if ('image' in seal) {
    doc.image(Buffer.from(seal.image), x, y, { fit: [SEAL_SIZE, SEAL_SIZE], align: 'center', valign: 'center' })
    return
  }
  const [middleX, middleY, radius] = [x + SEAL_SIZE / 2, y + SEAL_SIZE / 2, SEAL_SIZE / 2 - 2]
  doc.save().lineWidth(2.4).circle(middleX, middleY, radius).stroke(RED)
  drawStar(doc, middleX, middleY, 15)
  const letters = [...agency]
  const size = Math.min(13, 130 / letters.length)
  const step = Math.min(24, ARC / Math.max(1, letters.length - 1))
  for (const [index, letter] of letters.entries()) {
    const turn = (index - (letters.length - 1) / 2) * step
    doc.save().rotate(turn, { origin: [middleX, middleY] })
    pen.write(letter, middleX - size / 2, middleY - radius + 7, { size, colour: RED, width: size * 2, lineBreak: false })
    doc.restore()
  }
  pen.write(seal.sample, middleX - radius, middleY + 26, { size: 9, colour: RED, width: 2 * radius, align: 'center', lineBreak: false })
  doc.restore()
}

function drawStar(doc: InstanceType<typeof Pdf>, x: number, y: number, radius: number): void {
  const points = Array.from({ length: 10 }, (_, index) => {
    const [length, angle] = [index % 2 === 0 ? radius : radius * 0.382, (index * Math.PI) / 5 - Math.PI / 2]
    return [x + length * Math.cos(angle), y + length * Math.sin(angle)] as [number, number]
  })
  doc.polygon(...points).fill(RED)
}
