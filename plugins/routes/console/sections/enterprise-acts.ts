import { momentOf, pathOf } from '../../../console/parts.ts'
import type { Desk, Typed, Visit } from '../../../console/section.ts'
import { acted, textOf } from './acted.ts'
import { enterprisePage } from './enterprise-page.ts'

const ASKED = '已提出申请，由另一位管理员确认后办理。'

/** What an administrator does with an enterprise; the API says whether he may. */
export function enterpriseActs(desk: Desk): void {
  for (const [act, said] of [
    ['freeze', '已冻结。'],
    ['unfreeze', '已解冻。'],
  ] as const)
    desk.act(`/enterprises/:id/${act}`, 'enterprises.freeze', (visit, typed) => send(visit, typed, 'POST', `/${act}`, {}, said))
  desk.act('/enterprises/:id/change', 'enterprises.change', (visit, typed) =>
    send(visit, typed, 'PATCH', '', { ...factsIn(typed), version: textOf(typed, 'version') }, ASKED),
  )
  desk.act('/enterprises/:id/representative', 'enterprises.change', (visit, typed) => {
    const body = { userId: textOf(typed, 'userId'), endsAt: momentOf(textOf(typed, 'endsAt')) }
    return send(visit, typed, 'POST', '/representative', body, ASKED)
  })
  desk.act('/enterprises/:id/delete', 'enterprises.change', (visit, typed) =>
    send(visit, typed, 'POST', '/delete', { version: textOf(typed, 'version') }, ASKED),
  )
}

/** What a form says of an enterprise; empty for nothing. */
export function factsIn(typed: Typed): { name: string; registeredState: string | null; establishedOn: string | null } {
  const text = (name: string) => textOf(typed, name)
  return { name: text('name'), registeredState: text('registeredState') || null, establishedOn: text('establishedOn') || null }
}

function send(visit: Visit, typed: Typed, method: 'POST' | 'PATCH', path: string, body: object, said: string) {
  const whole = `${pathOf`/admin/enterprises/${visit.part('id')}`}${path}`
  const question = { method, path: whole, body: { ...body, purpose: textOf(typed, 'purpose') } }
  return acted(visit, question, said, enterprisePage)
}
