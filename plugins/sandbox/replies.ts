import type { Asynchronous } from '../../core/connector.ts'
import { type Answers, findSubject, type Params, somebodyElse } from './answers.ts'
import { distort } from './distortions.ts'
import type { Active } from './faults.ts'
import type { SandboxService, ServiceIndex } from './services.ts'
import type { Submissions } from './submissions.ts'
import { type Reply, wrap } from './wrapping.ts'

/** → body of the answer to a call that a gateway has let pass: the business system behind all of them. */
export type Replies = (sid: string, method: string, params: Params, faults: Active) => string

export function createReplies(services: ServiceIndex, answers: Answers, submissions: Submissions): Replies {
  function answer(offered: readonly SandboxService[], service: SandboxService, method: string, params: Params, faults: Active): Reply {
    if (service.contract.submission) {
      if (method === 'GET') return submissions.status(offered, params)
      if (faults.has('refuse-submission')) return { refusal: '申请材料不全，不予受理' }
      return submissions.file(service, params, { rejected: faults.has('reject-submission') })
    }
    if (service.contract.upstream?.async) return later(service, service.contract.upstream.async, params)
    const found = answers.find(service, params)
    const subject = faults.has('wrong-person') ? findSubject(service, params) : null
    return subject ? { ...found, rows: answers.rowsOf(service, somebodyElse(subject)).slice(0, found.rows.length) } : found
  }

  const questions = new Map<string, { params: Params; looks: number }>()

  /** Takes a question, is still at work at the first look, and has the answer at the second. */
  function later(service: SandboxService, { number, state, running, done, rows }: Asynchronous, params: Params): Reply {
    const asked = questions.get(String(params[number]))
    if (!asked && params[number] !== undefined) return { rows: [], total: null }
    const key = asked ? String(params[number]) : `CX${questions.size + 1}`
    if (asked) asked.looks++
    else questions.set(key, { params, looks: 0 })
    const ready = asked !== undefined && asked.looks > 1
    const row = { [number]: key, [state]: ready ? done[0] : running[0] }
    return { rows: [ready ? { ...row, [rows]: answers.find(service, asked.params).rows } : row], total: null }
  }

  return function reply(sid, method, params, faults) {
    const offered = services.get(sid) ?? []
    const service = offered.find((candidate) => candidate.sid === sid) ?? (offered[0] as SandboxService)
    const found = answer(offered, service, method, params, faults)
    return wrap(service, 'rows' in found ? { ...found, rows: distort(found.rows, service.contract.fields, faults) } : found, faults)
  }
}
