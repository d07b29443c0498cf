import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { type ChangeKind, changeTitles, type PayloadOf } from '../../confirmations/changes/index.ts'
import type { Act } from '../../confirmations/requests.ts'
import { requestStates } from '../../confirmations/states.ts'
import type { RequestView } from '../../confirmations/view.ts'
import { answer, answerOf, callerOf, purposeOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { pseudonymOf } from '../../users/users.ts'
import { adminRoute } from './route.ts'

const states = Object.fromEntries(Object.entries(requestStates).map(([state, { title }]) => [state, title])) as Record<
  keyof typeof requestStates,
  string
>
const who = (title: string) => part.maybeRow(title, { id: part.text('用户编号'), name: part.maybe('姓名（脱敏）') })
const things = (title: string) => Type.Unsafe({ type: ['object', 'null'], title, additionalProperties: true })

const requestSchema = part.row({
  id: part.text('申请编号'),
  kind: part.choice('种类', changeTitles),
  kindName: part.text('种类名称'),
  state: part.choice('状态', states),
  stateName: part.text('状态名称'),
  subject: who('涉及的用户'),
  other: who('另一个涉及的用户'),
  target: part.maybe('涉及的应用'),
  facts: things('内容（不含个人信息）'),
  shown: things('待确认的个人信息（脱敏；处理后不再保留）'),
  requestedBy: part.text('提出申请的管理员'),
  reason: part.text('事由'),
  requestedAt: part.text('申请时间'),
  expiresAt: part.text('到期时间'),
  decidedBy: part.maybe('处理的管理员（空：系统）'),
  decisionReason: part.maybe('处理的事由'),
  decidedAt: part.maybe('处理时间'),
  result: part.maybe('产生的授权、合并等的编号'),
})
const one = answerOf(requestSchema)

/** What a route answers that asks for a second person. */
export const asked = { 202: one }

/** Records what a route was asked to do, for another administrator to confirm: 202, and nothing is done yet. */
export async function ask<K extends ChangeKind>(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: K,
  payload: PayloadOf<K>,
): Promise<FastifyReply> {
  const made = await app.requests.ask(kind, payload, actOf(request))
  note(app, request, made)
  return reply.code(202).header('location', `/admin/requests/${made.id}`).send(answer(request, made))
}

/** Acts that take two administrators: what waits, and how it is decided (docs/identity.md). */
export function requestRoutes(app: FastifyInstance): void {
  const filter = part.input({
    state: part.choice('状态', states),
    kind: part.choice('种类', changeTitles),
    requestedBy: part.id('提出申请的管理员'),
    userId: part.id('涉及的用户'),
    ...paging,
  })
  typed(app).get(
    '/admin/requests',
    adminRoute(app, {
      key: 'requests.list',
      summary: '须由另一位管理员确认的申请',
      permission: 'requests.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('申请', requestSchema)) } },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await app.requests.list(query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  const params = part.input({ id: part.id('申请编号') }, ['id'])
  typed(app).get(
    '/admin/requests/:id',
    adminRoute(app, { key: 'requests.read', summary: '申请详情', permission: 'requests.read', schema: { params, response: { 200: one } } }),
    async (request) => {
      const found = await app.requests.read(request.params.id)
      note(app, request, found)
      return answer(request, found)
    },
  )

  for (const [path, act, summary] of [
    ['confirmation', 'confirm', '确认申请：随即办理'],
    ['rejection', 'reject', '驳回申请'],
    ['withdrawal', 'withdraw', '撤回自己提出的申请'],
  ] as const)
    typed(app).post(
      `/admin/requests/:id/${path}`,
      adminRoute(app, {
        key: `requests.${act}`,
        summary,
        permission: 'requests.decide',
        schema: { params, body: part.input({ purpose }, ['purpose']), response: { 200: one } },
      }),
      async (request) => {
        request.audit.submission = request.params.id
        const decided = await app.requests[act](request.params.id, actOf(request))
        note(app, request, decided)
        return answer(request, decided)
      },
    )
}

/** Both rows of the audit log, of whoever asked and of whoever decided, name the request and whom it concerns. */
function note({ vault }: FastifyInstance, request: FastifyRequest, { id, subject, target }: RequestView): void {
  request.audit.submission = id
  const concerned = subject === null ? target : pseudonymOf(vault, subject.id)
  if (concerned !== null) request.audit.target = concerned
}

function actOf(request: FastifyRequest): Act {
  return { userId: callerOf(request).user.id, reason: purposeOf(request) ?? '', traceId: request.id }
}
