import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { ID_PROBLEM, isId } from '../../../core/base/ids.ts'
import { ask } from '../../hall/asking.ts'
import {
  type Asked,
  askingForm,
  type Entry,
  entryFacts,
  entryList,
  filterForm,
  type LedgerMeta,
  questionList,
  statisticsForm,
} from '../../hall/ledger-page.ts'
import { hallPage } from '../../hall/pages.ts'
import { logInList, type ShownLogIn } from '../../hall/sessions-page.ts'
import { refusalNote } from '../../hall/trouble.ts'
import { nameOf, sealOf, type Visitor } from '../../hall/visitor.ts'
import { ENTRY_ID } from '../../operations/ledger/read.ts'
import { questionKinds } from '../../operations/ledger/states.ts'
import { useKinds } from '../../operations/ledger/uses.ts'
import { pathPart, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { sendPage } from '../../web/answer.ts'
import { wayOn } from '../../web/parts.ts'
import { askWho, assertSeal, whoLooks } from './place.ts'

const LEDGER = '/hall/ledger'
const SESSIONS = '/hall/sessions'
const STATISTICS = '/hall/statistics-consent'
const DAY = '^(\\d{4}-\\d{2}-\\d{2})?$'

const filters = part.input({
  from: part.text('从', { pattern: DAY }),
  to: part.text('到', { pattern: DAY }),
  use: part.text('谁使用', { maxLength: 16, pattern: '^[a-z]*$' }),
  by: part.text('范围', { maxLength: 16, pattern: '^[a-z]*$' }),
  after: part.text('接着上一页', { maxLength: 80, pattern: '^[0-9a-f_-]*$' }),
})

/** What a citizen sees of himself: who used his data, and where he is logged in. */
export function ownRoutes(scope: FastifyInstance, options: object): void {
  ledgerRoutes(scope, options)
  statisticsRoute(scope, options)
  sessionRoutes(scope, options)
}

function ledgerRoutes(scope: FastifyInstance, options: object): void {
  const entrySchema = { hide: true, params: part.input({ id: part.text('记录编号', { pattern: ENTRY_ID, maxLength: 53 }) }, ['id']) }

  typed(scope).get(LEDGER, { ...options, schema: { hide: true, querystring: filters } }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const { from = '', to = '', use = '', by = '', after = '' } = request.query
    const span = { ...(from === '' ? {} : { from: `${from}T00:00:00+08:00` }), ...(to === '' ? {} : { to: `${to}T23:59:59.999+08:00` }) }
    const asked = { ...span, ...Object.fromEntries(Object.entries({ use, by, after }).filter(([, value]) => value !== '')) }
    const answer = await ask(scope, request, visitor, { method: 'GET', path: `/v1/me/ledger?${new URLSearchParams(asked)}` })
    const form = filterForm({ from, to, use, by }, useKinds)
    const title = '谁用了我的数据'
    const who = await nameOf(scope, visitor)
    if (!answer.ok)
      return sendPage(reply.code(answer.status), hallPage(title, who, `${form}${refusalNote(answer.problem, undefined, false)}`))
    const own = await ask(scope, request, visitor, { method: 'GET', path: '/v1/me/ledger-questions?pageSize=10' })
    const onTo = (next: string) => `${LEDGER}?${new URLSearchParams({ from, to, use, by, after: next })}`
    const list = entryList(answer.data as Entry[], answer.meta as unknown as LedgerMeta, onTo)
    const questions = questionList(own.ok ? (own.data as Asked[]) : [])
    return sendPage(reply, hallPage(title, who, `${form}${list}${questions}${await statisticsPart(scope, request, visitor)}`))
  })

  typed(scope).get(`${LEDGER}/:id`, { ...options, schema: entrySchema }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    return visitor ? showEntry(scope, request, reply, visitor) : askWho(scope, reply, null)
  })

  typed(scope).post(`${LEDGER}/:id`, { ...options, schema: entrySchema }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const { id } = request.params
    const sent = typedIn(request.body)
    assertSeal(scope, visitor, `${LEDGER}/${id}`, sent)
    const body = { kind: sent['kind']?.[0], text: sent['text']?.[0] }
    const done = await ask(scope, request, visitor, { method: 'POST', path: `/v1/me/ledger/${id}/questions`, body })
    if (!done.ok) return showEntry(scope, request, reply.code(done.status), visitor, refusalNote(done.problem, undefined, false))
    const words = '<p class="good" role="status">已收到，15 天内答复；有进展会发消息告诉您。</p>'
    return sendPage(reply, hallPage('已提交', await nameOf(scope, visitor), `${words}${wayOn(LEDGER, '返回“谁用了我的数据”')}`))
  })
}

