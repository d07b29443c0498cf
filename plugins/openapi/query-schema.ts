import Type, { type TSchema } from 'typebox'
import { DEFAULT_PAGE_SIZE, type Format, MAX_ROWS } from '../../core/answer/selection.ts'
import { ID_PATTERN } from '../../core/base/ids.ts'
import type { Field, Fields } from '../../core/contract/fields.ts'
import type { InputNotes } from '../../core/contract/inputs.ts'
import { groupsOf, SPANS, spansOf } from '../../core/contract/summary.ts'
import type { ServiceContract } from '../../core/contract/types.ts'

/**
 * What a caller may ask of rows beyond the declared inputs: filters by field, order, sums, columns, pages
 * and format. All of it derives from the fields. A masked field can be neither filtered nor sorted
 * by: that would let its hidden part be guessed.
 */

/** The formats of a service's answers; a PDF only where it says so, or is a document anyway. */
export function formatsOf({ kind, document }: ServiceContract): readonly Format[] {
  return kind === 'document' || document ? ['json', 'csv', 'xlsx', 'pdf'] : ['json', 'csv', 'xlsx']
}

const RANGED = new Set(['money', 'number', 'integer', 'date', 'month', 'datetime', 'until'])
const EXACT = new Set(['text', 'code', 'flag', ...RANGED])
const LARGEST_PAGE = 500

const WHOLE = `导出 CSV 或 XLSX 时取全部记录；超过 ${MAX_ROWS} 条须先缩小查询范围`

const dependantSchema = ({ dependants, kinship }: ServiceContract) => {
  const proofs = ['持有监护人授权', ...(dependants === true ? ['其本人同意'] : []), ...(kinship ? ['对方系统的登记证明'] : [])]
  const description = `家庭成员的用户编号；须${proofs.join('，或')}。不填为查询本人`
  return Type.Unsafe({ type: 'string', pattern: ID_PATTERN, title: '家庭成员', description })
}

/** Which of the user's accounts at the agency is meant. */
export const bindingSchema = Type.Unsafe<string>({
  type: 'string',
  pattern: ID_PATTERN,
  title: '绑定编号',
  description: '在该单位绑定了多个账户时，指定“我的账户”中的一个',
})

/** JSON schema of the query string of a query or list service; `account`: one that asks about an account of the user's. */
export function querySchema(contract: ServiceContract, many: boolean, account = false): TSchema {
  const names = Object.keys(contract.fields)
  const { through = false, rows = LARGEST_PAGE } = contract.upstream?.paging?.through ? contract.upstream.paging : {}
  const largest = Math.min(rows, LARGEST_PAGE)
  const properties: Record<string, TSchema> = {
    ...(many && !through ? filterProperties(contract.fields) : {}),
    ...insideProperties(contract.fields),
    ...inputProperties(contract),
    ...(contract.dependants ? { dependant: dependantSchema(contract) } : {}),
    ...(account ? { binding: bindingSchema } : {}),
    ...(revealed(contract.fields).length > 0 ? { reveal: revealSchema } : {}),
    ...summaryProperties(contract),
    fields: Type.Unsafe({ type: 'string', title: '返回的字段', description: `逗号分隔：${names.join(',')}`, maxLength: 2000 }),
    format: Type.Unsafe({ type: 'string', enum: formatsOf(contract), title: '返回格式', ...(through ? { description: WHOLE } : {}) }),
  }
  if (many) {
    const sortable = through ? [] : sortableOf(contract.fields)
    // Rows that consist of lists alone can't be put in order by a field.
    if (sortable.length > 0) properties['sort'] = Type.Unsafe({ type: 'string', enum: sortable, title: '排序', description: ORDER })
    properties['page'] = Type.Unsafe({ type: 'integer', minimum: 1, maximum: 100_000, default: 1, title: '页码' })
    properties['pageSize'] = Type.Unsafe({
      type: 'integer',
      minimum: 1,
      maximum: largest,
      default: Math.min(DEFAULT_PAGE_SIZE, largest),
      title: '每页条数',
    })
  }
  return Type.Unsafe({
    type: 'object',
    properties,
    required: requiredInputs(contract),
    ...requiredWhen(contract),
    additionalProperties: false,
  })
}

const revealSchema = Type.Unsafe({
  type: 'boolean',
  title: '查看本人信息的全文',
  description: '须有 10 分钟以内的人脸核验；他人的信息仍然遮盖',
})

function summaryProperties(contract: ServiceContract): Record<string, TSchema> {
  const [spans, groups] = [spansOf(contract), groupsOf(contract)]
  if (spans.length === 0) return {}
  const summary = {
    type: 'string',
    enum: spans,
    title: '汇总',
    description: `把符合条件的全部记录按期合计，见 meta.summary：${spans.map((span) => `${span} ${SPANS[span]}`).join('，')}`,
  }
  const by = { type: 'string', enum: groups, title: '汇总再按此字段分类', description: '与 summary 一起用' }
  return { summary: Type.Unsafe(summary), ...(groups.length > 0 ? { summaryBy: Type.Unsafe(by) } : {}) }
}

