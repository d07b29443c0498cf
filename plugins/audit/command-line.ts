import { randomBytes } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { NO_CALL } from './chain.ts'
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
    const said = { app: actor, connector: 'admin', service, purpose, target }
    await log.write({ ...NO_CALL, ...said, action: 'call', traceId: randomBytes(16).toString('hex'), at: Date.now() })
  } finally {
    await log.close()
  }
}
