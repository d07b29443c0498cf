import type { SandboxSubject } from '../../core/contract/types.ts'

export interface SandboxPerson extends SandboxSubject {
  /** The hub's own id of this user. */
  readonly id: string
  /** `sub` of this person's tokens. */
  readonly subject: string
}

export interface SandboxEnterprise extends SandboxSubject {
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

/** Nobody's: the numbers pass their checksums but carry an order number that is not issued (standards.md §7.1). */
export const people: readonly SandboxPerson[] = [
  ['贾明', '41100219900101000X'],
  ['甄晓禾', '411003198512310006'],
  ['欧阳试之', '411023196003150004'],
  ['赵示安', '411024200108150006'],
  ['钱虚怀', '411025197811090000'],
  ['孙拟远', '411081200002290008'],
  ['李样', '411082199912310005'],
].map(([name = '', number = ''], position) => {
  const index = position + 1
  return { index, name, number, id: userId(index), subject: `sandbox-person-${index}` }
})

export const enterprises: readonly SandboxEnterprise[] = [
  ['许昌示例制造有限公司', '91411000MA0000015J'],
  ['许昌虚拟商贸有限公司', '91411000MA0000023D'],
  ['许昌样本科技有限公司', '91411000MA00000318'],
].map(([name = '', number = ''], position) => ({ index: position + 1, name, number, id: enterpriseId(position + 1) }))

export const mandates: readonly SandboxMandate[] = [
  [1, 1],
  [1, 2],
  [1, 3],
  [2, 2],
  [3, 3],
].map(([person = 0, enterprise = 0]) => ({ id: `5a000000-0000-4000-8001-000000000${person}0${enterprise}`, person, enterprise }))
