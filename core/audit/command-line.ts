import { randomBytes } from 'node:crypto'
import type { Database } from '../database.ts'
import type { Vault } from '../vault.ts'
import { openAuditLog } from './log.ts'

export interface CommandLineAct {
  /** `cli:<account of the operating system>`. */
  actor: string
  service: string
  purpose: string
  target: string
}

/** Puts an administrator's act on the command line on record, before it is done. Throws HUB_AUDIT_UNAVAILABLE. */
export async function recordFromCommandLine(database: Database, vault: Vault, act: CommandLineAct): Promise<void> {
  const { actor, service, purpose, target } = act
  const silent = { info: () => {}, error: () => {} }
  const log = await openAuditLog({ database, vault, log: silent })
  try {
    await log.write({
      action: 'call',
      traceId: randomBytes(16).toString('hex'),
      at: Date.now(),
      app: actor,
      user: null,
      enterprise: null,
      connector: 'admin',
      service,
      purpose,
      clientIp: null,
      method: null,
      outcome: 'ok',
      status: 0,
      durationMs: 0,
      upstreamStatus: null,
      upstreamMs: null,
      fields: [],
      rows: null,
      target,
    })
  } finally {
    await log.close()
  }
}
