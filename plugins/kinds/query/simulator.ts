import type { CreateSimulator } from '../simulation.ts'
import { createQuestions } from './questions.ts'

/** An agency's answers to questions, at once or later. */
export const simulateQueries: CreateSimulator = (simulation) => {
  const questions = createQuestions(simulation)
  return {
    answer({ offered, service, params, faults }) {
      const policy = service.contract.upstream?.async
      if (policy) return questions.ask(offered, service, policy, params, faults)
      const found = simulation.find(service, params)
      const subject = faults.has('wrong-person') ? simulation.findSubject(service, params) : null
      if (!subject) return found
      // As many as there are of the asker's, and where there are none, all that the other has.
      const others = simulation.rowsOf(service, simulation.somebodyElse(subject))
      return { ...found, rows: found.rows.length === 0 ? others : others.slice(0, found.rows.length) }
    },
    counts: questions.looks,
  }
}
