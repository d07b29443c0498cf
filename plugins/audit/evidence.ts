import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fp from 'fastify-plugin'
import { readOrCreate } from '../../config/key-file.ts'
import type { Settings } from '../../config/settings.ts'
import { SettingsError } from '../../config/settings-error.ts'
import type { Log } from '../../core/base/log.ts'
import { type Checkpoints, createCheckpoints, LOOK_MS } from './checkpoints.ts'
import { type EvidenceKey, newEvidenceKey, readEvidenceKey } from './evidence-key.ts'
import { openHeadsPlace } from './open-heads.ts'

declare module 'fastify' {
  interface FastifyInstance {
    evidence: Checkpoints
  }
}

export type EvidenceSettings = Pick<Settings, 'AUDIT_HEADS' | 'AUDIT_KEY_FILE' | 'DATA_DIR'>

/** Where checkpoints go. Without a setting beside the embedded store: good for trying things out, no second place. */
export function headsAddress({ AUDIT_HEADS, DATA_DIR }: EvidenceSettings): string {
  return AUDIT_HEADS || `file:${join(DATA_DIR, 'evidence', 'heads.ndjson')}`
}

/** The key that signs checkpoints and archives; outside production it is made once. Throws a SettingsError. */
export function evidenceKey({ AUDIT_KEY_FILE, DATA_DIR }: EvidenceSettings): EvidenceKey {
  const path = AUDIT_KEY_FILE || join(DATA_DIR, 'evidence', 'evidence.key')
  try {
    return readEvidenceKey(AUDIT_KEY_FILE ? readFileSync(path, 'utf8') : readOrCreate(path, newEvidenceKey))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new SettingsError([`AUDIT_KEY_FILE: ${path}: ${code ?? message}`])
  }
}

/** → the key as its file has it at the moment; while it cannot be read, as it was. */
function liveKey(settings: EvidenceSettings, log: Pick<Log, 'error'>): () => EvidenceKey {
  let key = evidenceKey(settings)
  return () => {
    try {
      key = evidenceKey(settings)
    } catch (error) {
      log.error({ reason: (error as Error).message }, '检查点密钥暂时无法读取，沿用原来的')
    }
    return key
  }
}

/**
 * Checkpoints at the start, at least every minute, and at the end. Register it before the audit log: hooks on closing run
 * backwards, and the last checkpoint has to hold the log's last row.
 */
export default fp(
  async (app) => {
    const { database, settings, log } = app
    const place = openHeadsPlace(headsAddress(settings))
    const evidence = createCheckpoints({ database, place, keyNow: liveKey(settings, log), log })
    app.decorate('evidence', evidence)
    const looking = setInterval(() => void evidence.writeIfDue(), LOOK_MS).unref()
    const write = () => evidence.write().catch(() => {})
    app.addHook('onReady', write)
    app.addHook('onClose', async () => {
      clearInterval(looking)
      await write()
      const { last } = evidence.state
      if (last) log.info({ place: place.name, ...last }, '检查点已写入')
      await place.close()
    })
  },
  { name: 'evidence', dependencies: ['database', 'settings'] },
)
