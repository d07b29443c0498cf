import type { Question } from '../../../access/asking.ts'
import type { ConsolePage } from '../../../console/blocks.ts'
import { trouble } from '../../../console/parts.ts'
import type { Done, Typed, Visit } from '../../../console/section.ts'

/** Asks the API to do something, and shows the page again as it is then: with what was done, or why it was not. */
export async function acted(visit: Visit, question: Question, said: string, show: (visit: Visit) => Promise<ConsolePage>): Promise<Done> {
  const answer = await visit.ask(question)
  const page = await show(visit)
  if (answer.ok) return { said, page }
  return { said: null, page: { ...page, status: answer.status, blocks: [trouble(answer.problem), ...page.blocks] } }
}

/** What was typed into a field, without spaces around it; empty for nothing. */
export const textOf = (typed: Typed, name: string): string => (typed[name]?.[0] ?? '').trim()
