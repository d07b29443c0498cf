import { codesOf } from './codes.ts'
import { exampleOf } from './example.ts'
import { problemResponses } from './problems.ts'
import type { Operation, Parameter, Place, Response, RuledService, Schema } from './types.ts'

const KEY: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  required: true,
  description: '幂等键，8 至 128 个可见字符；同一键只办理一次，重试时用同一个',
  schema: { type: 'string', minLength: 8, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' },
  example: '5b0f6c1e-7a34-4d2b-9c58-1f0e2d3c4b5a',
}

const FACE: Parameter = {
  in: 'header',
  name: 'Face-Verification',
  required: false,
  description: '一次已通过的人脸核验的编号（`POST /v1/me/face-verifications`）；令牌里已有核验时间的不需要',
  schema: { type: 'string' },
  example: '5b0f6c1e-7a34-4d2b-9c58-1f0e2d3c4b5a',
}

const LOCATION = {
  description: '进度查询地址',
  schema: { type: 'string' },
  example: '/v1/housing-fund/retirement-withdrawal/5b0f6c1e-7a34-4d2b-9c58-1f0e2d3c4b5a',
}

/** Answers that no schema stands for: written by hand, or a file. */
const BARE: Readonly<Record<string, Response['content']>> = {
  catalog: { 'application/json': { schema: catalogSchema() } },
  'health.live': { 'application/health+json': { schema: healthSchema() } },
  'health.ready': { 'application/health+json': { schema: healthSchema() } },
  health: { 'application/health+json': { schema: healthSchema() } },
  'health.connector': { 'application/health+json': { schema: healthSchema() } },
}

/** Makes an operation say all that a client must know: what it needs, what it answers, how it fails, and examples. */
export function completeOperation(place: Place, services: ReadonlyMap<string, RuledService>): void {
  const { operation } = place
  operation.security ??= []
  const service = services.get(operation.operationId)
  // A file has no type that a client could read `data` by: the operation `export` stands for all of them.
  if (service?.asks) narrowToJson(operation)
  if (service?.contract.face) operation.parameters = [...(operation.parameters ?? []), FACE]
  completeParameters(operation)
  completeAnswers(operation)
  Object.assign(operation.responses, problemResponses(codesOf(place, services)))
  if (place.path.startsWith('/sign-on')) delete operation.responses['default']
}

function narrowToJson(operation: Operation): void {
  const format = operation.parameters?.find(({ name }) => name === 'format')
  const files = (format?.schema.enum ?? []).map(String).filter((name) => name !== 'json')
  operation['x-export-formats'] = files
  const limit = format?.description ?? format?.schema['description']
  operation.description = `${operation.description ?? ''}。可以导出为 ${files.join('、')}：见操作 export${limit ? `；${limit}` : ''}`
  operation.parameters = (operation.parameters ?? []).filter(({ name }) => name !== 'format')
  const answer = operation.responses['200']
  const json = answer?.content?.['application/json']
  if (answer && json) answer.content = { 'application/json': json }
}

function completeParameters(operation: Operation): void {
  operation.parameters = (operation.parameters ?? []).map((parameter) => {
    if (parameter.name === 'idempotency-key') return KEY
    const { schema, name } = parameter
    const example = parameter.example ?? exampleOf(schema, name)
    return { ...parameter, ...(example === undefined ? {} : { example }), ...(schema['default'] === undefined ? {} : { required: false }) }
  })
  if (operation.parameters.length === 0) delete operation.parameters
  for (const content of Object.values(operation.requestBody?.content ?? {})) if (content.schema) illustrate(content, content.schema)
}

function completeAnswers(operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status === 'default') continue
    if (response.description === 'Default Response') response.description = status === '204' ? '已完成，没有内容' : '结果'
    const bare = BARE[operation.operationId]
    // Naming its parts changes it, and each hub of a process names them anew.
    if (bare && status === '200') response.content = structuredClone(bare)
    // Only a response with a body has content; Fastify's plugin writes `null` for those without.
    if (status === '204' || status.startsWith('3')) delete response.content
    if (status === '202') response.headers = { Location: LOCATION }
    if (status.startsWith('3')) response.headers = { Location: { description: '去向', schema: { type: 'string' } } }
    if (response.description === '网页') response.content = { 'text/html': { schema: { type: 'string' } } }
    for (const content of Object.values(response.content ?? {})) if (content.schema?.properties) illustrate(content, content.schema)
  }
}

function illustrate(content: { example?: unknown }, schema: Schema): void {
  const example = exampleOf(schema)
  if (example !== undefined) content.example ??= example
}

function healthSchema() {
  return {
    type: 'object',
    properties: { status: { type: 'string', enum: ['pass', 'warn', 'fail'] } },
    required: ['status'],
    additionalProperties: true,
  }
}

function catalogSchema() {
  const text = { type: 'string' }
  const maybe = { type: ['string', 'null'] }
  const texts = { type: 'array', items: text }
  const named = { type: 'object', properties: { code: text, name: text }, required: ['code', 'name'] }
  const number = { type: 'integer' }
  const card = {
    type: ['object', 'null'],
    title: '展示（合同 1.3.3.1）',
    properties: {
      ...{ name: text, icon: text, category: text, zone: text, summary: maybe, address: text, access: text, agency: text, within: maybe },
      ...{
        recommended: { type: 'boolean' },
        permissions: { type: 'array', items: { type: 'string', enum: ['login', 'location', 'camera'] } },
      },
      ...{ regions: { type: 'array', title: '可见的区划（空：全市）', items: named }, weight: number, categories: texts },
    },
    required: ['name', 'icon', 'category', 'zone', 'address', 'access', 'agency', 'recommended', 'permissions', 'regions', 'categories'],
  }
  const mine = {
    type: ['object', 'null'],
    title: '本人的情况（带令牌时）',
    properties: {
      usable: { type: 'boolean', title: '现在能否使用' },
      needs: { type: ['string', 'null'], title: '还差什么', enum: ['real-name', 'mandate', 'account', null] },
      account: { type: ['string', 'null'], title: '在对方单位的账户', enum: ['active', 'reauthorise', 'suspended', 'unbound', null] },
    },
    required: ['usable', 'needs', 'account'],
  }
  const category = {
    type: 'object',
    properties: { id: text, view: named, name: text, icon: maybe, weight: number },
    required: ['id', 'view', 'name', 'icon', 'weight'],
  }
  const field = { type: 'object', properties: { name: text, title: text }, required: ['name', 'title'], additionalProperties: true }
  const service = {
    type: 'object',
    properties: { service: text, name: text, kind: text, path: text, fields: { type: 'array', items: field }, card, mine },
    required: ['service', 'name', 'kind', 'path', 'fields', 'card'],
    additionalProperties: true,
  }
  const connector = {
    type: 'object',
    properties: {
      id: text,
      name: text,
      agency: text,
      version: text,
      state: { type: 'string', enum: ['pass', 'warn', 'fail'] },
      services: { type: 'array', items: service },
    },
    required: ['id', 'name', 'agency', 'version', 'state', 'services'],
  }
  const meta = { type: 'object', properties: { categories: { type: 'array', title: '分类', items: category } }, required: ['categories'] }
  return { type: 'object', properties: { data: { type: 'array', items: connector }, meta }, required: ['data', 'meta'] }
}
