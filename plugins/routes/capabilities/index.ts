import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type, { type TSchema } from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { describeService } from '../../catalog.ts'
import { type Capability, types } from '../../catalogue/capabilities/capability.ts'
import { versionsOf } from '../../catalogue/capabilities/releases.ts'
import { shownGroups } from '../../catalogue/capabilities/tree.ts'
import { lifeStates } from '../../catalogue/lives.ts'
import { typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { sendTagged } from '../../web/tagged.ts'
import { createDirectory } from './directory.ts'

const WEIGHT = Type.Unsafe<number>({ type: 'integer' })
const MOMENT = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time' })
const TEXTS = (title: string) => part.list(title, part.text('编号'))
const shown = {
  ...{ id: part.text('编号'), type: part.choice('类型', types), name: part.text('名称'), version: part.text('版本号') },
  ...{ owner: part.maybe('负责人'), summary: part.text('说明'), permission: part.text('调用权限'), rate: part.maybe('访问频率限制') },
  ...{
    tags: TEXTS('标签'),
    weight: WEIGHT,
    operations: TEXTS('接口：操作编号'),
    kind: part.maybe('服务的种类'),
    path: part.maybe('接口路径'),
  },
  state: part.choice('状态', lifeStates),
  deprecation: part.maybeRow('兼容期', {
    ...{ deprecatedAt: MOMENT, sunsetAt: MOMENT, successor: part.maybe('接替的能力'), reason: part.text('原因') },
  }),
  ...{ docs: part.maybe('对方或应用的说明'), groups: TEXTS('所属分组'), createdAt: MOMENT, updatedAt: MOMENT },
}
const change = part.row({ version: part.text('版本号'), at: MOMENT, added: TEXTS('新增'), removed: TEXTS('去掉') })
const titled = part.row({ name: part.text('名称'), title: part.text('标题') })
const one = part.row({
  ...shown,
  inputs: part.list('输入', titled),
  fields: part.list('返回的字段', titled),
  versions: part.list('历史版本', change),
})
const group = part.row({
  ...{ id: part.text('编号'), parent: part.maybe('上级分组'), name: part.text('名称'), summary: part.maybe('说明') },
  ...{ tags: TEXTS('标签'), weight: WEIGHT },
})
const page = part.row({ number: WEIGHT, size: WEIGHT, total: WEIGHT })
const both = (data: TSchema, meta: TSchema) =>
  Type.Unsafe<object>({ type: 'object', properties: { data, meta }, required: ['data', 'meta'] })

const list = both(part.list('能力', part.row(shown)), part.row({ page, groups: part.list('分组', group) }))

const querystring = part.input({
  q: part.text('要找的能力：名称的任何部分、拼音或首字母', { maxLength: 100 }),
  group: part.text('分组编号：含其下级', { maxLength: 36 }),
  tag: part.text('标签', { maxLength: 12 }),
  type: part.choice('类型', types),
  ...paging,
})

/** `GET /v1/capabilities`: what the platform offers those who build on it (docs/capabilities.md). */
export default fp(
  async (app) => {
    const directory = createDirectory(app.capabilities, (id) => !app.catalogue.now.withdrawn.has(id))
    const options = {
      // As for the catalogue: many share the address of a network.
      preHandler: app.limitRate({ key: 'capabilities', rate: { max: 3000, perSeconds: 60 } }),
    }
    const about = { tags: ['中枢'], description: '公开，支持 ETag' }

    typed(app).get(
      '/v1/capabilities',
      { ...options, schema: { summary: '能力目录', operationId: 'capabilities', ...about, querystring, response: { 200: list } } },
      async (request, reply) => {
        const { page, pageSize, ...wanted } = request.query
        const found = await directory.find(wanted)
        const groups = shownGroups(app.capabilities.now.groups).map(({ id, parent, name, summary, tags, weight }) => ({
          ...{ id, parent, name, summary, tags, weight },
        }))
        const data = found.slice((page - 1) * pageSize, page * pageSize).map((each) => present(app, each))
        return sendTagged(request, reply, { data, meta: { page: { number: page, size: pageSize, total: found.length }, groups } })
      },
    )

    typed(app).get(
      '/v1/capabilities/:id',
      {
        ...options,
        schema: {
          ...{ summary: '一项能力', operationId: 'capabilities.one', ...about },
          response: { 200: both(one, part.row({})) },
          params: part.input({ id: part.text('编号', { maxLength: 130 }) }, ['id']),
        },
      },
      async (request, reply) => {
        const capability = app.capabilities.find(request.params.id)
        if (!capability) throw new HubError('HUB_NO_RECORD', { detail: '没有这项能力。' })
        const service = app.services.get(capability.id)
        const { inputs, fields } = service ? describeService(service) : { inputs: [], fields: [] }
        const [connector = '', name = ''] = capability.id.split('.')
        const versions = (await versionsOf(app.database, connector, name)).map((each) => ({ ...each, at: beijing(each.at) }))
        return sendTagged(request, reply, { data: { ...present(app, capability), inputs, fields, versions }, meta: {} })
      },
    )
  },
  { name: 'capability-routes', dependencies: ['capabilities', 'connectors', 'openapi', 'rate-limit', 'validation'] },
)

/** As whoever builds on it reads it; who changed what is the administrators'. */
function present({ capabilities, catalogue, services }: FastifyInstance, capability: Capability) {
  const { id, type, name, version, owner, summary, permission, rate, tags, weight, operations, createdAt, changedAt } = capability
  const service = services.get(id)
  const life = catalogue.lifeOf(id)
  const shown = shownGroups(capabilities.now.groups)
  return {
    ...{ id, type, name, version, owner, summary, permission, rate, tags, weight, operations },
    state: catalogue.stateOf(id),
    deprecation: life && {
      ...{ deprecatedAt: beijing(life.deprecatedAt), sunsetAt: beijing(life.sunsetAt), successor: life.successor, reason: life.reason },
    },
    kind: service?.contract.kind ?? null,
    path: service ? `/v1/${service.connector.id}/${service.contract.id}` : null,
    docs: capability.docs,
    groups: shown.flatMap((group) => (group.members.includes(id) ? [group.id] : [])),
    createdAt: createdAt === null ? null : beijing(createdAt),
    updatedAt: changedAt === null ? null : beijing(changedAt),
  }
}
