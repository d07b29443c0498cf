import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { HubError, type Problem } from '../../../core/base/errors.ts'
import { askInside } from '../../access/asking.ts'
import type { Block, ConsolePage, Field, Form } from '../../console/blocks.ts'
import { assertTicket } from '../../console/forms.ts'
import { trouble } from '../../console/parts.ts'
import type { Typed } from '../../console/section.ts'
import { keepSession, newSession } from '../../console/session.ts'
import { queryPart } from '../../route-kit/kit.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { pseudonymOf } from '../../users/users.ts'
import { qrOf } from '../../workshop/qr.ts'
import { ticketIn } from './desk.ts'
import { drawAtDoor } from './drawing.ts'
import { CONSOLE, consolePath, keyOf, type SignedOn } from './enter.ts'

const ENROL = `${CONSOLE}/enrol`
const CONFIRM = `${ENROL}/confirmation`
/** Light around the squares, which readers need (ISO/IEC 18004 §9.1). */
const QUIET = 4

/**
 * How an administrator without an authenticator gets one: by the browser's sign-on and the code that somebody else handed to him. What
 * is shown is shown once; its first code confirms it and lets him in.
 */
export function enrolRoutes(scope: FastifyInstance, options: RouteShorthandOptions): void {
  scope.get(ENROL, options, async (request, reply) => {
    const signedOn = await scope.sessions.read(request)
    const to = consolePath(String(queryPart(request, 'to') ?? CONSOLE))
    if (!signedOn) return reply.redirect(`${CONSOLE}/enter?${new URLSearchParams({ to })}`, 303)
    request.audit.user = pseudonymOf(scope.vault, signedOn.userId)
    await scope.administrators.require(signedOn.userId, 'second-factor.own')
    return drawAtDoor(scope, reply, keyOf(signedOn), begin(to))
  })

  scope.post(ENROL, options, async (request, reply) => {
    const { signedOn, typed, to } = await sentAtDoor(scope, request, ENROL)
    const body = { enrolmentCode: (typed['enrolmentCode']?.[0] ?? '').trim() }
    const answer = await askAsAdministrator(scope, request, signedOn, newSession(scope).session, '/admin/second-factor', body)
    const key = keyOf(signedOn)
    if (!answer.ok) return drawAtDoor(scope, reply, key, refused(begin(to), answer))
    return drawAtDoor(scope, reply, key, shown(answer.data as { secret: string; uri: string }, to))
  })

  scope.post(CONFIRM, options, async (request, reply) => {
    const { signedOn, typed, to } = await sentAtDoor(scope, request, CONFIRM)
    const { value, session } = newSession(scope)
    const body = { code: (typed['code']?.[0] ?? '').trim() }
    const answer = await askAsAdministrator(scope, request, signedOn, session, '/admin/second-factor/confirmation', body)
    if (!answer.ok) return drawAtDoor(scope, reply, keyOf(signedOn), refused(again(to), answer))
    keepSession(scope, reply, value)
    return letIn(reply, to)
  })
}

const letIn = (reply: FastifyReply, to: string) => reply.redirect(to, 303)

/** What an administrator who has still to come in has sent. Throws for a form that he was not shown for this path. */
async function sentAtDoor(
  app: FastifyInstance,
  request: FastifyRequest,
  action: string,
): Promise<{ signedOn: SignedOn; typed: Typed; to: string }> {
  const typed = typedIn(request.body)
  const signedOn = await app.sessions.read(request)
  if (!signedOn) throw new HubError('HUB_TOKEN_MISSING')
  request.audit.user = pseudonymOf(app.vault, signedOn.userId)
  assertTicket(app, keyOf(signedOn), action, ticketIn(typed))
  return { signedOn, typed, to: consolePath(typed['to']?.[0] ?? CONSOLE) }
}

/** `session`: what the store would know his session by, once a code confirms the authenticator. */
function askAsAdministrator(
  app: FastifyInstance,
  request: FastifyRequest,
  { userId }: SignedOn,
  session: string,
  path: string,
  body: object,
) {
  return askInside(app, request, app.insideCallers.admitAdministrator({ userId, session }), { method: 'POST', path, body })
}

const refused = (page: ConsolePage, { status, problem }: { status: number; problem: Problem }): ConsolePage => ({
  ...page,
  status,
  blocks: [trouble(problem), ...page.blocks],
})

const hidden = (to: string): Field => ({ name: 'to', label: '', type: 'hidden', value: to })
const back = (to: string): Block => ({
  kind: 'links',
  links: [{ text: '已经登记过', href: `${CONSOLE}/enter?${new URLSearchParams({ to })}` }],
})

function begin(to: string): ConsolePage {
  const field: Field = {
    ...{ name: 'enrolmentCode', label: '登记码', type: 'text', required: true, maxLength: 40 },
    hint: '任命时由另一位管理员当面或电话告知，24 小时内有效',
  }
  const form: Form = { kind: 'form', action: ENROL, button: '登记', fields: [field, hidden(to)] }
  return { title: '登记身份验证器', blocks: [form, back(to)] }
}

function confirmForm(to: string): Form {
  const code: Field = { name: 'code', label: '身份验证器显示的六位数字', type: 'code', required: true, maxLength: 6 }
  return { kind: 'form', action: CONFIRM, title: '确认', button: '确认并进入', fields: [code, hidden(to)] }
}

function shown({ secret, uri }: { secret: string; uri: string }, to: string): ConsolePage {
  return {
    title: '扫描二维码',
    blocks: [
      { kind: 'words', text: '用手机上的身份验证器扫描；不能扫描的，手工输入密钥。离开本页就不再显示。' },
      { kind: 'drawing', caption: '身份验证器的二维码', svg: drawQr(uri) },
      { kind: 'facts', rows: [['密钥', secret.replace(/(.{4})(?=.)/g, '$1 ')]] },
      confirmForm(to),
    ],
  }
}

/** After a wrong code: what was shown is not shown again. */
const again = (to: string): ConsolePage => ({
  title: '确认身份验证器',
  blocks: [
    confirmForm(to),
    { kind: 'links', links: [{ text: '没有扫描成功，重新登记', href: `${ENROL}?${new URLSearchParams({ to })}` }] },
  ],
})

/** Dark squares on white in any scheme, as readers want them. */
function drawQr(text: string): string {
  const { size, modules } = qrOf(text)
  const squares = Array.from(modules, (dark, at) =>
    dark === '1' ? `M${(at % size) + QUIET} ${Math.floor(at / size) + QUIET}h1v1h-1z` : '',
  )
  const side = size + 2 * QUIET
  return `<svg xmlns="http://www.w3.org/2000/svg" class="code" viewBox="0 0 ${side} ${side}" role="img" aria-label="身份验证器的二维码" shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/><path fill="#000" d="${squares.join('')}"/></svg>`
}
