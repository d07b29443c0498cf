import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Answer, askInside, type Question } from '../access/asking.ts'
import type { Visitor } from './visitor.ts'

/** Asks a route of the hub within this process, as the one who looks at the page, or as nobody. */
export function ask(app: FastifyInstance, request: FastifyRequest, visitor: Visitor | null, question: Question): Promise<Answer> {
  return askInside(app, request, visitor === null ? null : app.insideCallers.admit(visitor), question)
}
