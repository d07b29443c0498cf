import type { Asynchronous, SandboxRow } from '../../../core/contract/types.ts'
import type { ActiveFaults as Active, Params, Reply, SandboxService, Simulation } from '../simulation.ts'

/** Questions that the agencies have taken in and answer later. */
export interface Questions {
  /**
   * Takes a question, is still at work when its number is first looked up, and has the answer the second time.
   * `offered`: the services whose results are fetched where the number was looked up.
   */
  ask(offered: readonly SandboxService[], service: SandboxService, policy: Asynchronous, params: Params, faults: Active): Reply
  /** Number → how often it was looked up. */
  looks(): ReadonlyMap<string, number>
}

interface Question {
  service: SandboxService
  params: Params
  looks: number
  /** What was wrong when it was taken in stays wrong with it. */
  faults: Active
}

/** As an agency forgets what was never fetched. */
const REMEMBERED = 1000
const NOTHING: Reply = { rows: [], total: null }

export function createQuestions({ find, findSubject, rowsOf: allRowsOf, somebodyElse, distort }: Simulation): Questions {
  const questions = new Map<string, Question>()
  let taken = 0

  function apply(service: SandboxService, { number, state, running }: Asynchronous, params: Params, faults: Active): Reply {
    const key = `CX${String(++taken).padStart(8, '0')}`
    questions.set(key, { service, params, looks: 0, faults })
    const [oldest] = questions.keys()
    if (questions.size > REMEMBERED && oldest !== undefined) questions.delete(oldest)
    return { rows: [{ [number]: key, [state]: running[0] }], total: null }
  }

  function rowsOf({ service, params, faults: taken }: Question, faults: Active): readonly SandboxRow[] {
    const found = find(service, params).rows
    const isMixedUp = taken.has('wrong-person') || faults.has('wrong-person')
    const subject = isMixedUp ? findSubject(service, params) : null
    const rows = subject ? allRowsOf(service, somebodyElse(subject)).slice(0, found.length) : found
    return distort(rows, service.contract.fields, new Map([...taken.keys(), ...faults.keys()].map((kind) => [kind, true])))
  }

  return {
    ask(offered, service, policy, params, faults) {
      const { number, state, running, done, refused, rows } = policy
      if (params[number] === undefined) return apply(service, policy, params, faults)
      const key = String(params[number])
      const question = questions.get(key)
      if (!question || !offered.includes(question.service)) return NOTHING
      question.looks++
      const ready = question.looks > 1
      if (ready && question.faults.has('refuse-later')) return { rows: [{ [number]: key, [state]: refused[0] }], total: null }
      if (!ready || question.faults.has('never-ready')) return { rows: [{ [number]: key, [state]: running.at(-1) }], total: null }
      return { rows: [{ [number]: key, [state]: done[0], [rows]: rowsOf(question, faults) }], total: null }
    },
    looks: () => new Map([...questions].map(([key, { looks }]) => [key, looks])),
  }
}
