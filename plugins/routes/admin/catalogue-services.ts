import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { divisions } from '../../../core/contract/divisions.ts'
import { AS_DECLARED, permissions } from '../../catalogue/entries.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ADDRESS, ICON, WEIGHT } from './catalogue-values.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/catalogue/services'
const some = { uniqueItems: true, maxItems: 20 }
const recommended = Type.Unsafe<boolean | null>({ type: ['boolean', 'null'], title: '是否热门推荐' })
const properties = {
  name: part.maybe('名称', { minLength: 1, maxLength: 40, pattern: '\\S' }),
  icon: ICON,
  address: ADDRESS,
  permissions: part.list('打开前须有的权限', part.choice('权限', permissions), some),
  regions: part.list('可见的区划（空：全市）', part.choice('区划', divisions.values), some),
  weight: WEIGHT,
  recommended,
  categories: part.list('所属分类', part.text('分类编号', { maxLength: 36 }), some),
  online: part.flag('是否上架'),
  reason: part.maybe('下架的原因（公众可见）', { minLength: 2, maxLength: 100, pattern: '\\S' }),
}
const row = part.row({
  service: part.text('服务：<连接器>.<服务>'),
  declared: part.row({ name: part.text('名称'), agency: part.text('来源单位'), zone: part.text('专区'), icon: part.text('图标') }),
  ...properties,
})

/** 服务管理: how each service is shown, to whom, and whether it is on line. What is null or left out is as declared. */
export function serviceEntryRoutes(app: FastifyInstance): void {
  const { catalogue, hall } = app
  const present = ({ key, contract }: CompiledService) => {
    const { agency = '', zone = '', icon = '' } = hall.cards.get(key) ?? {}
    return { service: key, declared: { name: contract.name, agency, zone, icon }, ...catalogue.entryOf(key) }
  }

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'catalogue.services.list',
      summary: '服务的展示与上下架',
      permission: 'catalogue.read',
      schema: {
        querystring: part.input({
          connector: part.text('连接器', { maxLength: 64 }),
          online: Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'], title: '是否上架' }),
          ...paging,
        }),
        response: { 200: answerOf(part.list('服务', row)) },
      },
    }),
    async (request) => {
      const { connector, online, page, pageSize } = request.query
      await catalogue.load()
      const found = [...app.services.values()].filter(
        (service) =>
          (connector === undefined || service.connector.id === connector) &&
          (online === undefined || String(catalogue.entryOf(service.key).online) === online),
      )
      const rows = found.slice((page - 1) * pageSize, page * pageSize).map(present)
      return answer(request, rows, { number: page, size: pageSize, total: found.length })
    },
  )

  typed(app).put(
    `${PATH}/:service`,
    adminRoute(app, {
      key: 'catalogue.services.put',
      summary: '设置服务的展示、权限声明与上下架：五秒内在所有进程生效',
      permission: 'catalogue.change',
      schema: {
        params: part.input({ service: part.text('服务', { maxLength: 130 }) }, ['service']),
        body: part.input({ ...properties, purpose }, ['online', 'purpose']),
        response: { 200: answerOf(row) },
      },
    }),
    async (request) => {
      const { purpose: _, ...given } = request.body
      const service = app.services.get(request.params.service)
      if (!service) throw new HubError('HUB_NO_RECORD', { detail: '没有这项服务。' })
      request.audit.target = service.key
      if (!given.online && (given.reason ?? null) === null)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/reason', detail: '下架须写明原因，公众会看到' }] })
      const trimmed = (text: string | null = null) => text?.trim() ?? null
      const reason = given.online ? null : trimmed(given.reason)
      await catalogue.put(service.key, { ...AS_DECLARED, ...given, name: trimmed(given.name), reason }, callerOf(request).user.id)
      return answer(request, present(service))
    },
  )
}
