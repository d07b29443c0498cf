import type { FastifyInstance, FastifyReply } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { ask } from '../../hall/asking.ts'
import { hallPage, leavingPage } from '../../hall/pages.ts'
import { refusalNote } from '../../hall/trouble.ts'
import { nameOf, sealOf } from '../../hall/visitor.ts'
import { pathPart } from '../../route-kit/kit.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { sendPage } from '../../web/answer.ts'
import { escapeHtml } from '../../web/page.ts'
import { askWho, assertSeal, whoLooks } from './place.ts'

/** `/hall/accounts/<connector>`: binding one's account at an agency, by its number or at the agency's own log-in. */
export function bindingRoutes(scope: FastifyInstance, options: object): void {
  const path = '/hall/accounts/:connector'
  const connectorOf = (id: string) => {
    const found = scope.connectors.find((connector) => connector.id === id && connector.accounts)
    if (!found?.accounts) throw new HubError('HUB_SERVICE_UNKNOWN')
    return { ...found, accounts: found.accounts }
  }

  scope.get(path, { ...options, schema: { hide: true } }, async (request, reply) => {
    const { id, name, agency, accounts } = connectorOf(pathPart(request, 'connector'))
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const seal = sealOf(scope, visitor, `/hall/accounts/${id}`)
    const number = accounts.accountNumber
    const field = number
      ? `<label class="field" for="in-number">${escapeHtml(number.title)}<input id="in-number" name="accountNumber" maxlength="64" required autocomplete="off"></label>`
      : ''
    const words = accounts.oauth ? '转到对方的登录页面，同意后即绑定。' : '绑定后，可以查询和办理这个账户的业务。'
    return sendPage(
      reply,
      hallPage(
        `绑定账户：${name}`,
        await nameOf(scope, visitor),
        `<p>${escapeHtml(agency)}。${words}</p><form method="post" action="/hall/accounts/${id}"><input type="hidden" name="seal" value="${seal}">${field}<button>绑定</button></form>`,
      ),
    )
  })

  scope.post(path, { ...options, schema: { hide: true } }, async (request, reply) => {
    const { id, name, accounts } = connectorOf(pathPart(request, 'connector'))
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const sent = typedIn(request.body)
    assertSeal(scope, visitor, `/hall/accounts/${id}`, sent)
    const number = sent['accountNumber']?.[0]
    const byAgency = accounts.oauth && number === undefined
    const done = await ask(scope, request, visitor, {
      method: 'POST',
      path: `/v1/me/accounts/${id}${byAgency ? '/authorise' : ''}`,
      body: number === undefined ? {} : { accountNumber: number },
    })
    const who = await nameOf(scope, visitor)
    if (!done.ok) return sendPage(reply.code(done.status), hallPage(`绑定账户：${name}`, who, refusalNote(done.problem, undefined, false)))
    if (!byAgency) return sendPage(reply, hallPage('绑定成功', who, `<p class="good">账户已绑定：${escapeHtml(name)}。</p>`))
    return leave(reply, done.headers['set-cookie'], (done.data as { url: string }).url)
  })
}

/** The agency's log-in wants to find the browser that set out. */
function leave(reply: FastifyReply, cookie: unknown, url: string): FastifyReply {
  for (const each of [cookie].flat()) if (typeof each === 'string') reply.header('set-cookie', each)
  return sendPage(reply, leavingPage(url))
}
