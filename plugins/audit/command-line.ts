import { randomBytes } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { NO_CALL } from './chain.ts'
import { createCheckpoints } from './checkpoints.ts'
import { type EvidenceSettings, evidenceKey, headsAddress } from './evidence.ts'
import { openAuditLog } from './log.ts'
import { openHeadsPlace } from './open-heads.ts'
import { reasonOf } from './store.ts'

export interface CommandLineAct {
  /** `cli:<account of the operating system>`. */
  actor: string
  service: string
  purpose: string
  target: string
}

const silent = { info: () => {}, error: () => {} }

/** Puts an administrator's act on the command line on record, before it is done. → the chain that holds it. Throws HUB_AUDIT_UNAVAILABLE. */
export async function recordFromCommandLine(database: Database, vault: Vault, act: CommandLineAct): Promise<string> {
  const { actor, service, purpose, target } = act
  const log = await openAuditLog({ database, vault, log: silent })
  try {
    const said = { app: actor, connector: 'admin', service, purpose, target }
    await log.write({ ...NO_CALL, ...said, action: 'call', traceId: randomBytes(16).toString('hex'), at: Date.now() })
    return log.chain
  } finally {
    await log.close()
  }
}

/** A checkpoint of that chain, so that nobody can drop it unnoticed. → null, or why there is none. */
export async function checkpointFromCommandLine(database: Database, settings: EvidenceSettings, chain: string): Promise<string | null> {
  try {
    const key = evidenceKey(settings)
    const place = openHeadsPlace(headsAddress(settings))
    try {
      await createCheckpoints({ database, place, keyNow: () => key, only: chain, log: silent }).write()
    } finally {
      await place.close()
    }
    return null
  } catch (error) {
    return reasonOf(error)
  }
}
