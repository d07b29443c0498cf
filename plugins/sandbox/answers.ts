import { readFlag } from '../../core/answer/values.ts'
import { normalIdNumber, normalUscc } from '../../core/base/checksums.ts'
import { compileDatePattern } from '../../core/contract/date-pattern.ts'
import type { FieldNotes } from '../../core/contract/fields.ts'
import type { InputNotes } from '../../core/contract/inputs.ts'
import { systemOf } from '../../core/contract/systems.ts'
import type { SandboxRow, SandboxSubject, ServiceContract } from '../../core/contract/types.ts'
import type { SandboxFiling } from '../kinds/filing/policy.ts'
import { kindOf } from '../kinds/index.ts'
import { HOLDER, type Params, type SandboxService } from '../kinds/simulation.ts'
import { accountsOf } from './accounts.ts'
import { keyOfInput } from './addresses.ts'
import { generateRows } from './generated.ts'
import { enterprises, people } from './people.ts'
import { valueIn } from './services.ts'
import { worldAt } from './world.ts'

interface Rows {
  readonly rows: readonly SandboxRow[]
  /** All rows there are, where only a page of them is sent. */
  readonly total: number | null
}

export interface Answers {
  /** Rows of the asker that the parameters name; none when they name nobody. */
  find(service: SandboxService, params: Params): Rows
  /** All rows of a subject, before any filter, as they were before `at`. `asked`: the request that they are read for. */
  rowsOf(service: SandboxService, subject: SandboxSubject, at?: number, asked?: Params): readonly SandboxRow[]
}

/** What a subject, or everybody, had filed with the service's agency before a time. */
type FiledBy = (service: SandboxService, subject: SandboxSubject, before: number) => readonly SandboxFiling[]

/** @param now the sandbox's clock; what goes on is written up to its day. */
export function createAnswers(now: () => number = Date.now, filedBy: FiledBy = () => []): Answers {
  const known = new Map<string, readonly SandboxRow[]>()
  let knownOn = ''

  function rowsOf(service: SandboxService, subject: SandboxSubject, at?: number, asked?: Params): readonly SandboxRow[] {
    const world = worldAt(now())
    // What came in within this millisecond is there.
    const before = at ?? Date.now() + 1
    const filed = filedBy(service, subject, before)
    const own = service.connector.sandbox[service.contract.id]
    const write = () => own?.(subject, world) ?? generateRows(service, subject, world)
    // What depends on who did what before, or on what is asked, is no day's.
    if (own && (filed.length > 0 || (asked && isCheck(service)) || isShared(service))) {
      const filedByAnybody = () => filedBy(service, everybody, before)
      return own({ ...subject, filed, filedByAnybody, ...(asked ? { asked } : {}) }, world)
    }
    // A single record may live for a minute only; lists are long, and stay what they are within a day.
    if (service.one) return write()
    if (world.today !== knownOn) known.clear()
    knownOn = world.today
    const key = `${service.sid}/${subject.number}`
    const rows = known.get(key) ?? write()
    known.set(key, rows)
    return rows
  }

  return {
    rowsOf,
    find(service, params) {
      const subject = findSubject(service, params, worldAt(now()))
      if (!subject) return { rows: [], total: 0 }
      return page(service.contract, filter(service, rowsOf(service, subject, undefined, params), params), params)
    },
  }
}

/** Whether what it answers depends on the request as a whole: an act, a filing and what it is checked by, a bill to be paid, a certificate with a sum, a trial. */
function isCheck({ connector, contract }: SandboxService): boolean {
  return (
    !kindOf(contract).asks ||
    contract.kind === 'document' ||
    contract.assists !== undefined ||
    connector.services.some(
      ({ contract: { submission, order } }) => submission?.precheck?.service === contract.id || order?.bill.service === contract.id,
    )
  )
}

/** Whether what one has filed may be another's business too: there are accounts of several people, and work on them. */
function isShared({ connector: { accounts, services } }: SandboxService): boolean {
  return accounts?.accountNumber !== undefined && services.some(({ contract }) => contract.submission !== undefined)
}

const everybody: SandboxSubject = { index: 0, name: '', number: '' }
const peopleByNumber = new Map(people.map((person) => [person.number, person]))
const enterprisesByNumber = new Map(enterprises.map((enterprise) => [enterprise.number, enterprise]))

/** The person or enterprise that a request asks about; like an agency, finds nobody when name and number disagree. */
export function findSubject(
  { connector, contract, subject }: SandboxService,
  params: Params,
  world = worldAt(Date.now()),
): SandboxSubject | null {
  const holder = params[HOLDER]
  // A call that names nobody is answered alike, whoever sent it.
  if (contract.identity === 'none' || (subject.length === 0 && holder === undefined)) return everybody
  const facts = new Map(subject.flatMap(([parameter, fact]) => (parameter in params ? [[fact, String(params[parameter])]] : [])))
  const person = peopleByNumber.get(normalIdNumber(facts.get('person.idNumber') ?? ''))
  const enterprise = enterprisesByNumber.get(normalUscc(facts.get('enterprise.uscc') ?? ''))
  if (facts.has('person.name') && person && facts.get('person.name') !== person.name) return null
  if (facts.has('enterprise.name') && enterprise && facts.get('enterprise.name') !== enterprise.name) return null
  const account = facts.get('account.externalId')
  if (contract.audience === 'person' && (holder || account !== undefined)) {
    // A household's number is several people's; whoever else the call names must be one of them.
    const named = holder ?? person
    const isTheirs = (candidate: SandboxSubject) => account === undefined || accountsOf(connector, candidate, world).includes(account)
    return (named ? [named] : people).find(isTheirs) ?? null
  }
  // An agent's call names the agent too, and asks about the enterprise.
  if (contract.agents && enterprise) return enterprise
  return (contract.audience === 'person' ? person : enterprise) ?? null
}

