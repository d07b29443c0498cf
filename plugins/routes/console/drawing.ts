import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ConsolePage } from '../../console/blocks.ts'
import { issueTicket } from '../../console/forms.ts'
import type { Seat } from '../../console/session.ts'
import { CONSOLE_POLICY } from '../../console/style.ts'
import { type Frame, viewOf } from '../../console/view.ts'
import { adminRoles, mayDo } from '../../users/roles.ts'
import { sections } from './sections/index.ts'

/** Draws a page for whoever sits here. `path`: of the section that the page is of. */
export function drawFor(app: FastifyInstance, reply: FastifyReply, seat: Seat, path: string, page: ConsolePage): FastifyReply {
  const { name, role, session } = seat
  const seen = sections.filter(({ permission }) => mayDo(role, permission))
  return draw(reply, page, {
    who: `${name} · ${adminRoles[role]}`,
    sections: seen.map((section) => ({ path: section.path, title: section.title, current: section.path === path })),
    ticket: (action) => issueTicket(app, session, action),
  })
}

/** Draws a page for whoever has still to come in. `key`: what his forms are bound to. */
export function drawAtDoor(app: FastifyInstance, reply: FastifyReply, key: string, page: ConsolePage): FastifyReply {
  return draw(reply, page, { who: null, sections: [], ticket: (action) => issueTicket(app, key, action) })
}

function draw(reply: FastifyReply, page: ConsolePage, frame: Frame): FastifyReply {
  reply.code(page.status ?? 200).header('content-security-policy', CONSOLE_POLICY)
  return reply.view(page.board ? 'board' : 'page', viewOf(page, frame))
}
