import { randomBytes } from 'node:crypto'
import { NO_CALL } from './chain.ts'
import type { AuditEntry } from './entry.ts'

/** What the hub did, or refused, by itself and at nobody's request, as a row of the evidence. `target`: an id of its own. */
export function ownAct(
  service: string,
  said: Pick<AuditEntry, 'outcome' | 'status'> & Partial<Pick<AuditEntry, 'target' | 'version'>>,
): AuditEntry {
  const traceId = randomBytes(16).toString('hex')
  return { ...NO_CALL, action: 'call', traceId, at: Date.now(), connector: 'hub', service, ...said }
}
