import type { FastifyInstance } from 'fastify'
import { attachFiles, fillFiles } from '../../files/attach.ts'
import type { ActsOptions } from './acts.ts'
import type { SubmissionsOptions } from './submissions.ts'
import type { DeliveryContext } from './task.ts'

/** How filings, and acts on them, hold files: from when they are accepted until they have ended. */
export function filingFiles(app: FastifyInstance): {
  ofFiling: NonNullable<SubmissionsOptions['attach']>
  ofAct: NonNullable<ActsOptions['attach']>
  fill: NonNullable<DeliveryContext['fill']>
} {
  app.files.holders.set('submission', async (id) => {
    const row = await app.database('submissions').where({ id }).first('state', 'due_at')
    return row !== undefined && (row.due_at !== null || row.state === 'attention')
  })
  return {
    ofFiling: (transaction, { by, service, input }, id) => attachFiles(transaction, by, `submission:${id}`, service.contract.inputs, input),
    ofAct: (transaction, { by, service, kind, submissionId, input }) =>
      attachFiles(transaction, by, `submission:${submissionId}`, service.contract.submission?.[kind]?.inputs ?? {}, input),
    fill: (id, inputs, input) => fillFiles(app, `submission:${id}`, inputs, input),
  }
}
