import type { FastifyRequest } from 'fastify'
import Type, { type TSchema } from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { masks } from '../../../core/contract/masks.ts'
import type { SubmissionWord } from '../../../core/contract/types.ts'
import type { Calendar } from '../../calendar/index.ts'
import { answerSchema } from '../../openapi/answer.ts'
import { part } from '../../route-kit/part.ts'
import { actKinds, actStates } from './act-states.ts'
import type { PartView } from './joint.ts'
import { hasSteps } from './life.ts'
import { partStates } from './part-states.ts'
import { partyStates } from './parties.ts'
import type { Submission } from './reader.ts'
import { statesOf } from './states.ts'
import { waitingOf, waitingSchema } from './waiting.ts'

export function present(calendar: Calendar, service: CompiledService, submission: Submission): Record<string, unknown> {
  const { connector, contract } = service
  const waiting = waitingOf(calendar, service, submission.state)
  return { ...toView(service, submission), waiting, statusUrl: `/v1/${connector.id}/${contract.id}/${submission.id}` }
}

/** A submission as a caller reads it: every field of the contract, masked, and where it stands with the hub. */
export function toView(service: CompiledService, submission: Submission): Record<string, unknown> {
  const { progress, ...standing } = submission
  for (const party of standing.parties ?? []) party.name = masks.name(party.name)
  const row: Record<string, unknown> = {}
  for (const name of service.fieldNames) row[name] = progress?.[name] ?? null
  const words = ownWords(submission)
  for (const [name, word] of Object.entries(service.contract.submission?.words ?? {}))
    if (word !== undefined && row[name] === null) row[name] = words[word]
  const parts = standing.parts ? { parts: payableAt(service, standing.parts) } : {}
  return { ...standing, ...parts, ...service.mask(row) }
}

/** Where what is due is paid, and what there is to say of that by now. */
export function payableAt({ connector, contract }: CompiledService, parts: NonNullable<Submission['parts']>): PartView[] {
  return parts.map((part) => {
    const service = contract.submission?.joint?.parts[part.part]?.payment?.service
    if (service === undefined || part.state !== 'payable') return part
    const taker = connector.services.find(({ contract: { id } }) => id === service)?.contract
    return { ...part, payment: { service: `/v1/${connector.id}/${service}`, notice: taker?.submission?.suspended ?? null } }
  })
}

/** What the hub can say of a filing before the agency has. */
function ownWords({ state, stateName, createdAt, updatedAt }: Submission): Record<SubmissionWord, unknown> {
  return { filedAt: createdAt, updatedAt, status: { code: state, name: stateName } }
}

export function envelope(request: FastifyRequest, data: unknown, more: object = {}) {
  return { data, meta: { asOf: beijing(Date.now()), traceId: request.id, ...more } }
}

export const idSchema = part.input({ id: part.id('申请编号（中枢）') }, ['id'])

/** The contract's fields, and where the filing stands with the hub. */
export function viewSchema(service: CompiledService): object {
  const { data } = (answerSchema(service) as unknown as { properties: { data: { properties: Record<string, Record<string, unknown>> } } })
    .properties
  const { names, titleOf } = statesOf(service.contract.submission)
  const policy = service.contract.submission ?? {}
  return {
    ...data,
    properties: {
      id: { type: 'string', title: '中枢申请编号' },
      state: { type: 'string', enum: [...names], title: '状态', description: names.map((name) => `${name} ${titleOf(name)}`).join('；') },
      stateName: { type: 'string', title: '状态名称' },
      final: { type: 'boolean', title: '是否办结' },
      waiting: waitingSchema,
      statusUrl: { type: 'string', title: '进度查询地址' },
      receipt: { type: ['string', 'null'], title: '回执编号', description: '凭它不登录也能查询状态。' },
      refusalReason: { type: ['string', 'null'], title: '对方不予办理的理由' },
      ...(hasSteps(policy) ? { nextStep: nextStepSchema } : {}),
      ...(service.contract.submission?.joint ? { parts: partsSchema } : {}),
      ...(actKinds.some((kind) => service.contract.submission?.[kind]) ? { act: actSchema } : {}),
      ...(service.contract.submission?.parties ? { parties: partiesSchema } : {}),
      history: historySchema,
      ...Object.fromEntries(Object.entries(data.properties).map(([name, field]) => [name, nullable(field)])),
    },
  }
}

