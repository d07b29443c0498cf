import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { type ActContext, clearUp } from './perform.ts'
import type { ActRow } from './rows.ts'

export interface LookAgainOptions {
  context: ActContext
  services: ReadonlyMap<string, CompiledService>
  asker(row: ActRow, service: CompiledService): Promise<Asker>
  /** Resolves once it is on the disk that the agency is about to be asked. */
  note(row: ActRow): Promise<void>
}

/** Asks the agency what became of an act that is due, though nobody waits. → when it is next due, or null. */
export async function lookAgain({ context, services, asker, note }: LookAgainOptions, id: string): Promise<number | null> {
  const row = await context.rows.claim(id)
  const service = row && services.get(`${row.connector}.${row.service}`)
  // Of a connector that is gone nobody can be asked; the next look comes later each time, and then none.
  if (!row || !service) return row?.due_at ?? null
  if (row.state === 'unclear') await note(row)
  const outcome = await clearUp(context, service, row, () => asker(row, service))
  return outcome.row.due_at
}
