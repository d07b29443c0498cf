import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { type Capability, types } from '../../catalogue/capabilities/capability.ts'
import { addOwn, change, removeOwn } from '../../catalogue/capabilities/store.ts'
import { lifeStates } from '../../catalogue/lives.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { capabilityGroupRoutes } from './capability-groups.ts'
import { capabilityLifeRoutes } from './capability-life.ts'
import { MOMENT, REVISION, TAGS } from './capability-parts.ts'
import { ADDRESS, WEIGHT } from './catalogue-values.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/capabilities'
const VISIBLE = { pattern: '\\S' }
const own = {
  name: part.text('名称', { minLength: 1, maxLength: 40, ...VISIBLE }),
  version: part.text('版本号', { pattern: '^\\d{1,4}(\\.\\d{1,4}){0,2}$' }),
  summary: part.text('说明', { minLength: 2, maxLength: 300, ...VISIBLE }),
  permission: part.text('调用权限', { minLength: 1, maxLength: 100, ...VISIBLE }),
  rate: part.maybe('访问频率限制', { minLength: 1, maxLength: 60 }),
  docs: ADDRESS,
}
const said = { owner: part.maybe('负责人', { minLength: 1, maxLength: 40, ...VISIBLE }), tags: TAGS, weight: WEIGHT }
const row = part.row({
  ...{ id: part.text('编号'), type: part.choice('类型', types), ...own, ...said },
  state: part.choice('状态', lifeStates),
  ...{ declared: part.flag('随平台声明，不能删改'), operations: part.list('接口', part.text('操作编号')) },
  ...{ groups: part.list('所属分组', part.text('分组编号')), revision: REVISION, createdAt: MOMENT, updatedAt: MOMENT },
})
const params = part.input({ id: part.text('编号', { maxLength: 130 }) }, ['id'])
const OWN = Object.keys(own)

/** 能力管理 (contract annex 1.2.3.3.2): who answers for each, how it is found, and abilities of the app that no declaration knows. */
export function capabilityRoutes(app: FastifyInstance): void {
  const { capabilities, database } = app
  const found = (id: string): Capability => {
    const capability = capabilities.find(id)
    if (!capability) throw new HubError('HUB_NO_RECORD', { detail: '没有这项能力。' })
    return capability
  }
  const present = ({ createdAt, changedAt, ...capability }: Capability) => ({
    ...capability,
    state: app.catalogue.stateOf(capability.id),
    groups: capabilities.now.groups.flatMap(({ id, members }) => (members.includes(capability.id) ? [id] : [])),
    createdAt: createdAt === null ? null : beijing(createdAt),
    updatedAt: changedAt === null ? null : beijing(changedAt),
  })

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'capabilities.list',
      summary: '能力：服务、平台能力和移动端原生能力',
      permission: 'catalogue.read',
      schema: {
        querystring: part.input({
          type: part.choice('类型', types),
          state: part.choice('状态', lifeStates),
          owned: Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'], title: '是否已有负责人' }),
          ...paging,
        }),
        response: { 200: answerOf(part.list('能力', row)) },
      },
    }),
    async (request) => {
      const { type, state, owned, page, pageSize } = request.query
      await Promise.all([capabilities.load(), app.catalogue.load()])
      const wanted = capabilities
        .all()
        .filter(
          (each) =>
            (type === undefined || each.type === type) &&
            (state === undefined || app.catalogue.stateOf(each.id) === state) &&
            (owned === undefined || String(each.owner !== null) === owned),
        )
      const rows = wanted.slice((page - 1) * pageSize, page * pageSize).map(present)
      return answer(request, rows, { number: page, size: pageSize, total: wanted.length })
    },
  )

  typed(app).post(
    PATH,
    adminRoute(app, {
      key: 'capabilities.add',
      summary: '新建一项移动端原生能力',
      permission: 'catalogue.change',
      schema: {
        body: part.input({ id: part.text('编号', { maxLength: 64, pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' }), ...own, ...said, purpose }, [
          'id',
          'name',
          'version',
          'summary',
          'permission',
          'purpose',
        ]),
        response: { 201: answerOf(row) },
      },
    }),
    async (request, reply) => {
      const { purpose: _, id, name, version, summary, permission, rate = null, docs = null, ...rest } = request.body
      request.audit.target = id
      if (capabilities.find(id)?.declared)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/id', detail: '这个编号已有能力' }] })
      await addOwn(database, id, { name: name.trim(), version, summary, permission, rate, docs }, rest, callerOf(request).user.id)
      await capabilities.load()
      return reply.code(201).send(answer(request, present(found(id))))
    },
  )

  typed(app).patch(
    `${PATH}/:id`,
    adminRoute(app, {
      key: 'capabilities.change',
      summary: '设置能力的负责人、标签和权重；自建的还可以修改说明',
      permission: 'catalogue.change',
      schema: {
        params,
        body: part.input({ ...own, ...said, revision: REVISION, purpose }, ['revision', 'purpose'], 3),
        response: { 200: answerOf(row) },
      },
    }),
    async (request) => {
      const { purpose: _, revision, owner, tags, weight, ...ownGiven } = request.body
      await capabilities.load()
      const capability = found(request.params.id)
      request.audit.target = capability.id
      const fixed = capability.declared ? OWN.filter((name) => name in ownGiven) : []
      const errors = fixed.map((name) => ({ pointer: `/body/${name}`, detail: '由声明给出，不能在这里修改' }))
      if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
      const plain = { ...(owner === undefined ? {} : { owner }), ...(tags ? { tags } : {}), ...(weight === undefined ? {} : { weight }) }
      await change(database, capability, { ...plain, own: ownGiven }, { revision, by: callerOf(request).user.id })
      await capabilities.load()
      return answer(request, present(found(capability.id)))
    },
  )

  typed(app).post(
    `${PATH}/:id/delete`,
    adminRoute(app, {
      key: 'capabilities.delete',
      summary: '删除一项自建的原生能力',
      permission: 'catalogue.change',
      schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: answerOf(part.row({ id: part.text('编号') })) } },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (capabilities.find(id)?.declared)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/params/id', detail: '随平台声明的能力不能删除' }] })
      if (!(await removeOwn(database, id))) throw new HubError('HUB_NO_RECORD', { detail: '没有这项能力。' })
      await capabilities.load()
      return answer(request, { id })
    },
  )

  capabilityLifeRoutes(app)
  capabilityGroupRoutes(app)
}
