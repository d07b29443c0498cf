import { checkOf } from '../../core/base/checksums.ts'
import type { SandboxFirm } from './life.ts'
import { lives } from './lives.ts'

/** What is decided of an invented firm; everybody in it besides the sandbox's people is made up below. */
const firms = [
  {
    name: '许昌示例制造有限公司',
    number: '91411000MA0000015J',
    founded: '20160301',
    division: '411003',
    behind: 0,
    size: 128,
    base: 820_000,
  },
  {
    name: '许昌虚拟商贸有限公司',
    number: '91411000MA0000023D',
    founded: '20180618',
    division: '411002',
    behind: 0,
    size: 36,
    base: 546_000,
  },
  {
    name: '许昌样本科技有限公司',
    number: '91411000MA00000318',
    founded: '20201120',
    division: '411081',
    behind: 2,
    size: 9,
    base: 730_000,
  },
] as const

type Staff = SandboxFirm['staff']

/** The firms, each with everybody who works there: `known` are the sandbox's people in their order. */
export function createFirms(known: readonly { readonly name: string; readonly number: string }[]): SandboxFirm[] {
  return firms.map(({ size, base, ...firm }, position) => {
    const index = position + 1
    const own = known.flatMap(({ name, number }, person) => {
      const job = lives[person]?.jobs.find((candidate) => candidate.firm === index && candidate.until === null)
      return job ? [{ name, number, from: job.from, base: job.base }] : []
    })
    const others = Array.from({ length: size - own.length }, (_, at) => colleague(index, at, joined(firm.founded), base))
    return { ...firm, index, staff: [...own, ...others] }
  })
}

/** The month after a firm was founded. */
const joined = (founded: string) =>
  founded.slice(4, 6) === '12' ? `${Number(founded.slice(0, 4)) + 1}01` : String(Number(founded.slice(0, 6)) + 1)

const SURNAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨'
const GIVEN = ['拟安', '拟宁', '示平', '示和', '样真', '样善', '虚白', '虚谷', '设文']

/** Nobody's number: the order of women is 000, that of men 999 (see people.ts). */
function colleague(firm: number, at: number, from: string, base: number): Staff[number] {
  const year = 1972 + ((at * 7 + firm) % 27)
  const month = String((at % 12) + 1).padStart(2, '0')
  const day = String((at % 28) + 1).padStart(2, '0')
  const body = `41100${firm + 1}${year}${month}${day}${at % 2 === 0 ? '999' : '000'}`
  const name = `${SURNAMES[at % SURNAMES.length]}${GIVEN[(at + firm) % GIVEN.length]}`
  // Between four fifths and six fifths of the firm's usual wages, in whole tens of yuan.
  return { name, number: body + checkOf(body), from, base: Math.round((base * (80 + ((at * 37) % 41))) / 100_000) * 1000 }
}
