import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Group } from '../../catalogue/capabilities/capability.ts'
import { addGroup, bind, changeGroup, deleteGroup, unbind } from '../../catalogue/capabilities/groups.ts'
import { ancestorsOf } from '../../catalogue/capabilities/tree.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { MOMENT, REVISION, TAGS } from './capability-parts.ts'
import { WEIGHT } from './catalogue-values.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/capability-groups'
const properties = {
  parent: part.maybe('上级分组（空：第一级）', { maxLength: 36 }),
  name: part.text('名称', { minLength: 1, maxLength: 20, pattern: '\\S' }),
  summary: part.maybe('说明', { maxLength: 200 }),
  tags: TAGS,
  weight: WEIGHT,
  shown: part.flag('是否展示'),
}
const ids = part.list('能力编号', part.text('能力编号', { maxLength: 130 }), { minItems: 1, maxItems: 200, uniqueItems: true })
const row = part.row({
  ...{ id: part.text('编号'), ...properties, level: REVISION, revision: REVISION, members: part.list('能力', part.text('能力编号')) },
  ...{ createdBy: part.maybe('创建者'), createdAt: MOMENT, updatedAt: MOMENT },
})
const params = part.input({ id: part.id('编号') }, ['id'])

/** 分组管理 (contract annex 1.2.3.3.1): groups in levels, and what stands in them. */
export function capabilityGroupRoutes(app: FastifyInstance): void {
  const { capabilities, database } = app
  const found = (id: string): Group => {
    const group = capabilities.now.groups.find((each) => each.id === id)
    if (!group) throw new HubError('HUB_NO_RECORD', { detail: '没有这个分组。' })
    return group
  }
  const present = ({ createdAt, changedAt, ...group }: Group) => ({
    ...group,
    level: ancestorsOf(capabilities.now.groups, group.id).length + 1,
    createdAt: beijing(createdAt),
    updatedAt: beijing(changedAt),
  })
  const change = 'catalogue.change' as const
  const one = { 200: answerOf(row) }

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'capability-groups.list',
      summary: '能力分组：全部层级',
      permission: 'catalogue.read',
      schema: { response: { 200: answerOf(part.list('分组', row)) } },
    }),
    async (request) => {
      await capabilities.load()
      return answer(request, capabilities.now.groups.map(present))
    },
  )

  typed(app).post(
    PATH,
    adminRoute(app, {
      key: 'capability-groups.add',
      summary: '新建能力分组',
      permission: change,
      schema: { body: part.input({ ...properties, purpose }, ['name', 'purpose']), response: { 201: answerOf(row) } },
    }),
    async (request, reply) => {
      const { purpose: _, name, ...given } = request.body
      const first = { parent: null, summary: null, tags: [], weight: 0, shown: true }
      const id = await addGroup(database, { ...first, ...given, name: name.trim() }, callerOf(request).user.id)
      request.audit.target = id
      await capabilities.load()
      return reply.code(201).send(answer(request, present(found(id))))
    },
  )

  typed(app).patch(
    `${PATH}/:id`,
    adminRoute(app, {
      key: 'capability-groups.change',
      summary: '修改能力分组，或移到别的分组之下',
      permission: change,
      schema: {
        params,
        body: part.input({ ...properties, revision: REVISION, purpose }, ['revision', 'purpose'], 3),
        response: one,
      },
    }),
    async (request) => {
      const { purpose: _, revision, ...given } = request.body
      const { id } = request.params
      request.audit.target = id
      await capabilities.load()
      found(id)
      const named = given.name === undefined ? given : { ...given, name: given.name.trim() }
      await changeGroup(database, id, named, { revision, by: callerOf(request).user.id })
      await capabilities.load()
      return answer(request, present(found(id)))
    },
  )

  typed(app).post(
    `${PATH}/:id/delete`,
    adminRoute(app, {
      key: 'capability-groups.delete',
      summary: '删除能力分组：能力不受影响，只是不再属于它',
      permission: change,
      schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: answerOf(part.row({ id: part.text('编号') })) } },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await deleteGroup(database, id))) throw new HubError('HUB_NO_RECORD', { detail: '没有这个分组。' })
      await capabilities.load()
      return answer(request, { id })
    },
  )

  typed(app).post(
    `${PATH}/:id/bind`,
    adminRoute(app, {
      key: 'capability-groups.bind',
      summary: '把能力放进分组',
      permission: change,
      schema: { params, body: part.input({ capabilities: ids, purpose }, ['capabilities', 'purpose']), response: one },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      await capabilities.load()
      const unknown = request.body.capabilities.flatMap((each, index) =>
        capabilities.find(each) ? [] : [{ pointer: `/body/capabilities/${index}`, detail: '没有这项能力' }],
      )
      if (unknown.length > 0) throw new HubError('HUB_VALIDATION', { errors: unknown })
      await bind(database, found(id).id, request.body.capabilities)
      await capabilities.load()
      return answer(request, present(found(id)))
    },
  )

  typed(app).post(
    `${PATH}/:id/unbind`,
    adminRoute(app, {
      key: 'capability-groups.unbind',
      summary: '把能力移出分组',
      permission: change,
      schema: { params, body: part.input({ capabilities: ids, purpose }, ['capabilities', 'purpose']), response: one },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      await capabilities.load()
      await unbind(database, found(id).id, request.body.capabilities)
      await capabilities.load()
      return answer(request, present(found(id)))
    },
  )
}
