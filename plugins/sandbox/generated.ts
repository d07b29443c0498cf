import { compileDatePattern } from '../../core/contract/date-pattern.ts'
import type { FieldNotes, Fields } from '../../core/contract/fields.ts'
import { addMonths, lastMonth } from '../../core/contract/sandbox-calendar.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject, SandboxWorld, ServiceContract } from '../../core/contract/types.ts'
import { keyOf, type SandboxService } from '../kinds/simulation.ts'
import { accountIdOf, findsAccounts, isAccountId } from './generated-accounts.ts'
import { people } from './people.ts'

const ROWS_OF_A_LIST = 12
const ROWS_OF_A_COLUMN = 2

/**
 * Rows made up from a declaration, in the upstream's own forms (days YYYYMMDD, months YYYYMM, codes,
 * amounts as text). The same field of the same person has the same value in every service, so that an
 * account number read from one answer finds its row in another. The id of a person's own account at the
 * agency is one and the same everywhere, so that it can be bound.
 */
export function generateRows(
  { connector, contract, one }: Pick<SandboxService, 'connector' | 'contract' | 'one'>,
  subject: SandboxSubject,
  { today }: Pick<SandboxWorld, 'today'>,
): SandboxRow[] {
  const paging = contract.upstream?.paging
  const about: About = { connector, subject, today, isHolder: findsAccounts(connector, contract.id) }
  // A little more than one page, so that paging is walked; one account a person.
  const count = one || about.isHolder ? 1 : paging ? Math.min(paging.rows, 100) + 5 : ROWS_OF_A_LIST
  const parties = partyIn(contract, subject)
  return Array.from({ length: count }, (_, position) => ({ ...generateRow(contract.fields, about, position), ...parties }))
}

/** Where rows name their parties under keys that no field shows, one of them is who asks. */
function partyIn({ parties }: ServiceContract, { number }: SandboxSubject): SandboxRow {
  const key = parties?.find((each) => !each.includes('.'))
  return key === undefined ? {} : { [key]: number }
}

/** Whose rows they are, and whether everybody who stands in one is that person. */
interface About {
  connector: ConnectorDeclaration
  subject: SandboxSubject
  today: string
  isHolder: boolean
}

function generateRow(fields: Fields, about: About, position: number): SandboxRow {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { notes }]) => [keyOf(name, notes), generateValue(name, notes, about, position)]),
  )
}

function generateValue(name: string, notes: FieldNotes, about: About, position: number): unknown {
  const { connector, subject, today } = about
  if (notes.subject) return subject.number
  if (isAccountId(connector, name, notes)) return accountIdOf(connector, subject)
  if (notes.example !== undefined) return notes.example
  const seed = hash(`${keyOf(name, notes)}/${subject.index}/${STEADY.test(notes.title) ? 0 : position}`)
  switch (notes.type) {
    case 'money':
      if (notes.unit === 'fen') return String(seed % 10_000_000)
      return notes.unit === '10k-yuan' ? ((seed % 100_000) / 100).toFixed(4) : ((seed % 10_000_000) / 100).toFixed(2)
    case 'number':
      return ((seed % 1000) / 100).toFixed(2)
    case 'integer':
      return String((seed % 36) + 1)
    case 'flag':
      return String(seed % 2)
    case 'date':
      return written(notes, dayOf(today, position))
    case 'month':
      return written(notes, dayOf(today, position).slice(0, 6))
    case 'datetime':
      return written(notes, `${dayOf(today, position)}093000`)
    case 'until':
      // Every other one without end, so that both are seen.
      return position % 2 === 1 ? '长期' : written(notes, `${Number(today.slice(0, 4)) + 10}${dayOf(today, position).slice(4)}`)
    case 'code': {
      const codes = Object.keys(notes.list?.values ?? {})
      return codes[seed % codes.length] ?? '99'
    }
    case 'list':
      return Array.from({ length: ROWS_OF_A_COLUMN }, (_, index) => generateRow(notes.columns ?? {}, about, index))
    case 'files':
      return [{ id: `file-${subject.index}-${position + 1}`, name: `${notes.title}.pdf`, mediaType: 'application/pdf' }]
    case 'text':
      return text(notes, about, position, seed)
  }
}

/** Somebody else than the record's owner: co-borrowers, spouses, operators. */
const other = (subject: SandboxSubject) => people[subject.index % people.length] ?? subject

const OWN_NAME = /^(姓名|借款人姓名|申请人姓名|单位名称|企业名称|户名)$/
const OWN_NUMBER = /^(借款人|申请人)?(证件|身份证)号码?$/
/** One account and one contract a person, in every row. */
const STEADY = /(账号|账户|合同编号)$/

function text({ mask, title }: FieldNotes, { subject, isHolder }: About, position: number, seed: number): string {
  if (OWN_NUMBER.test(title) || (isHolder && mask === 'idNumber')) return subject.number
  if (OWN_NAME.test(title) || (isHolder && mask === 'name')) return subject.name
  if (mask === 'idNumber') return other(subject).number
  if (mask === 'name') return other(subject).name
  // No number plan knows 100 0000 0000, no bank 9000 …
  if (mask === 'phone') return `1000000${String(seed % 10_000).padStart(4, '0')}`
  if (mask === 'account') return `9000${String(seed).padStart(12, '0')}`
  if (mask === 'address') return `河南省许昌市魏都区示例路${(seed % 90) + 1}号`
  if (/(号|号码|编码|代码)$/.test(title)) return `XC${String(seed).padStart(10, '0')}`
  return `${title}${subject.index}-${position + 1}`
}

/** A day, month or time of digits, in the agency's pattern where it has declared one. */
function written({ pattern }: FieldNotes, digits: string): string {
  if (pattern === undefined) return digits
  const [, year, month, date = '01', hour = '00', minute = '00', second = '00'] = /^(....)(..)(..)?(?:(..)(..)(..))?$/.exec(digits) ?? []
  return compileDatePattern(pattern).write(`${year}-${month}-${date}T${hour}:${minute}:${second}`)
}

/** One month back for every row, from the latest 15th that has been. */
function dayOf(today: string, position: number): string {
  return `${addMonths(lastMonth(today, 15), -position)}15`
}

/** FNV-1a, 32 bits: spreads values, protects nothing. */
function hash(value: string): number {
  let result = 0x811c9dc5
  for (let index = 0; index < value.length; index++) result = Math.imul(result ^ value.charCodeAt(index), 0x01000193)
  return result >>> 0
}