const event = { type: 'object', properties: { state: { type: 'string' }, stateName: { type: 'string' }, at: { type: 'string' } } }
export const historySchema = { type: 'array', items: event, title: '办理经过' }

export const partsSchema = {
  type: 'array',
  title: '各环节办理情况',
  items: {
    type: 'object',
    properties: {
      part: { type: 'string', title: '环节' },
      title: { type: 'string', title: '环节名称' },
      state: { type: 'string', enum: Object.keys(partStates), title: '状态' },
      stateName: { type: 'string', title: '状态名称' },
      since: { type: ['string', 'null'], format: 'date-time', title: '进入这个状态的时间' },
      amountDue: { type: ['number', 'null'], title: '应缴金额（元）' },
      reason: { type: ['string', 'null'], title: '办理机构的意见' },
      payment: {
        type: 'object',
        title: '缴纳办法',
        properties: {
          service: { type: 'string', title: '缴纳服务地址' },
          notice: { type: ['string', 'null'], title: '暂不能在线缴纳的说明' },
        },
      },
    },
  },
}

const partiesSchema = {
  type: 'array',
  title: '其他当事人的确认情况',
  items: {
    type: 'object',
    properties: {
      name: { type: 'string', title: '姓名' },
      role: { type: 'string', title: '身份' },
      state: { type: 'string', enum: Object.keys(partyStates), title: '状态' },
      stateName: { type: 'string', title: '状态名称' },
    },
  },
}

export const actSchema = {
  type: ['object', 'null'],
  title: '最近一次撤回、变更或补正',
  properties: {
    kind: { type: 'string', enum: [...actKinds], title: '撤回、变更或补正' },
    state: { type: 'string', enum: Object.keys(actStates), title: '状态' },
    stateName: { type: 'string', title: '状态名称' },
    at: { type: 'string', title: '时间' },
  },
}

const missing = { type: 'object', properties: { name: { type: 'string' }, reason: { type: ['string', 'null'] } } }
export const nextStepSchema = {
  type: ['object', 'null'],
  title: '下一步',
  properties: {
    kind: {
      type: 'string',
      enum: ['supplement', 'suspension', 'payment'],
      title: '补正、特别程序或缴纳税费',
      description: 'supplement 补正，suspension 特别程序，payment 缴纳税费',
    },
    until: { type: ['string', 'null'], format: 'date-time', title: '截止时间' },
    items: { type: 'array', items: missing, title: '需要补正的内容' },
    reason: { type: ['string', 'null'], title: '原因' },
  },
}

/** Until the agency has spoken, even what it will always say is still unknown. */
function nullable(schema: Record<string, unknown>): object {
  return { ...schema, type: [...new Set([schema['type'], 'null'].flat())] }
}

const meta = { type: 'object', properties: { asOf: { type: 'string' }, traceId: { type: 'string' } }, required: ['asOf', 'traceId'] }
const page = { type: 'object', properties: { number: { type: 'integer' }, size: { type: 'integer' }, total: { type: 'integer' } } }

export function answerOf(view: object): TSchema {
  return Type.Unsafe({ type: 'object', properties: { data: view, meta }, required: ['data', 'meta'] })
}

export function listOf(view: object): TSchema {
  return Type.Unsafe({
    type: 'object',
    properties: { data: { type: 'array', items: view }, meta: { ...meta, properties: { ...meta.properties, page } } },
    required: ['data', 'meta'],
  })
}