/** Fields, and columns as `list.column`, that their owner can see whole. */
export function revealed(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, { notes }]) => [
    ...(notes.mask && notes.reveal ? [name] : []),
    ...revealed(notes.columns ?? {}).map((column) => `${name}.${column}`),
  ])
}

/** JSON schemas of the inputs that a request may carry; verified ones are not among them. */
export function inputProperties(contract: ServiceContract): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(contract.inputs).flatMap(([name, { schema, notes }]) => {
      if (notes.fact) return []
      const words = [whenWords(notes, contract), anyWords(name, contract)].filter(Boolean)
      const { description } = schema as { description?: string }
      return [
        [name, words.length === 0 ? schema : Type.Unsafe({ ...schema, description: [description, ...words].filter(Boolean).join('；') })],
      ]
    }),
  )
}

function whenWords({ requiredWhen = {} }: InputNotes, { inputs }: ServiceContract): string {
  const wordsOf = (name: string, codes: readonly string[]) => codes.map((code) => inputs[name]?.notes.list?.values[code] ?? code).join('、')
  const words = Object.entries(requiredWhen).map(([name, codes]) => `${inputs[name]?.notes.title}为${wordsOf(name, codes)}`)
  return words.length === 0 ? '' : `${words.join('，且')}时必填`
}

function anyWords(name: string, { anyOf = [], inputs }: ServiceContract): string {
  return anyOf.includes(name) ? `至少填写其中一项：${anyOf.map((each) => inputs[each]?.notes.title).join('、')}` : ''
}

export function requiredInputs(contract: ServiceContract): string[] {
  return Object.entries(contract.inputs).flatMap(([name, { notes }]) => (notes.required && !notes.fact ? [name] : []))
}

/** Keyword of the hub's own beside `required` (plugins/validation.ts): input → the choices with which it is required. */
export const REQUIRED_WHEN = 'x-requiredWhen'

/** And for those of which at least one must be given. */
export const REQUIRED_ANY = 'x-requiredAny'

export function requiredWhen({ inputs, anyOf }: ServiceContract): object {
  const found = Object.entries(inputs).flatMap(([name, { notes }]) => (notes.requiredWhen ? [[name, notes.requiredWhen]] : []))
  return { ...(found.length > 0 ? { [REQUIRED_WHEN]: Object.fromEntries(found) } : {}), ...(anyOf ? { [REQUIRED_ANY]: anyOf } : {}) }
}

/** `before`: of the list whose columns these are, its name and its title. */
function filterProperties(fields: Fields, before = { name: '', title: '' }): Record<string, TSchema> {
  const properties: Record<string, TSchema> = {}
  for (const [own, field] of Object.entries(fields)) {
    if (!isOpen(field)) continue
    const { type } = field.notes
    const [name, title] = [before.name + own, before.title + field.notes.title]
    const schema = filterSchema(field)
    properties[name] = Type.Unsafe({ ...schema, title: `${title}（等于）` })
    if (!RANGED.has(type)) continue
    properties[`${name}.from`] = Type.Unsafe({ ...schema, title: `${title}（不小于）` })
    properties[`${name}.to`] = Type.Unsafe({ ...schema, title: `${title}（不大于）` })
  }
  return properties
}

/** Filters and order inside the lists of a record: `schedule.dueDate.from`, `sort.schedule`. */
function insideProperties(fields: Fields): Record<string, TSchema> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([list, { notes }]) => {
      const { title, columns = {} } = notes
      const sortable = sortableOf(columns)
      if (sortable.length === 0) return []
      const sort = Type.Unsafe({ type: 'string', enum: sortable, title: `${title}的排序`, description: ORDER })
      return [...Object.entries(filterProperties(columns, { name: `${list}.`, title: `${title}的` })), [`sort.${list}`, sort]]
    }),
  )
}

const ORDER = '字段名；前加 - 为从大到小'

function sortableOf(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, field]) => (isOpen(field) ? [name, `-${name}`] : []))
}

function filterSchema(field: Field<unknown>): object {
  switch (field.notes.type) {
    case 'code':
      return { type: 'string', maxLength: 64 }
    case 'until':
      return { type: 'string', format: 'date' }
    default:
      return { ...field.schema, type: jsonType(field) }
  }
}

/** The JSON type of a value that is there. */
function jsonType({ schema }: Field<unknown>): unknown {
  return [(schema as { type?: unknown }).type].flat()[0]
}

function isOpen({ notes }: Field<unknown>): boolean {
  return !notes.mask && EXACT.has(notes.type)
}
