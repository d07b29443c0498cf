import type { Fields } from '../../core/contract/fields.ts'
import { escapeHtml } from '../web/page.ts'
import { readable } from '../web/parts.ts'

/** What of a JSON schema a page needs: the routes' own response schemas. */
export interface Shape {
  type?: string | readonly string[]
  title?: string
  format?: string
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
}

export interface Look {
  /** Notes of the declared fields, which know what a number counts. */
  fields: Fields
  /** → where the page's own way to a file of an answer is. */
  fileAddress(href: string): string
  /** What nobody has said yet is left out rather than shown empty. */
  leaveOutEmpty?: true
}

type Row = Readonly<Record<string, unknown>>

/** Members of an answer that are for programs, where they are no fields of the service's own. */
const FOR_PROGRAMS = new Set(['id', 'statusUrl', 'state', 'final'])
/** A time as the hub writes it, whatever its schema says of it. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?\+08:00$/
/** A table of more columns than one follows sideways becomes a list of cards. */
const MOST_COLUMNS = 8
/** What a card shows before it is unfolded. */
const FIRST = 4

/** An answer's record: titles and values, and what is a list below. → HTML. */
export function record(shape: Shape, row: Row, look: Look): string {
  const entries = shownMembers(shape, look)
  const lines: string[] = []
  const below: string[] = []
  for (const [name, member] of entries) {
    const value = row[name]
    // An address of the API is for programs.
    if (typeof value === 'string' && value.startsWith('/v1/')) continue
    if (look.leaveOutEmpty && (value ?? null) === null) continue
    const title = member.title ?? name
    if (isRows(member, value)) below.push(`<h2>${escapeHtml(title)}</h2>${table(member.items ?? {}, value, look, name, title)}`)
    else if (isPlainRow(value) && member.properties && !('name' in value))
      below.push(`<h2>${escapeHtml(title)}</h2>${record(member, value, look)}`)
    else lines.push(`<dt>${escapeHtml(title)}</dt><dd>${cell(member, value, look, look.fields[name]?.notes.type)}</dd>`)
  }
  return `${lines.length === 0 ? '' : `<dl>${lines.join('')}</dl>`}${below.join('')}`
}

function shownMembers({ properties = {} }: Shape, { fields }: Look): [name: string, member: Shape][] {
  return Object.entries(properties).filter(([name]) => name in fields || !FOR_PROGRAMS.has(name))
}

/** Rows of a list: few columns as a table, many as one card each. */
export function table(shape: Shape, rows: readonly Row[], look: Look, name: string, title: string): string {
  if (rows.length === 0) return '<p class="muted">没有记录。</p>'
  const own: Look = { ...look, fields: look.fields[name]?.notes.columns ?? {} }
  const columns = shownMembers(shape, own)
  if (columns.length === 0) return `<p>${rows.map((row) => escapeHtml(Object.values(row).map(String).join(' '))).join('<br>')}</p>`
  if (columns.length > MOST_COLUMNS) return cards(shape, rows, own)
  const head = columns.map(([column, member]) => `<th scope="col">${escapeHtml(member.title ?? column)}</th>`).join('')
  const body = rows.map(
    (row) =>
      `<tr>${columns.map(([column, member]) => `<td>${cell(member, row[column], own, own.fields[column]?.notes.type)}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(title)}"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
}

/** One card a row: what it begins with, and the rest folded away. */
export function cards(shape: Shape, rows: readonly Row[], look: Look): string {
  const members = shownMembers(shape, look)
  const part = (from: number, to?: number): Shape => ({ ...shape, properties: Object.fromEntries(members.slice(from, to)) })
  const [head, rest] = [part(0, FIRST), part(FIRST)]
  const folded = (row: Row) => (members.length <= FIRST ? '' : `<details><summary>查看详情</summary>${record(rest, row, look)}</details>`)
  return `<ul class="plain rows">${rows.map((row) => `<li>${record(head, row, look)}${folded(row)}</li>`).join('')}</ul>`
}

function cell(shape: Shape, value: unknown, look: Look, type?: string): string {
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'number') return type === 'money' ? `${yuan.format(value)} 元` : String(value)
  if (Array.isArray(value)) return value.map((each) => cell(shape.items ?? {}, each, look)).join('、')
  if (typeof value === 'object') return named(value as Row, look)
  const text = String(value)
  return escapeHtml(shape.format === 'date-time' || MOMENT.test(text) ? readable(text) : text)
}

const yuan = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 10 })

/** A code, the end of a validity, or a file. */
function named(value: Row, look: Look): string {
  const { name, code, until, href } = value
  if (typeof href === 'string') return `<a href="${escapeHtml(look.fileAddress(href))}">${escapeHtml(String(name))}</a>`
  const words = name ?? code ?? until
  if (words !== undefined) return escapeHtml(String(words ?? '—'))
  return escapeHtml(
    Object.values(value)
      .filter((each) => each !== null)
      .map(String)
      .join(' '),
  )
}

function isPlainRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRows(shape: Shape, value: unknown): value is readonly Row[] {
  const columns = shape.items?.properties
  // Files are links beside their title.
  return columns !== undefined && !('href' in columns) && Array.isArray(value) && value.every(isPlainRow)
}
