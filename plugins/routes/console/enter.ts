import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { HubError, type Problem } from '../../../core/base/errors.ts'
import { askInside } from '../../access/asking.ts'
import type { Block, Form } from '../../console/blocks.ts'
import { assertTicket } from '../../console/forms.ts'
import { trouble } from '../../console/parts.ts'
import { dropSession, keepSession, nameOf, newSession } from '../../console/session.ts'
import { queryPart } from '../../route-kit/kit.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { addressHashOf, openAdminSession } from '../../users/admin-sessions.ts'
import { adminRoles } from '../../users/roles.ts'
import { pseudonymOf } from '../../users/users.ts'
import { localPath } from '../../web/return-path.ts'
import { sentBy, ticketIn } from './desk.ts'
import { drawAtDoor } from './drawing.ts'

export const CONSOLE = '/console'
const ENTER = `${CONSOLE}/enter`
const LEAVE = `${CONSOLE}/leave`

/**
 * How an administrator comes in and goes. The browser's sign-on says who it is, the store which role he has, his authenticator that it
 * is really he; what he gets is a session of the console's own, which /admin looks at like a token's.
 */
export function enterRoutes(scope: FastifyInstance, options: RouteShorthandOptions): void {
  scope.get(ENTER, options, async (request, reply) =>
    atDoor(scope, request, reply, consolePath(String(queryPart(request, 'to') ?? CONSOLE)), null),
  )

  scope.post(ENTER, options, async (request, reply) => {
    const typed = typedIn(request.body)
    const signedOn = await scope.sessions.read(request)
    if (!signedOn) throw new HubError('HUB_TOKEN_MISSING')
    request.audit.user = pseudonymOf(scope.vault, signedOn.userId)
    assertTicket(scope, keyOf(signedOn), ENTER, ticketIn(typed))
    const to = consolePath(typed['to']?.[0] ?? CONSOLE)
    const { value, session } = newSession(scope)
    const refusal = await open(scope, request, { userId: signedOn.userId, session }, typed['code']?.[0] ?? '')
    if (refusal) return atDoor(scope, request, reply, to, refusal)
    keepSession(scope, reply, value)
    return reply.redirect(to, 303)
  })

  scope.post(LEAVE, options, async (request, reply) => {
    const { seat } = await sentBy(scope, request)
    request.audit.user = pseudonymOf(scope.vault, seat.userId)
    const ticket = scope.insideCallers.admitAdministrator(seat)
    await askInside(scope, request, ticket, { method: 'DELETE', path: '/admin/session' })
    dropSession(scope, reply)
    return reply.redirect(ENTER, 303)
  })
}

export interface SignedOn {
  userId: string
  authTime: number
}

export const keyOf = ({ userId, authTime }: SignedOn) => `${userId}:${authTime}`

/** Opens the session by the code, at the API, which counts wrong ones. → null, or why not. */
async function open(
  app: FastifyInstance,
  request: FastifyRequest,
  administrator: { userId: string; session: string },
  code: string,
): Promise<{ status: number; problem: Problem } | null> {
  const { userId, session } = administrator
  if (!app.settings.secondFactor) {
    await app.administrators.require(userId, 'second-factor.own')
    const place = { tokenHash: session, addressHash: addressHashOf(app.vault, request.ip) }
    await openAdminSession(app.database, { userId, ...place, expiresAt: Number.POSITIVE_INFINITY }, Date.now())
    return null
  }
  const ticket = app.insideCallers.admitAdministrator(administrator)
  const answer = await askInside(app, request, ticket, { method: 'POST', path: '/admin/session', body: { code } })
  return answer.ok ? null : answer
}

/** What stands at the door: signing on, the code, or that he is no administrator. */
async function atDoor(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  to: string,
  refusal: { status: number; problem: Problem } | null,
): Promise<FastifyReply> {
  const signedOn = await app.sessions.read(request)
  if (!signedOn) return drawAtDoor(app, reply, '', { title: '管理控制台', status: 401, blocks: strangerBlocks(app, to) })
  request.audit.user = pseudonymOf(app.vault, signedOn.userId)
  const role = await app.administrators.require(signedOn.userId, 'second-factor.own')
  const who = await nameOf(app, signedOn.userId)
  const blocks: Block[] = [
    ...(refusal ? [trouble(refusal.problem)] : []),
    {
      kind: 'facts',
      rows: [
        ['姓名', who],
        ['管理角色', adminRoles[role]],
      ],
    },
    codeForm(app.settings.secondFactor, to),
    ...(app.settings.secondFactor ? [enrolLink(to)] : []),
  ]
  return drawAtDoor(app, reply, keyOf(signedOn), { title: '进入管理控制台', status: refusal?.status ?? 200, blocks })
}

function strangerBlocks({ signOn }: FastifyInstance, to: string): Block[] {
  if (signOn === null) return [{ kind: 'note', tone: 'bad', title: '统一登录尚未接通', lines: ['管理控制台须先以统一登录确认身份。'] }]
  const back = `${ENTER}?${new URLSearchParams({ to })}`
  return [
    {
      kind: 'note',
      tone: 'note',
      title: '请先登录',
      lines: ['管理控制台只供管理员使用：先以统一登录确认身份，再输入身份验证器的动态验证码。'],
    },
    { kind: 'links', links: [{ text: '去登录', href: `/sign-on/start?${new URLSearchParams({ return: back })}` }] },
  ]
}

/** For whoever has been appointed and has no authenticator yet. */
const enrolLink = (to: string): Block => ({
  kind: 'links',
  links: [{ text: '还没有登记身份验证器', href: `${CONSOLE}/enrol?${new URLSearchParams({ to })}` }],
})

function codeForm(withCode: boolean, to: string): Form {
  const code = { name: 'code', label: '身份验证器显示的六位数字', type: 'code', required: true, maxLength: 6 } as const
  return {
    ...{ kind: 'form', action: ENTER, button: '进入' },
    fields: [...(withCode ? [code] : []), { name: 'to', label: '', type: 'hidden', value: to }],
  }
}

/** → the path, if it is one of the console. Throws HUB_RETURN_INVALID. */
export function consolePath(text: string): string {
  const path = localPath(text)
  const { pathname } = new URL(path, 'http://hub.invalid')
  if (pathname !== CONSOLE && !pathname.startsWith(`${CONSOLE}/`)) throw new HubError('HUB_RETURN_INVALID')
  return path
}
