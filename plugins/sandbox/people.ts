import type { SandboxSubject } from '../../core/contract/types.ts'
import { createFirms } from './firms.ts'
import type { SandboxFirm, SandboxLife } from './life.ts'
import { lives } from './lives.ts'

export interface SandboxPerson extends SandboxSubject {
  readonly life: SandboxLife
  /** The hub's own id of this user. */
  readonly id: string
  /** `sub` of this person's tokens. */
  readonly subject: string
}

export interface SandboxEnterprise extends SandboxFirm {
  readonly id: string
}

export interface SandboxMandate {
  readonly id: string
  /** Index of the person who may act … */
  readonly person: number
  /** … and of the enterprise acted for. */
  readonly enterprise: number
}

const userId = (index: number) => `5a000000-0000-4000-8000-00000000000${index}`
const enterpriseId = (index: number) => `5a000000-0000-4000-8000-00000000010${index}`

/**
 * Nobody's: the numbers pass their checksums but carry an order number that no living person has. 000 is not issued
 * (standards.md §7.1), and is a woman's; a man's is odd: 999, kept for those a hundred years old when the 15-digit
 * numbers were given out (assumption).
 */
const numbered = [
  ['贾明', '41100219900101000X'],
  ['甄晓禾', '411003198512319991'],
  ['欧阳试之', '41102319600315999X'],
  ['赵示安', '411024200108150006'],
  ['钱虚怀', '411025197811099996'],
  ['孙拟远', '411081200002290008'],
  ['李样', '411082199912310005'],
  ['周守拙', '411002195509070005'],
].map(([name = '', number = '']) => ({ name, number }))

export const people: readonly SandboxPerson[] = lives.map((life, position) => {
  const index = position + 1
  const { name, number } = numbered[position] as (typeof numbered)[number]
  return { index, name, number, life, id: userId(index), subject: `sandbox-person-${index}` }
})

export const enterprises: readonly SandboxEnterprise[] = createFirms(numbered).map((firm) => ({ ...firm, id: enterpriseId(firm.index) }))

export const mandates: readonly SandboxMandate[] = [
  [1, 1],
  [1, 2],
  [1, 3],
  [2, 2],
  [3, 3],
].map(([person = 0, enterprise = 0]) => ({ id: `5a000000-0000-4000-8001-000000000${person}0${enterprise}`, person, enterprise }))
