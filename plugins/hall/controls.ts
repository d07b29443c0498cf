import type { InputNotes, Inputs } from '../../core/contract/inputs.ts'
import { escapeHtml } from '../web/page.ts'

/** What was typed into a form: control name → its values, as they came. */
export type Typed = Readonly<Record<string, readonly string[]>>

export interface Offered {
  value: string
  label: string
}

export interface FormState {
  typed: Typed
  /** What is wrong with an input, by its name. */
  problems?: Readonly<Record<string, string>>
  /** What the agency offers for an input now; null where that cannot be told yet. */
  offered?: Readonly<Record<string, readonly Offered[] | null>>
}

/** Inputs as controls of a form, in the order of the declaration; verified ones are not asked for. → HTML. */
export function controls(inputs: Inputs, state: FormState): string {
  return Object.entries(inputs)
    .filter(([, { notes }]) => notes.fact === undefined && notes.type !== 'near')
    .map(([name, { notes, schema }]) => control({ name, notes, schema: schema as ControlSchema, state }))
    .join('')
}

interface ControlSchema {
  maxLength?: number
  description?: string
  examples?: readonly unknown[]
  minimum?: number
  maximum?: number
}

interface Control {
  name: string
  notes: InputNotes
  schema: ControlSchema
  state: FormState
}

function control(asked: Control): string {
  const { name, notes, state } = asked
  const first = state.typed[name]?.[0] ?? ''
  // What a list of the agency's offers is chosen, whatever form it has.
  const offered = state.offered?.[name]
  if (offered && notes.type === 'text') return labelled(asked, select(asked, offered, [first]))
  if (offered && notes.type === 'list') return group(asked, boxes(asked, offered))
  switch (notes.type) {
    case 'choice':
      return labelled(asked, select(asked, optionsOf(notes, state.offered?.[name]), [first]))
    case 'flag':
      return `<label class="choice"><input type="checkbox" name="${name}" value="true"${first === 'true' ? ' checked' : ''}${invalid(asked)}><span>${title(asked)}${remarks(asked)}</span></label>`
    case 'period':
      return group(asked, day(asked, `${name}.from`, '从') + day(asked, `${name}.to`, '到'))
    case 'address':
      return group(asked, address(asked))
    case 'list':
      if (notes.item?.type === 'file') return labelled(asked, file({ ...asked, notes: { ...notes, file: notes.item.file } }, ' multiple'))
      return notes.item?.type === 'choice'
        ? group(asked, boxes(asked, optionsOf(notes.item, state.offered?.[name])))
        : labelled(asked, area(asked, (state.typed[name] ?? []).join('\n'), 3), '每行一项')
    case 'file':
      return labelled(asked, file(asked))
    case 'date':
      return labelled(asked, box(asked, 'type="date"', first))
    case 'time':
      return labelled(asked, box(asked, 'type="time"', first))
    case 'integer':
      return labelled(asked, box(asked, 'inputmode="numeric"', first))
    case 'money':
      return labelled(asked, box(asked, 'inputmode="decimal"', first), '元')
    default: {
      const long = (asked.schema.maxLength ?? 0) > 100
      return labelled(asked, long ? area(asked, first, 4) : box(asked, 'type="text"', first))
    }
  }
}

const idOf = (name: string) => `in-${name}`
const title = ({ notes }: Control) =>
  `${escapeHtml(notes.title)}${notes.required ? '' : notes.requiredWhen ? '（视情况必填）' : '（选填）'}`

/** What is said beside the title: what is wrong first, then how it is written. */
function remarks({ name, notes, schema, state }: Control, more = ''): string {
  const problem = state.problems?.[name]
  const wrong = problem === undefined ? '' : `<small class="wrong" id="${idOf(name)}-wrong">${escapeHtml(problem)}</small>`
  // A list of choices says itself what there is.
  const said = notes.list || notes.from || notes.item?.list || notes.file ? fileWords(notes) : (schema.description ?? '')
  const words = [more, said].filter(Boolean).join('；')
  return `${wrong}${words === '' ? '' : `<small>${escapeHtml(words)}</small>`}`
}

/** What may be chosen, as people name it. */
function fileWords({ file }: InputNotes): string {
  if (!file) return ''
  const kinds = file.mediaTypes.map((type) => MEDIA[type] ?? type.slice(type.indexOf('/') + 1).toUpperCase())
  const size = file.maxBytes >= MB ? `${Math.floor(file.maxBytes / MB)} MB` : `${Math.floor(file.maxBytes / 1024)} KB`
  return `${kinds.join('、')}，不超过 ${size}`
}
const MB = 1024 * 1024
const MEDIA: Readonly<Record<string, string>> = { 'image/jpeg': 'JPG 图片', 'image/png': 'PNG 图片', 'application/pdf': 'PDF' }

