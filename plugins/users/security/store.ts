import { Ajv } from 'ajv'
import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Log } from '../../../core/base/log.ts'
import { beijing } from '../../../core/base/time.ts'
import { isDuplicate } from '../../../core/base/transact.ts'
import { contradictionsIn, type SecuritySettings, securitySettingsSchema } from './settings.ts'

/** One version of the settings. `version` 0: what the hub was started with. */
export interface SecurityVersion {
  version: number
  settings: SecuritySettings
}

export interface SecurityHistory extends SecurityVersion {
  changedBy: string
  /** Who confirmed it. */
  confirmedBy: string | null
  reason: string
  changedAt: string
}

export interface SecurityStore {
  /** As every process knows it within {@link FRESH_MS} of a change. */
  readonly now: SecurityVersion
  /** The newest first. */
  history(page: { page: number; pageSize: number }): Promise<{ rows: SecurityHistory[]; total: number }>
  /** Reads it now. */
  load(): Promise<void>
  /** The same after a change that is committed, which nothing undoes: what cannot be read now is read two seconds later. */
  refresh(): Promise<void>
  /** Goes on reading it, until {@link stop}. */
  start(): void
  stop(): void
}

interface Row {
  version: number
  content: string
  changed_by: string
  reason: string
  changed_at: number | string
}

/** As which kind of request of two administrators the settings are changed. */
export const SECURITY_CHANGE = 'security.settings'

const FRESH_MS = 2000
const isSettings = new Ajv({ strict: false }).compile<SecuritySettings>(securitySettingsSchema)

export function createSecurityStore(database: Database, preset: SecuritySettings, log: Pick<Log, 'warn'>): SecurityStore {
  let now: SecurityVersion = { version: 0, settings: preset }
  let timer: NodeJS.Timeout | null = null

  async function load(): Promise<void> {
    const row: Row | undefined = await database('security_settings').orderBy('version', 'desc').first()
    // Read side by side, an older one never replaces a newer one.
    if (row && row.version > now.version) now = { version: row.version, settings: read(row) }
  }

  /** What is known goes on until the store is back. */
  const refresh = () => load().catch((error: Error) => log.warn({ error: error.name }, '安全设置读取失败'))

  return {
    get now() {
      return now
    },
    async history({ page, pageSize }) {
      const rows: Row[] = await database('security_settings')
        .orderBy('version', 'desc')
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const confirmed: { result: string; decided_by: string | null }[] = await database('admin_requests')
        .where({ kind: SECURITY_CHANGE, state: 'confirmed' })
        .whereIn(
          'result',
          rows.map(({ version }) => String(version)),
        )
        .select('result', 'decided_by')
      const deciders = new Map(confirmed.map(({ result, decided_by }) => [Number(result), decided_by]))
      const counted = await database('security_settings').count({ n: '*' }).first()
      return { rows: rows.map((row) => present(row, deciders.get(row.version) ?? null)), total: Number(counted?.['n'] ?? 0) }
    },
    load,
    refresh,
    start() {
      timer = setInterval(() => void refresh(), FRESH_MS)
      timer.unref()
    },
    stop() {
      if (timer) clearInterval(timer)
    },
  }
}

/** Throws where a row is none of this version's: a hub that doesn't know its rules goes on with those it knew. */
function read({ content }: Row): SecuritySettings {
  const stored = JSON.parse(content) as { highRisk?: object }
  // Of rules that came later a row of before says nothing.
  const settings: unknown = { ...stored, highRisk: { newDevice: 'off', ...stored.highRisk } }
  if (!isSettings(settings)) throw new HubError('HUB_STORE_UNAVAILABLE')
  return settings
}

function present(row: Row, confirmedBy: string | null): SecurityHistory {
  const { version, changed_by: changedBy, reason, changed_at } = row
  return { version, settings: read(row), changedBy, confirmedBy, reason, changedAt: beijing(Number(changed_at)) }
}

/**
 * Part of a transaction that makes the next version, of the one that whoever changes it has seen. → its number. Throws
 * HUB_REQUEST_STATE where there is a newer one, HUB_VALIDATION for what contradicts itself.
 */
export async function writeSecurity(
  transaction: Knex.Transaction,
  { version, settings }: SecurityVersion,
  by: { userId: string; reason: string },
): Promise<number> {
  const errors = contradictionsIn(settings).map(({ pointer, detail }) => ({ pointer: `/body/settings${pointer}`, detail }))
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
  const newest: Pick<Row, 'version'> | undefined = await transaction('security_settings').orderBy('version', 'desc').first('version')
  if ((newest?.version ?? 0) !== version) throw stale()
  const next = version + 1
  const row = { version: next, content: JSON.stringify(settings), changed_by: by.userId, reason: by.reason, changed_at: Date.now() }
  try {
    await transaction('security_settings').insert(row)
  } catch (error) {
    throw isDuplicate(error) ? stale() : error
  }
  return next
}

function stale(): HubError {
  return new HubError('HUB_REQUEST_STATE', { detail: '安全设置在此之后又有改动，请按现在的版本重新申请。' })
}
