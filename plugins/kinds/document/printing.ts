import type { FastifyInstance } from 'fastify'
import type { CompiledService } from '../../../core/call/service.ts'
import { formatsOf } from '../../openapi/query-schema.ts'
import type { Printing } from '../query/routes.ts'
import { assertWhole, titleOf } from './content.ts'

/** Whether a service's answer can be had as a printed document. */
export const isPrinted = ({ contract }: Pick<CompiledService, 'contract'>) => formatsOf(contract).includes('pdf')

/** How it is printed: a PDF that anybody can verify. */
export function printingOf(app: FastifyInstance, service: CompiledService): Printing | undefined {
  if (!isPrinted(service)) return undefined
  return {
    title: titleOf(service.contract),
    assert: (given) => assertWhole(service.contract, given),
    print: (rows, input, asker, place) =>
      app.documents.issue(service, rows, input, asker, (content) => place.print({ type: 'pdf', content })),
  }
}
