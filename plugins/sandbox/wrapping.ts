import type { SandboxRow } from '../../core/contract/types.ts'
import type { Envelope } from '../../core/upstream/envelope.ts'
import { keyOf, type Reply, type SandboxService } from '../kinds/simulation.ts'
import type { Active, Fault } from './faults.ts'

export const PLAIN_TEXT_ERROR = '没有数据或者时间格式错误'

interface Form {
  codeKey: string | undefined
  code: string | number
  messageKey: string
  data: string
}

/** → body of an answer, as JSON or as bare text, with the faults that concern its outer form. */
export function wrap(service: SandboxService, reply: Reply, faults: Active): string {
  const { envelope, one } = service
  const form = { ...chooseForm(envelope), ...faults.get('envelope')?.envelope }
  if (faults.has('error-text')) return PLAIN_TEXT_ERROR
  if (faults.has('error-code')) return JSON.stringify(failure(envelope, form, '系统异常'))
  if (faults.has('empty-as-error')) return JSON.stringify(failure(envelope, form, envelope.emptyTexts[0] ?? '没有数据'))
  if ('refusal' in reply) return JSON.stringify(failure(envelope, form, reply.refusal))

  const rows = faults.has('empty') ? [] : faults.has('many') ? reply.rows.flatMap((row) => twice(service, row)) : reply.rows
  if (rows.length === 0 && envelope.empty[0] !== undefined) return JSON.stringify(head(form, envelope.empty[0], '没有数据'))
  if (faults.has('root-array')) return JSON.stringify(rows)
  const data = one && rows.length === 1 ? rows[0] : rows
  return JSON.stringify(
    succeed(
      form,
      faults.has('xml-in-json') ? toXml(rows) : faults.has('json-in-string') ? JSON.stringify(data) : data,
      envelope,
      reply.total,
    ),
  )
}

/** The record twice, told apart by the service's key where it has one. */
function twice({ contract: { key, fields } }: SandboxService, row: SandboxRow): SandboxRow[] {
  const notes = key === undefined ? undefined : fields[key]?.notes
  if (key === undefined || !notes) return [row, row]
  const at = Object.keys(row).find((name) => [...notes.codes, key].includes(name)) ?? keyOf(key, notes)
  const codes = Object.keys(notes.list?.values ?? {})
  const held = String(row[at] ?? codes[0] ?? '1')
  const other = codes.find((code) => code !== held) ?? `${held.slice(0, -1)}${held.endsWith('7') ? '8' : '7'}`
  return [
    { ...row, [at]: held },
    { ...row, [at]: other },
  ]
}

/** The commonest form where the declaration allows it, otherwise its first. */
function chooseForm(envelope: Envelope): Form {
  const prefer = (choices: readonly string[], ...favourites: string[]) =>
    favourites.find((favourite) => choices.includes(favourite)) ?? choices[0]
  return {
    codeKey: prefer(envelope.codeKeys, 'code'),
    code: prefer(envelope.success, '0') ?? '0',
    messageKey: prefer(envelope.messageKeys, 'message') ?? 'message',
    data: prefer(envelope.data, 'data') ?? '',
  }
}

function head({ codeKey, messageKey }: Form, code: string | number, message: string): Record<string, unknown> {
  return codeKey === undefined ? { [messageKey]: message } : { [codeKey]: code, [messageKey]: message }
}

function failure(envelope: Envelope, form: Form, message: string): Record<string, unknown> {
  const taken = new Set([...envelope.success, ...envelope.successWithData, ...envelope.empty])
  const code = ['-1', '500', 'E-500'].find((candidate) => !taken.has(candidate)) ?? 'ERROR'
  // A failure needs a code even where successes go bare.
  return head({ ...form, codeKey: form.codeKey ?? 'code' }, code, message)
}

function succeed(form: Form, data: unknown, envelope: Envelope, total: number | null): unknown {
  if (form.data === '') {
    const plain = typeof data === 'object' && !Array.isArray(data)
    return plain && form.codeKey !== undefined ? { ...head(form, form.code, '成功'), ...(data as object) } : data
  }
  const answer = head(form, form.code, '成功')
  place(answer, form.data.split('.'), data)
  const totalPath = envelope.total.find((path) => !path.includes('.')) ?? envelope.total.find((path) => path.split('.')[0] !== form.data)
  if (total !== null && totalPath !== undefined) place(answer, totalPath.split('.'), total)
  return answer
}

function place(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner = (target[key] ?? {}) as Record<string, unknown>
  target[key] = inner
  place(inner, rest, value)
}

/** The way of 人口核查 and 出生证明: XML inside a JSON string. */
function toXml(rows: readonly SandboxRow[]): string {
  const cells = (row: SandboxRow) => Object.entries(row).map(([key, value]) => `<${key}>${escapeXml(String(value))}</${key}>`)
  return `<?xml version="1.0" encoding="UTF-8"?><ROWS>${rows.map((row) => `<ROW>${cells(row).join('')}</ROW>`).join('')}</ROWS>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

const WRAPPINGS: readonly (readonly [code: string | number, messageKey: string, data: string])[] = [
  ['0', 'message', 'data'],
  [0, 'message', 'data'],
  ['1', 'msg', 'biz_data.rows'],
  ['00', 'msg', 'datas'],
  ['200', 'message', 'data'],
  ['2000', 'msg', 'data'],
  ['0000', 'MSG', 'DATA'],
  ['0', 'message', 'rows'],
]

/** The outer forms seen behind exchange platforms (standards.md §1.1 to §1.4), as faults to set one by one. */
export const envelopeVariants: readonly Fault[] = WRAPPINGS.map(([code, messageKey, data]) => ({
  kind: 'envelope',
  envelope: { code, messageKey, data },
}))