/** The next person or enterprise: whose record a platform might mix up with the asker's. */
export function somebodyElse(subject: SandboxSubject): SandboxSubject {
  const group: readonly SandboxSubject[] = enterprisesByNumber.has(subject.number) ? enterprises : people
  return group[subject.index % group.length] ?? subject
}

function filter({ connector, contract }: SandboxService, rows: readonly SandboxRow[], params: Params): readonly SandboxRow[] {
  const { inputs, fields } = contract
  const { dateFormat } = systemOf(connector, contract)
  let left = rows
  for (const [name, { notes }] of Object.entries(inputs)) {
    const key = keyOfInput(contract, name)
    const [target = '', column] = (notes.field ?? (name === contract.key ? name : '')).split('.')
    const field = fields[target]?.notes
    const of = (column === undefined ? field : field?.columns?.[column]?.notes)?.pattern
    const wanted = notes.pattern ?? dateFormat
    const test = notes.type === 'period' ? periodTest(notes, params, wanted, of) : equalityTest(notes, params[key], wanted, of)
    if (notes.fact === 'account.externalId') left = left.filter((row) => meets(row, key, notes, params))
    if (!test || notes.type === 'verified') continue
    if (!field) {
      left = left.filter((row) => meets(row, key, notes, params))
      continue
    }
    const inner = column === undefined ? undefined : field.columns?.[column]?.notes
    if (column === undefined || !inner) left = left.filter((row) => test(valueIn(row, target, field)))
    else left = left.map((row) => narrow(row, target, field, (item) => test(valueIn(item, column, inner))))
  }
  return left
}

/** A condition that no field shows is known to the agency's rows under its own key, in words where it is text. */
function meets(row: SandboxRow, key: string, { type }: InputNotes, params: Params): boolean {
  const held = row[key]
  if (held === undefined) return true
  return type === 'text' ? String(held).includes(String(params[key])) : String(held) === String(params[key])
}

/** The row with fewer items in one of its lists. */
function narrow(row: SandboxRow, name: string, field: FieldNotes, keep: (item: SandboxRow) => boolean): SandboxRow {
  const items = valueIn(row, name, field)
  const key = Object.keys(row).find((candidate) => row[candidate] === items)
  return key !== undefined && Array.isArray(items) ? { ...row, [key]: items.filter(keep) } : row
}

type Test = (value: unknown) => boolean

function equalityTest({ type, join, words }: InputNotes, wanted: unknown, pattern: string, held: string | undefined): Test | null {
  if (wanted === undefined || wanted === null || wanted === '') return null
  switch (type) {
    case 'integer':
    case 'money':
      return (value) => Number(value) === Number(wanted)
    case 'date':
      return (value) => digits(value, held).slice(0, 8) === digits(wanted, pattern)
    case 'flag':
      return (value) => readFlag(value) === (String(wanted) === String(words?.yes))
    case 'list': {
      const given = Array.isArray(wanted) ? wanted.map(String) : String(wanted).split(join ?? ',')
      return (value) => given.includes(String(value))
    }
    default:
      return (value) => String(value) === String(wanted)
  }
}

function periodTest({ codes: [start = '', end = ''] }: InputNotes, params: Params, pattern: string, held: string | undefined): Test | null {
  const from = digits(params[start], pattern)
  const to = digits(params[end], pattern)
  if (from === '' && to === '') return null
  return (value) => {
    const day = digits(value, held).slice(0, 8)
    return day !== '' && (from === '' || day >= from.slice(0, day.length)) && (to === '' || day <= to.slice(0, day.length))
  }
}

/** 2026-06-15 and 20260615 compare as the same day, whatever the order in which a pattern writes it; a month by its six digits. */
function digits(value: unknown, pattern?: string): string {
  if (value === undefined || value === null) return ''
  const read = pattern === undefined ? undefined : compileDatePattern(pattern).read(String(value))
  if (!read) return String(value).replace(/\D/g, '')
  const { year = 0, month, day } = read
  return String(year).padStart(4, '0') + [month, day].map((part) => (part === undefined ? '' : String(part).padStart(2, '0'))).join('')
}

function page({ upstream }: ServiceContract, rows: readonly SandboxRow[], params: Params): Rows {
  const paging = upstream?.paging
  if (!paging) return { rows, total: null }
  const [position, length] = paging.style === 'page' ? [paging.page, paging.size] : [paging.start, paging.limit]
  const size = Math.max(1, Number(params[length]) || paging.rows)
  const offset = Math.max(0, (Number(params[position] ?? paging.base) || 0) - paging.base)
  const start = paging.style === 'page' ? offset * size : offset
  return { rows: rows.slice(start, start + size), total: rows.length }
}
