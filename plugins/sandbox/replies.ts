import { flatten } from './addresses.ts'
import { type Answers, findSubject, type Params, somebodyElse } from './answers.ts'
import { distort } from './distortions.ts'
import type { Active } from './faults.ts'
import type { Questions } from './questions.ts'
import type { SandboxService, ServiceIndex } from './services.ts'
import type { Submissions } from './submissions.ts'
import { type Reply, wrap } from './wrapping.ts'

/** → body of the answer to a call that a gateway has let pass: the business system behind all of them. */
export type Replies = (sid: string, method: string, params: Params, faults: Active) => string

export function createReplies(services: ServiceIndex, answers: Answers, submissions: Submissions, questions: Questions): Replies {
  function answer(offered: readonly SandboxService[], service: SandboxService, method: string, params: Params, faults: Active): Reply {
    if (service.contract.submission) {
      if (method === 'GET') return submissions.status(offered, params)
      if (faults.has('refuse-submission')) return { refusal: '申请材料不全，不予受理' }
      return submissions.file(service, params, { rejected: faults.has('reject-submission') })
    }
    const policy = service.contract.upstream?.async
    if (policy) return questions.ask(offered, service, policy, params, faults)
    const found = answers.find(service, params)
    const subject = faults.has('wrong-person') ? findSubject(service, params) : null
    return subject ? { ...found, rows: answers.rowsOf(service, somebodyElse(subject)).slice(0, found.rows.length) } : found
  }

  return function reply(sid, method, given, faults) {
    const params = flatten(given)
    const offered = services.get(sid) ?? []
    const service = offered.find((candidate) => candidate.sid === sid) ?? (offered[0] as SandboxService)
    const found = answer(offered, service, method, params, faults)
    return wrap(service, 'rows' in found ? { ...found, rows: distort(found.rows, service.contract.fields, faults) } : found, faults)
  }
}
