import Type, { type TSchema } from 'typebox'
import { rowSchema } from '../../core/contract/fields.ts'
import { summedFields } from '../../core/contract/summary.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import { MEDIA_TYPES } from './negotiation.ts'
import { formatsOf } from './query-schema.ts'

/** What the schema of a service's answers follows from. */
interface Answering {
  contract: ServiceContract
  rows: 'one' | 'many'
}

const metaProperties = {
  asOf: Type.Unsafe({ type: 'string', format: 'date-time', title: '数据时间' }),
  traceId: Type.Unsafe({ type: 'string', title: '追踪号' }),
  absent: Type.Unsafe({ type: 'array', items: { type: 'string' }, title: '对方系统未提供的字段' }),
  unreadable: Type.Unsafe({ type: 'array', items: { type: 'string' }, title: '无法识别、因而为空的字段，列表以 [序号] 开头' }),
}

const pageSchema = Type.Unsafe({
  type: 'object',
  title: '分页',
  properties: { number: { type: 'integer' }, size: { type: 'integer' }, total: { type: 'integer' } },
  required: ['number', 'size', 'total'],
})

/** JSON schema of a successful answer: `{ data, meta }`. The serialiser drops whatever it doesn't name. */
export function answerSchema(service: Answering): TSchema {
  const { $id: _, ...row } = rowSchema(service.contract.fields) as TSchema & { $id?: string }
  // Columns may have been chosen (`fields`), so none is required on the wire.
  const item = { ...row, required: [] }
  const many = service.rows === 'many'
  const properties = { ...metaProperties, ...moreMeta(service.contract), ...(many ? { page: pageSchema } : {}) }
  return Type.Unsafe({
    type: 'object',
    properties: {
      data: many ? { type: 'array', items: item } : item,
      meta: {
        type: 'object',
        properties,
        required: ['asOf', 'traceId'],
      },
    },
    required: ['data', 'meta'],
  })
}

/** What only some services tell beside their rows. */
function moreMeta(contract: ServiceContract): Record<string, TSchema> {
  const { summaries, marks, lastGood } = contract
  return {
    ...(lastGood ? { closed: closedSchema } : {}),
    ...(summaries ? { summary: summarySchema(contract) } : {}),
    ...(marks ? { marks: marksSchema } : {}),
  }
}

/** Beside an answer that is not of now: see `asOf`. */
const closedSchema = Type.Unsafe({
  type: 'object',
  title: '对方系统按计划暂停，这是您上次查询的结果，时间见 asOf',
  properties: { reason: { type: 'string', title: '原因' }, until: { type: 'string', format: 'date-time', title: '预计恢复时间' } },
})

const maybe = (type: string, title: string) => ({ type: [type, 'null'], title })

function summarySchema(contract: ServiceContract): TSchema {
  const sums = Object.entries(summedFields(contract)).map(([name, { notes }]) => [name, maybe('number', notes.title)])
  const group = { code: { type: 'string' }, name: { type: ['string', 'null'] } }
  const properties = {
    list: maybe('string', '记录中的明细字段；为空是记录本身'),
    of: { type: 'string', title: '汇总的内容' },
    period: maybe('string', '期：年、年月或者期次；为空是全部，或者没有注明'),
    group: { type: ['object', 'null'], title: '分类', properties: group, required: ['code', 'name'] },
    count: { type: 'integer', title: '条数' },
    sums: { type: 'object', title: '合计，有一笔无法识别的为空', properties: Object.fromEntries(sums) },
  }
  const line = { type: 'object', properties, required: Object.keys(properties) }
  return Type.Unsafe({ type: 'array', title: '汇总（summary），符合条件的全部记录', items: line })
}

const marksSchema = Type.Unsafe({
  type: 'array',
  title: '需要留意的关键时点',
  items: {
    type: 'object',
    properties: {
      at: { type: 'string', title: '所在位置，列表以 [序号] 开头；为空是这条记录' },
      mark: { type: 'string', title: '标记' },
      title: { type: 'string', title: '说明' },
    },
    required: ['at', 'mark', 'title'],
  },
})

/** A service's successful answer in each media type that it can have, as Fastify and OpenAPI take it. */
export function answerContent(service: Answering): TSchema {
  const files = { csv: '全部记录的表格', xlsx: '全部记录的工作簿', pdf: '带验证码的证明' }
  const content = formatsOf(service.contract).map((format) => {
    // A file's bytes have no schema; it passes the serialiser by.
    const schema = format === 'json' ? answerSchema(service) : { title: files[format], ...(format === 'csv' ? { type: 'string' } : {}) }
    return [MEDIA_TYPES[format], { schema }]
  })
  return Type.Unsafe({ description: '查询结果', content: Object.fromEntries(content) })
}

/** RFC 9457 document, for OpenAPI. */
export const problemSchema = Type.Unsafe({
  type: 'object',
  title: '错误',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    traceId: { type: 'string' },
    agency: { type: 'string' },
    field: { type: 'string' },
    retryAfter: { type: 'integer' },
    until: { type: 'string', format: 'date-time' },
    errors: { type: 'array', items: { type: 'object', properties: { pointer: { type: 'string' }, detail: { type: 'string' } } } },
    stepUp: {
      type: 'object',
      properties: {
        method: { type: 'string' },
        maxAgeSeconds: { type: 'integer' },
        once: { type: 'boolean' },
        connector: { type: 'string' },
        url: { type: 'string' },
      },
    },
    ways: {
      type: 'array',
      items: { type: 'object', properties: { action: { type: 'string' }, detail: { type: 'string' }, url: { type: 'string' } } },
    },
    choices: {
      type: 'object',
      properties: {
        parameter: { type: 'string' },
        values: { type: 'array', items: { type: 'string' } },
        options: { type: 'array', items: { type: 'object', properties: { value: { type: 'string' }, label: { type: 'string' } } } },
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'traceId'],
})