const invalid = ({ name, state }: Control) =>
  state.problems?.[name] === undefined ? '' : ` aria-invalid="true" aria-describedby="${idOf(name)}-wrong"`
const must = ({ notes }: Control) => (notes.required ? ' required' : '')

function labelled(asked: Control, inner: string, more = ''): string {
  return `<label class="field" for="${idOf(asked.name)}">${title(asked)}${remarks(asked, more)}${inner}</label>`
}

function group(asked: Control, inner: string): string {
  return `<fieldset><legend>${title(asked)}</legend>${remarks(asked)}${inner}</fieldset>`
}

function box(asked: Control, kind: string, value: string): string {
  const { name, schema } = asked
  const length = schema.maxLength === undefined ? '' : ` maxlength="${schema.maxLength}"`
  return `<input id="${idOf(name)}" name="${name}" ${kind} value="${escapeHtml(value)}"${length}${must(asked)}${invalid(asked)} autocomplete="off">`
}

function area(asked: Control, value: string, rows: number): string {
  const { name, schema } = asked
  const length = schema.maxLength === undefined ? '' : ` maxlength="${schema.maxLength}"`
  return `<textarea id="${idOf(name)}" name="${name}" rows="${rows}"${length}${must(asked)}${invalid(asked)}>${escapeHtml(value)}</textarea>`
}

function day({ name, state }: Control, part: string, words: string): string {
  return `<label class="field">${words}<input type="date" name="${part}" value="${escapeHtml(state.typed[part]?.[0] ?? '')}"${invalid({ name, state } as Control)}></label>`
}

function address(asked: Control): string {
  const { name, notes, state } = asked
  const part = (key: string) => state.typed[`${name}.${key}`]?.[0] ?? ''
  const divisions = optionsOf(notes, undefined)
  return `<label class="field">行政区划${select({ ...asked, name: `${name}.division` }, divisions, [part('division')])}</label><label class="field">详细地址<input name="${name}.detail" value="${escapeHtml(part('detail'))}" maxlength="200"${must(asked)}></label>`
}

function file(asked: Control, many = ''): string {
  const { name, notes, state } = asked
  const types = notes.file?.mediaTypes.join(',') ?? ''
  // What was sent with a form that was refused need not be chosen again.
  const brought = (state.typed[name] ?? []).filter((id) => id !== '')
  const kept = brought.map((id) => `<input type="hidden" name="${name}" value="${escapeHtml(id)}">`).join('')
  const words = brought.length === 0 ? '' : '<small>已上传，重新选择则替换。</small>'
  return `${kept}${words}<input id="${idOf(name)}" type="file" name="${name}" accept="${escapeHtml(types)}"${many}${brought.length === 0 ? must(asked) : ''}${invalid(asked)}>`
}

/** What can be chosen: of the declared list, or what the agency offers; null where that cannot be told yet. */
function optionsOf(notes: InputNotes, offered: readonly Offered[] | null | undefined): readonly Offered[] | null {
  if (notes.from) return offered ?? null
  return Object.entries(notes.list?.values ?? {}).map(([value, label]) => ({ value, label }))
}

function select(asked: Control, options: readonly Offered[] | null, chosen: readonly string[]): string {
  const { name } = asked
  if (options === null) return `${box(asked, 'type="text"', chosen[0] ?? '')}<small>填好其他内容后，点“更新选项”，在这里选择。</small>`
  const lines = options.map(
    ({ value, label }) => `<option value="${escapeHtml(value)}"${chosen.includes(value) ? ' selected' : ''}>${escapeHtml(label)}</option>`,
  )
  return `<select id="${idOf(name)}" name="${name}"${must(asked)}${invalid(asked)}><option value="">请选择</option>${lines.join('')}</select>`
}

function boxes(asked: Control, options: readonly Offered[] | null): string {
  if (options === null) return '<small>填好其他内容后，点“更新选项”，在这里选择。</small>'
  const chosen = asked.state.typed[asked.name] ?? []
  return options
    .map(
      ({ value, label }) =>
        `<label class="choice"><input type="checkbox" name="${asked.name}" value="${escapeHtml(value)}"${chosen.includes(value) ? ' checked' : ''}><span>${escapeHtml(label)}</span></label>`,
    )
    .join('')
}
