import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { type MandateRow, mandateRoles, mandateStatuses, termsOf } from '../../mandates/mandates.ts'
import { readScope } from '../../mandates/scope.ts'
import { assertNoStake } from '../../mandates/stake.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { scopeSchema } from '../agents.ts'
import { mandateSchema } from '../me.ts'
import { ask, asked } from './requests.ts'
import { actorOf, adminRoute } from './route.ts'

/** 经办人 and guardians over the whole platform (contract 1.2.1.2.2): query, forced end, guardians verified at a counter, and the counter's own staff. */
export function mandateRoutes(app: FastifyInstance): void {
  const filter = {
    userId: part.id('用户编号'),
    enterpriseId: part.id('单位编号'),
    role: part.choice('身份', mandateRoles),
    status: part.choice('状态', mandateStatuses),
    ...paging,
  }
  const response = { 200: answerOf(part.list('授权', mandateSchema)) }
  typed(app).get(
    '/admin/mandates',
    adminRoute(app, {
      key: 'mandates.list',
      summary: '授权列表',
      permission: 'mandates.read',
      schema: { querystring: part.input(filter), response },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await app.holders.find(query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  // What names a person travels in the body.
  const named = {
    name: part.text('姓名（已实名的）', { minLength: 1, maxLength: 50 }),
    idNumber: part.idNumber(),
    enterprise: part.text('企业名称（部分）', { minLength: 1, maxLength: 100 }),
  }
  typed(app).post(
    '/admin/mandates/search',
    adminRoute(app, {
      key: 'mandates.search',
      summary: '按姓名、身份证号或企业查找经办人和其他授权',
      permission: 'mandates.read',
      schema: { body: part.input({ ...named, ...filter, purpose }), response },
    }),
    async (request) => {
      const { purpose: _purpose, ...query } = request.body
      const { rows, total } = await app.holders.find(query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    '/admin/mandates/:id/disable',
    adminRoute(app, {
      key: 'mandates.disable',
      summary: '强制停用授权',
      permission: 'mandates.end',
      schema: {
        params: part.input({ id: part.id('授权编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(mandateSchema) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      await assertNotHis(app, request, id)
      const ended = await app.holders.end(id, actorOf(request))
      if (!ended) throw new HubError('HUB_NO_RECORD', { detail: '没有这项授权，或它已经停用。' })
      request.audit.enterprise = ended.enterprise_id
      return answer(request, termsOf(ended))
    },
  )

  const guardian = part.input(
    {
      userId: part.id('监护人的用户编号'),
      childUserId: part.id('被监护人的用户编号'),
      scope: scopeSchema,
      startsAt: part.moment('开始时间'),
      endsAt: part.moment('结束时间（最迟到被监护人满 18 周岁）'),
      purpose,
    },
    ['userId', 'childUserId', 'scope', 'endsAt', 'purpose'],
  )
  typed(app).post(
    '/admin/guardians',
    adminRoute(app, {
      key: 'mandates.guardian',
      summary: '登记监护关系（须由另一位管理员确认）',
      permission: 'mandates.grant',
      schema: { body: guardian, response: asked },
    }),
    async (request, reply) => {
      const { userId, childUserId, scope, startsAt, endsAt } = request.body
      const terms = { ...(startsAt === undefined ? {} : { startsAt }), endsAt, scope: readScope(scope, 'guardian', app.services) }
      return ask(app, request, reply, 'mandates.guardian', { userId, childUserId, ...terms })
    },
  )

  const operator = part.input(
    {
      userId: part.id('窗口工作人员的用户编号'),
      scope: scopeSchema,
      startsAt: part.moment('开始时间'),
      endsAt: part.moment('结束时间'),
      purpose,
    },
    ['userId', 'scope', 'endsAt', 'purpose'],
  )
  typed(app).post(
    '/admin/operators',
    adminRoute(app, {
      key: 'mandates.operator',
      summary: '授权窗口工作人员（须由另一位管理员确认）',
      permission: 'mandates.grant',
      schema: { body: operator, response: asked },
    }),
    async (request, reply) => {
      const { userId, scope, startsAt, endsAt } = request.body
      const terms = { ...(startsAt === undefined ? {} : { startsAt }), endsAt, scope: readScope(scope, 'operator', app.services) }
      return ask(app, request, reply, 'mandates.operator', { userId, ...terms })
    },
  )
}

/** Nobody ends as an administrator what he holds, what is held over him, or what others hold beside him. */
async function assertNotHis({ database }: FastifyInstance, request: FastifyRequest, id: string): Promise<void> {
  const { id: userId } = callerOf(request).user
  const mandate: Pick<MandateRow, 'user_id' | 'enterprise_id' | 'subject_user_id'> | undefined = await database('mandates')
    .where({ id })
    .first('user_id', 'enterprise_id', 'subject_user_id')
  if (!mandate) return
  const { user_id: holder, enterprise_id: enterpriseId, subject_user_id: subjectUserId } = mandate
  if (holder === userId || subjectUserId === userId)
    throw new HubError('HUB_SECOND_PERSON', { detail: '这项授权与您本人有关，请由另一位管理员办理。' })
  if (enterpriseId !== null) await assertNoStake(database, userId, { enterpriseId })
  if (subjectUserId !== null) await assertNoStake(database, userId, { subjectUserId })
}
