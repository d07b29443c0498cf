import type { Field, Fields } from '../../../core/contract/fields.ts'
import type { Mark, Summary } from '../../../core/contract/summary.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { asking } from './asking.ts'

const DAYS: ReadonlySet<string> = new Set(['date', 'month', 'datetime'])
const NUMBERS: ReadonlySet<string> = new Set(['money', 'number', 'integer'])

/** What is wrong with what a service adds up, and with the moments that it marks. */
export function checkSummaries({ contract, report }: KindSubject): void {
  const { summaries = [], marks = {}, upstream } = contract
  if (!asking.has(contract.kind) && (summaries.length > 0 || Object.keys(marks).length > 0))
    report('summaries and marks are for services that ask')
  if (summaries.length > 0 && upstream?.paging?.through) report('the hub has one page of the rows and cannot add them up', '.summaries')
  for (const [position, summary] of summaries.entries()) checkSummary(contract.fields, summary, `.summaries[${position}]`, report)
  for (const [id, mark] of Object.entries(marks)) checkMark(contract.fields, mark, `.marks.${id}`, report)
}

function checkSummary(fields: Fields, { list, at, term, sums, groups = [] }: Summary, place: string, report: KindSubject['report']): void {
  const columns = list === undefined ? fields : fields[list]?.notes.columns
  if (!columns) {
    report(`no such list: ${list}`, place)
    return
  }
  const want = (name: string, fits: (field: Field<unknown>) => boolean, what: string) => {
    const field = columns[name]
    if (!field || !fits(field) || field.notes.mask) report(`${name} must be ${what}, unmasked`, place)
  }
  want(at, ({ notes }) => DAYS.has(notes.type), 'a date, month or datetime')
  if (term !== undefined) want(term, ({ notes }) => notes.type === 'integer', 'an integer')
  if (sums.length === 0) report('adds nothing up', place)
  for (const name of sums) want(name, ({ notes }) => NUMBERS.has(notes.type), 'an amount or number')
  for (const name of groups) want(name, ({ notes }) => notes.type === 'code', 'a code')
}

function checkMark(fields: Fields, { title, when }: Mark, place: string, report: KindSubject['report']): void {
  if (!title) report('missing title', place)
  const find = (path: string) => {
    const [field = '', column] = path.split('.')
    return column === undefined ? fields[field] : fields[field]?.notes.columns?.[column]
  }
  const marked = find(when.field)
  if (!marked) report(`no such field: ${when.field}`, place)
  if ('above' in when && marked && !NUMBERS.has(marked.notes.type)) report(`${when.field} must be an amount or number`, place)
  if ('in' in when && (!when.in.includes('.') || !find(when.in))) report(`no such column: ${when.in}`, place)
}
