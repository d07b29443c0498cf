import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HubError, type Problem } from '../../../../core/base/errors.ts'
import { isId } from '../../../../core/base/ids.ts'
import type { Answer, Question } from '../../../access/asking.ts'
import { ask } from '../../../hall/asking.ts'
import { refusalNote } from '../../../hall/trouble.ts'
import { nameOf, sealOf, type Visitor } from '../../../hall/visitor.ts'
import { pathId } from '../../../route-kit/kit.ts'
import { typedIn } from '../../../route-kit/typed-in.ts'
import { sendPage } from '../../../web/answer.ts'
import { escapeHtml, page } from '../../../web/page.ts'
import { wayOn } from '../../../web/parts.ts'
import { assertSeal, whoLooks } from '../../hall/place.ts'

/** Whoever looks at a page, and what he sees there: all of it is asked of the API, as himself. */
export interface Seat {
  request: FastifyRequest
  reply: FastifyReply
  visitor: Visitor
  /** Path of the page, to which its forms are sent and bound. */
  path: string
  ask(question: Question): Promise<Answer>
  /** Data of a GET, or a {@link Turned} that ends the page. */
  read<T>(path: string): Promise<{ data: T; meta: Record<string, unknown> }>
  /** A form of this page, whose button does `deed`; `fields` is HTML, `label` what of several the button is for. */
  form(deed: string, fields: string, button: string, options?: { about?: Readonly<Record<string, string>>; label?: string }): string
  send(title: string, body: string): Promise<FastifyReply>
}

/** What the API refused while a page was made. */
export class Turned extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.problem = problem
  }
}

/** What was typed, each name once. */
export type Sent = Readonly<Record<string, string>>
export type Show = (seat: Seat, told: string) => Promise<FastifyReply>

const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`

/** The path of the page as its ids say, each spelt as one; nothing else of the address is used. */
export function pathOf(request: FastifyRequest): { id: string; applicationId: string; partner: string; application: string } {
  const [id, applicationId] = [pathId(request, 'id'), pathId(request, 'applicationId')]
  const partner = `/partners/${id}`
  return { id, applicationId, partner, application: `${partner}/applications/${applicationId}` }
}

/** An id that a form names, to stand in a path. Throws HUB_VALIDATION. */
export function idIn(sent: Sent, name: string): string {
  const id = sent[name] ?? ''
  if (!isId(id)) throw new HubError('HUB_VALIDATION')
  return id
}

/** Which page of a list the address asks for. */
export function numberIn({ request }: Seat): number {
  const number = Number(typedIn(request.query)['page']?.[0] ?? 1)
  return Number.isInteger(number) && number >= 1 && number <= 100_000 ? number : 1
}

/** Shows a page to whoever signed on, and asks everybody else to. */
export async function seated(
  scope: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  show: (seat: Seat) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const visitor = await whoLooks(scope, request)
  if (!visitor) return sendPage(reply.code(401), strangerPage(path, scope.signOn !== null))
  const seat: Seat = {
    ...{ request, reply, visitor, path },
    ask: (question) => ask(scope, request, visitor, question),
    async read<T>(address: string) {
      const answer = await seat.ask({ method: 'GET', path: address })
      if (!answer.ok) throw new Turned(answer.problem)
      return { data: answer.data as T, meta: answer.meta }
    },
    form(deed, fields, button, { about = {}, label } = {}) {
      const ties = Object.entries({ seal: sealOf(scope, visitor, path), do: deed, ...about }).map(([name, value]) => hidden(name, value))
      const named = label === undefined ? '' : ` class="second" aria-label="${escapeHtml(`${button}：${label}`)}"`
      return `<form method="post" action="${escapeHtml(path)}">${ties.join('')}${fields}<button${named}>${escapeHtml(button)}</button></form>`
    },
    async send(title, body) {
      const ways = '<p class="ways"><a href="/partners">我的接入方</a><a href="/docs/capabilities">能力文档</a></p>'
      return sendPage(reply, page(title, `${body}${ways}`, { home: true, wide: true, who: await nameOf(scope, visitor) }))
    },
  }
  try {
    return await show(seat)
  } catch (error) {
    if (!(error instanceof Turned)) throw error
    reply.code(error.problem.status)
    return seat.send('能力开放平台', refusalNote(error.problem, undefined, false))
  }
}

/** What a form of the page asks of the API, by the deed that its button names; `once` → HTML of what is shown this once. */
export type Deeds = Readonly<Record<string, { question(sent: Sent): Question; once?(data: unknown): string }>>

/**
 * Does what a form says, as whoever sent it, and goes back to the page; what the API answers only once is shown at once.
 * Throws HUB_VALIDATION for a form that he was not shown.
 */
export async function takeDeed(scope: FastifyInstance, seat: Seat, deeds: Deeds, show: Show): Promise<FastifyReply> {
  const { request, reply, visitor, path } = seat
  const typed = typedIn(request.body)
  assertSeal(scope, visitor, path, typed)
  const sent = Object.fromEntries(Object.entries(typed).map(([name, [value = '']]) => [name, value.trim()]))
  const deed = new Map(Object.entries(deeds)).get(sent['do'] ?? '')
  if (!deed) return reply.redirect(path, 303)
  const done = await seat.ask(deed.question(sent))
  if (!done.ok) {
    reply.code(done.status)
    return show(seat, refusalNote(done.problem, undefined, false))
  }
  return deed.once ? show(seat, `<div class="good" role="status">${deed.once(done.data)}</div>`) : reply.redirect(path, 303)
}

function strangerPage(path: string, signsOn: boolean): string {
  const way = signsOn ? wayOn(`/sign-on/start?return=${encodeURIComponent(path)}`, '登录') : ''
  return page(
    '请先登录',
    `<p class="note">接入方的页面给其成员使用，请以本人身份登录。</p>${way}${wayOn('/partners/apply', '还不是接入方，去申请')}`,
    {
      home: true,
    },
  )
}
