import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** 2,048 registers: a standard error of 2.3 %, and next to none for a few hundred. */
const BITS = 11
const REGISTERS = 2 ** BITS

/**
 * How many different names there were, without keeping one (HyperLogLog: Flajolet, Fusy, Gandouet, Meunier 2007). Sketches of several
 * days add up to that of all of them, which numbers do not.
 */
export interface Sketch {
  add(name: string): void
  merge(other: Sketch): void
  count(): number
  /** Short text; a few names take a few bytes. */
  toText(): string
  readonly registers: Uint8Array
}

export function createSketch(text?: string): Sketch {
  const registers = text === undefined ? new Uint8Array(REGISTERS) : Uint8Array.from(inflateRawSync(Buffer.from(text, 'base64')))
  if (registers.length !== REGISTERS) throw new RangeError('no sketch')
  return {
    registers,
    add(name) {
      const hash = createHash('sha256').update(name).digest()
      const index = hash.readUInt16BE(0) >> (16 - BITS)
      const rank = Math.clz32(hash.readUInt32BE(2)) + 1
      if (rank > (registers[index] ?? 0)) registers[index] = rank
    },
    merge(other) {
      for (const [index, rank] of other.registers.entries()) if (rank > (registers[index] ?? 0)) registers[index] = rank
    },
    count() {
      let sum = 0
      let empty = 0
      for (const rank of registers) {
        sum += 2 ** -rank
        if (rank === 0) empty++
      }
      const estimate = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum
      // Few names leave registers empty, and these say it better.
      return Math.round(estimate <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : estimate)
    },
    toText: () => deflateRawSync(registers).toString('base64'),
  }
}
