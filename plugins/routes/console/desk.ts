import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { askInside, streamInside } from '../../access/asking.ts'
import { type Chart, saysNothing } from '../../charts/chart.ts'
import type { Block, ConsolePage } from '../../console/blocks.ts'
import { assertTicket, type FormTicket, useTicket } from '../../console/forms.ts'
import { trouble } from '../../console/parts.ts'
import { type Desk, Refused, type Section, type Typed, type Visit } from '../../console/section.ts'
import { type Seat, seatOf } from '../../console/session.ts'
import { pathPart, queryPart } from '../../route-kit/kit.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { mayDo, type Permission } from '../../users/roles.ts'
import { pseudonymOf } from '../../users/users.ts'
import { drawFor } from './drawing.ts'

/** The routes of one section. Who sits there, and in which role, is read from the store before anything of a page is made. */
export function createDesk(scope: FastifyInstance, section: Section, options: RouteShorthandOptions): Desk {
  const draw = (reply: FastifyReply, seat: Seat, page: ConsolePage) => drawFor(scope, reply, seat, section.path, page)

  /** What the API refuses is the page, under the section's name. */
  async function orRefusal(work: () => Promise<ConsolePage>): Promise<ConsolePage> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { status, problem } = error.refusal
      return { title: section.title, status, blocks: [trouble(problem), back] }
    }
  }
  const back = { kind: 'links', links: [{ text: `回到${section.title}`, href: section.path }] } as const

  function show(
    path: string,
    make: (visit: Visit) => Promise<ConsolePage>,
    before: (request: FastifyRequest, reply: FastifyReply) => void,
  ) {
    scope.get(`/console${path}`, options, async (request, reply) => {
      before(request, reply)
      const seat = await seatOf(scope, request)
      if (!seat) return reply.redirect(`/console/enter?${new URLSearchParams({ to: request.url })}`, 303)
      admit(scope, request, seat, section.permission)
      return draw(reply, seat, await orRefusal(() => make(visitOf(scope, request, seat))))
    })
  }

  return {
    page(path, make) {
      show(path, make, () => undefined)
    },
    board(path, seconds, make) {
      // Said before anything can go wrong: a screen on a wall has nobody who would open it again.
      show(path, make, (request, reply) => {
        if (queryPart(request, 'refresh') !== 'off') reply.header('refresh', String(seconds))
      })
    },
    act(path, permission, work) {
      scope.post(`/console${path}`, options, async (request, reply) => {
        const { seat, typed, ticket } = await sentBy(scope, request)
        admit(scope, request, seat, permission)
        if (!(await useTicket(scope, ticket)))
          return draw(reply, seat, { title: section.title, ...ALREADY, blocks: [...ALREADY.blocks, back] })
        const page = await orRefusal(async () => {
          const { page, said } = await work(visitOf(scope, request, seat), typed)
          return said === null ? page : { ...page, blocks: [{ kind: 'note', tone: 'good', title: said } as const, ...page.blocks] }
        })
        return draw(reply, seat, page)
      })
    },
    file(path, permission, question) {
      scope.get(`/console${path}`, options, async (request, reply) => {
        const seat = await seatOf(scope, request)
        if (!seat) throw new HubError('HUB_SECOND_FACTOR_REQUIRED')
        admit(scope, request, seat, permission)
        const asked = question(visitOf(scope, request, seat))
        const answer = await streamInside(scope, request, scope.insideCallers.admitAdministrator(seat), asked)
        if (!answer.ok) return draw(reply, seat, { title: section.title, status: answer.status, blocks: [trouble(answer.problem), back] })
        for (const name of FILE_HEADERS) if (answer.headers[name] !== undefined) reply.header(name, answer.headers[name])
        return reply.send(answer.stream)
      })
    },
  }
}

/** An empty chart takes a line, not its room. */
function drawnOf(chart: Chart, svg: string): Block {
  if (saysNothing(chart)) return { kind: 'words', text: `${chart.title}：没有数据。` }
  return { kind: 'drawing', caption: chart.title, svg }
}

const FILE_HEADERS = ['content-type', 'content-disposition']
const ALREADY = {
  status: 409,
  blocks: [{ kind: 'note', tone: 'note', title: '这个表单已经提交过，没有再做一次。', lines: ['要再做一次，请重新打开页面。'] }],
} as const

function admit(app: FastifyInstance, request: FastifyRequest, { userId, role }: Seat, permission: Permission): void {
  request.audit.user = pseudonymOf(app.vault, userId)
  if (!mayDo(role, permission)) throw new HubError('HUB_ROLE_REQUIRED')
}

/** A form of the one who sits here. Throws for one without a session, or that he was not shown for this path. */
export async function sentBy(app: FastifyInstance, request: FastifyRequest): Promise<{ seat: Seat; typed: Typed; ticket: FormTicket }> {
  const seat = await seatOf(app, request)
  if (!seat) throw new HubError('HUB_SECOND_FACTOR_REQUIRED')
  const typed = typedIn(request.body)
  const ticket = ticketIn(typed)
  assertTicket(app, seat.session, pathOf(request), ticket)
  return { seat, typed, ticket }
}

export const ticketIn = (typed: Typed): FormTicket => ({ number: typed['number']?.[0] ?? '', seal: typed['seal']?.[0] ?? '' })

const pathOf = ({ url }: FastifyRequest) => url.split('?', 1)[0] ?? ''

function visitOf(app: FastifyInstance, request: FastifyRequest, seat: Seat): Visit {
  const ask: Visit['ask'] = (question) => askInside(app, request, app.insideCallers.admitAdministrator(seat), question)
  const query = (name: string) => [queryPart(request, name)].flat().find((each) => typeof each === 'string') ?? ''
  return {
    seat,
    part: (name) => pathPart(request, name),
    query,
    given: (...names) => Object.fromEntries(names.flatMap((name) => (query(name) === '' ? [] : [[name, query(name)]]))),
    may: (permission) => mayDo(seat.role, permission),
    ask,
    async get<T>(path: string) {
      const answer = await ask({ method: 'GET', path })
      if (!answer.ok) throw new Refused(answer)
      return { data: answer.data as T, meta: answer.meta }
    },
    async charts(charts) {
      try {
        const drawn = await app.charts.draw(seat.userId, charts)
        return charts.map((chart, index) => drawnOf(chart, drawn[index] ?? ''))
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        return [{ kind: 'note', tone: 'note', title: '图表暂时画不出来，请稍后刷新。' }]
      }
    },
  }
}
