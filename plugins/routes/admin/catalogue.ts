import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { type Category, views } from '../../catalogue/entries.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { serviceEntryRoutes } from './catalogue-services.ts'
import { ICON, WEIGHT } from './catalogue-values.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/catalogue/categories'
const properties = {
  view: part.choice('视角', views),
  name: part.text('名称', { minLength: 1, maxLength: 20, pattern: '\\S' }),
  icon: ICON,
  weight: WEIGHT,
  shown: part.flag('是否展示'),
}
const category = part.row({ id: part.text('编号'), ...properties, services: Type.Unsafe<number>({ type: 'integer', title: '服务数' }) })
const params = part.input({ id: part.id('编号') }, ['id'])

/** 服务分类管理 and 服务管理 (contract 1.2.2.1, 1.2.2.2): in effect in every process within 5 s (docs/catalogue.md). */
export function catalogueRoutes(app: FastifyInstance): void {
  const { catalogue } = app
  const present = (each: Category) => {
    const tagged = [...catalogue.now.entries.values()].filter(({ categories }) => categories.includes(each.id))
    return { ...each, services: tagged.length }
  }
  const missing = () => new HubError('HUB_NO_RECORD', { detail: '没有这个分类。' })

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'catalogue.categories.list',
      summary: '服务分类',
      permission: 'catalogue.read',
      schema: { response: { 200: answerOf(part.list('分类', category)) } },
    }),
    async (request) => {
      await catalogue.load()
      return answer(request, catalogue.now.categories.map(present))
    },
  )

  typed(app).post(
    PATH,
    adminRoute(app, {
      key: 'catalogue.categories.add',
      summary: '新增服务分类',
      permission: 'catalogue.change',
      schema: { body: part.input({ ...properties, purpose }, ['view', 'name', 'purpose']), response: { 201: answerOf(category) } },
    }),
    async (request, reply) => {
      const { purpose: _, name, icon = null, weight = 0, shown = true, view } = request.body
      const added = await catalogue.addCategory({ view, name: name.trim(), icon, weight, shown }, callerOf(request).user.id)
      request.audit.target = added.id
      return reply.code(201).send(answer(request, present(added)))
    },
  )

  typed(app).patch(
    `${PATH}/:id`,
    adminRoute(app, {
      key: 'catalogue.categories.change',
      summary: '修改服务分类',
      permission: 'catalogue.change',
      schema: { params, body: part.input({ ...properties, purpose }, ['purpose'], 2), response: { 200: answerOf(category) } },
    }),
    async (request) => {
      const { id } = request.params
      const { purpose: _, ...changes } = request.body
      request.audit.target = id
      const named = changes.name === undefined ? changes : { ...changes, name: changes.name.trim() }
      const changed = await catalogue.changeCategory(id, named, callerOf(request).user.id)
      if (!changed) throw missing()
      return answer(request, present(changed))
    },
  )

  typed(app).post(
    `${PATH}/:id/delete`,
    adminRoute(app, {
      key: 'catalogue.categories.delete',
      summary: '删除服务分类：服务不受影响，只是不再属于它',
      permission: 'catalogue.change',
      schema: {
        params,
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ id: part.text('编号') })) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await catalogue.deleteCategory(id))) throw missing()
      return answer(request, { id })
    },
  )

  serviceEntryRoutes(app)
}
