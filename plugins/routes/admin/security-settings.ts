import type { FastifyInstance } from 'fastify'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { securitySettingsSchema, securityVersion as version } from '../../users/security/settings.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

/** 安全配置 (contract 1.2.1.5): read, changed by two administrators, and every version that there was. */
export function securitySettingsRoutes(app: FastifyInstance): void {
  const current = part.row({ version, settings: securitySettingsSchema })
  typed(app).get(
    '/admin/security-settings',
    adminRoute(app, {
      key: 'security-settings.read',
      summary: '安全设置',
      permission: 'security-settings.read',
      schema: { response: { 200: answerOf(current) } },
    }),
    async (request) => {
      await app.security.load()
      return answer(request, app.security.now)
    },
  )

  const past = part.row({
    version,
    settings: securitySettingsSchema,
    changedBy: part.text('提出的管理员'),
    confirmedBy: part.maybe('确认的管理员'),
    reason: part.text('事由'),
    changedAt: part.moment('生效时间'),
  })
  typed(app).get(
    '/admin/security-settings/history',
    adminRoute(app, {
      key: 'security-settings.history',
      summary: '安全设置的历次修改',
      permission: 'security-settings.read',
      schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('修改', past)) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await app.security.history({ page, pageSize })
      return answer(request, rows, { number: page, size: pageSize, total })
    },
  )

  const body = part.input({ version, settings: securitySettingsSchema, purpose }, ['version', 'settings', 'purpose'])
  typed(app).put(
    '/admin/security-settings',
    adminRoute(app, {
      key: 'security-settings.change',
      summary: '修改安全设置（须由另一位管理员确认）',
      permission: 'security-settings.change',
      schema: { body, response: asked },
    }),
    async (request, reply) => {
      const { version, settings } = request.body
      return ask(app, request, reply, 'security.settings', { version, settings })
    },
  )
}