async function statisticsPart(scope: FastifyInstance, request: FastifyRequest, visitor: Visitor): Promise<string> {
  const said = await ask(scope, request, visitor, { method: 'GET', path: '/v1/me/statistics-consent' })
  return said.ok ? statisticsForm(said.data as Parameters<typeof statisticsForm>[0], sealOf(scope, visitor, STATISTICS)) : ''
}

function statisticsRoute(scope: FastifyInstance, options: object): void {
  scope.post(STATISTICS, { ...options, schema: { hide: true } }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const sent = typedIn(request.body)
    assertSeal(scope, visitor, STATISTICS, sent)
    const method = sent['do']?.[0] === 'on' ? 'PUT' : 'DELETE'
    const done = await ask(scope, request, visitor, { method, path: '/v1/me/statistics-consent' })
    if (done.ok) return reply.redirect(LEDGER, 303)
    const refused = `${refusalNote(done.problem, undefined, false)}${wayOn(LEDGER, '返回')}`
    return sendPage(reply.code(done.status), hallPage('使用统计', await nameOf(scope, visitor), refused))
  })
}

async function showEntry(
  scope: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: Visitor,
  trouble = '',
): Promise<FastifyReply> {
  const id = pathPart(request, 'id')
  const found = await ask(scope, request, visitor, { method: 'GET', path: `/v1/me/ledger/${id}` })
  const who = await nameOf(scope, visitor)
  if (!found.ok) return sendPage(reply.code(found.status), hallPage('数据使用记录', who, refusalNote(found.problem)))
  const form = askingForm(id, sealOf(scope, visitor, `${LEDGER}/${id}`), questionKinds)
  return sendPage(reply, hallPage('数据使用记录', who, `${trouble}${entryFacts(found.data as Entry)}${form}${wayOn(LEDGER, '返回')}`))
}

function sessionRoutes(scope: FastifyInstance, options: object): void {
  const show = async (request: FastifyRequest, reply: FastifyReply, visitor: Visitor, told = '') => {
    const answer = await ask(scope, request, visitor, { method: 'GET', path: '/v1/me/sessions?pageSize=50' })
    const who = await nameOf(scope, visitor)
    if (!answer.ok) return sendPage(reply.code(answer.status), hallPage('登录记录', who, refusalNote(answer.problem)))
    const list = logInList(answer.data as ShownLogIn[], sealOf(scope, visitor, SESSIONS))
    return sendPage(reply, hallPage('登录记录', who, `${told}${list === '' ? '<p>没有记录。</p>' : list}`))
  }

  scope.get(SESSIONS, { ...options, schema: { hide: true } }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    return visitor ? show(request, reply, visitor) : askWho(scope, reply, null)
  })

  scope.post(SESSIONS, { ...options, schema: { hide: true } }, async (request, reply) => {
    const visitor = await whoLooks(scope, request)
    if (!visitor) return askWho(scope, reply, null)
    const sent = typedIn(request.body)
    assertSeal(scope, visitor, SESSIONS, sent)
    const id = sent['id']?.[0] ?? ''
    const isAll = sent['do']?.[0] === 'others'
    if (!isAll && !isId(id)) throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/id', detail: ID_PROBLEM }] })
    const path = isAll ? '?others=true' : `/${id}`
    const done = await ask(scope, request, visitor, { method: 'DELETE', path: `/v1/me/sessions${path}` })
    if (!done.ok) return show(request, reply.code(done.status), visitor, refusalNote(done.problem, undefined, false))
    return show(request, reply, visitor, '<p class="good" role="status">已结束。</p>')
  })
}
