import type { Knex } from 'knex'
import type { Database } from '../core/base/database.ts'
import * as people from './001-people.ts'
import * as secrets from './002-secrets.ts'
import * as audit from './003-audit.ts'
import * as submissions from './004-submissions.ts'
import * as authorization from './005-authorization.ts'
import * as administration from './006-administration.ts'
import * as agencyAccounts from './007-agency-accounts.ts'
import * as signOn from './008-sign-on.ts'
import * as lockOut from './010-lock-out.ts'
import * as agencyRevocations from './011-agency-revocations.ts'
import * as filingAccount from './014-filing-account.ts'
import * as filingActs from './014-filing-acts.ts'
import * as comparedByBytes from './015-compared-by-bytes.ts'
import * as twoPersons from './017-two-persons.ts'
import * as principals from './018-principals.ts'
import * as auditArchives from './019-audit-archives.ts'
import * as secondFactor from './020-second-factor.ts'
import * as files from './021-files.ts'
import * as messages from './025-messages.ts'
import * as keyTimes from './029-key-times.ts'
import * as accountShown from './037-account-shown.ts'
import * as schedules from './037-schedules.ts'
import * as deadNotices from './038-dead-notices.ts'
import * as pageVisits from './040-page-visits.ts'
import * as webhooks from './046-webhooks.ts'
import * as agencyClosings from './047-agency-closings.ts'
import * as lastAnswers from './048-last-answers.ts'
import * as boundSessions from './052-bound-sessions.ts'
import * as enrolmentCodes from './052-enrolment-codes.ts'
import * as indexKeys from './054-index-keys.ts'
import * as alerts from './055-alerts.ts'
import * as callStatistics from './057-call-statistics.ts'
import * as catalogue from './059-catalogue.ts'
import * as securitySettings from './060-security-settings.ts'
import * as userCentre from './061-user-centre.ts'
import * as healthHistory from './063-health-history.ts'
import * as events from './064-events.ts'
import * as clientKeys from './065-client-keys.ts'
import * as partners from './066-partners.ts'
import * as capabilities from './067-capabilities.ts'
import * as capabilityLives from './068-capability-lives.ts'
import * as favourites from './069-favourites.ts'
import * as logIns from './070-log-ins.ts'
import * as ledger from './071-ledger.ts'
import * as connectorSwitches from './072-connector-switches.ts'
import * as consoleForms from './072-console-forms.ts'
import * as connectorTiers from './074-connector-tiers.ts'
import * as layouts from './076-layouts.ts'
import * as searching from './077-searching.ts'
import { migrationsOfKinds } from './of-kinds.ts'

/** What all kinds of service stand on. A migration that has landed is never edited. */
const common: Record<string, Knex.Migration> = {
  '001-people': people,
  '002-secrets': secrets,
  '003-audit': audit,
  '004-submissions': submissions,
  '005-authorization': authorization,
  '006-administration': administration,
  '007-agency-accounts': agencyAccounts,
  '008-sign-on': signOn,
  '010-lock-out': lockOut,
  '011-agency-revocations': agencyRevocations,
  '014-filing-account': filingAccount,
  '014-filing-acts': filingActs,
  '015-compared-by-bytes': comparedByBytes,
  '017-two-persons': twoPersons,
  '018-principals': principals,
  '019-audit-archives': auditArchives,
  '020-second-factor': secondFactor,
  '021-files': files,
  '025-messages': messages,
  '029-key-times': keyTimes,
  '037-account-shown': accountShown,
  '037-schedules': schedules,
  '038-dead-notices': deadNotices,
  '040-page-visits': pageVisits,
  '046-webhooks': webhooks,
  '047-agency-closings': agencyClosings,
  '048-last-answers': lastAnswers,
  '052-bound-sessions': boundSessions,
  '052-enrolment-codes': enrolmentCodes,
  '054-index-keys': indexKeys,
  '055-alerts': alerts,
  '057-call-statistics': callStatistics,
  '059-catalogue': catalogue,
  '060-security-settings': securitySettings,
  '061-user-centre': userCentre,
  '063-health-history': healthHistory,
  '064-events': events,
  '065-client-keys': clientKeys,
  '066-partners': partners,
  '067-capabilities': capabilities,
  '068-capability-lives': capabilityLives,
  '069-favourites': favourites,
  '070-log-ins': logIns,
  '071-ledger': ledger,
  '072-connector-switches': connectorSwitches,
  '072-console-forms': consoleForms,
  '074-connector-tiers': connectorTiers,
  '076-layouts': layouts,
  '077-searching': searching,
}

/** By name, which is the order in which they run, whoever brings one. */
export const migrations: Readonly<Record<string, Knex.Migration>> = Object.fromEntries(
  Object.entries({ ...common, ...(await migrationsOfKinds()) }).sort(([a], [b]) => (a < b ? -1 : 1)),
)

const TABLE = 'knex_migrations'

/** The store has been changed by a newer version in a way that this one cannot live with; the message is for an operator to read. */
export class SchemaError extends Error {}

/**
 * Brings the schema up to date, or to what `only` names; several processes may call it at once. A store that a newer version has
 * added to is taken as it is (docs/deployment.md); one from which something was taken away is refused with a {@link SchemaError}.
 */
export async function migrate(database: Database, only: readonly string[] = Object.keys(migrations)): Promise<string[]> {
  const { applied, pending } = await migrationStatus(database)
  assertExpanded(applied)
  if (!pending.some((name) => only.includes(name))) return []
  const work = async () => {
    const [, names] = await database.migrate.latest({
      tableName: TABLE,
      migrationSource: migrationSource(only),
      disableMigrationsListValidation: true,
    })
    return names as string[]
  }
  return lighter(database, () => alone(database, work))
}

/** A newer version only adds; what takes something away has `contract` in its name, and comes when no version in use needs it any more. */
function assertExpanded(applied: readonly string[]): void {
  const taken = applied.filter((name) => !migrations[name] && /^\d+-contract-/.test(name))
  if (taken.length > 0)
    throw new SchemaError(`数据库已由更新的版本去掉了本版本还要用的部分（${taken.join('、')}）：请改用那个版本，或恢复升级之前的备份`)
}

const LOCK = "concat('hub-migrate-', md5(database()))"
const LOCK_SECONDS = 600

/**
 * One process at a time: the others wait, and then find nothing left to do. The server frees the lock with the connection of whoever died;
 * knex's own stays behind him, in a row. The embedded store is changed in one transaction, which needs neither.
 */
async function alone<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.engine === 'sqlite') return work()
  return database.transaction(async (connection) => {
    const [[{ held }]] = (await connection.raw(`select get_lock(${LOCK}, ${LOCK_SECONDS}) held`)) as [[{ held: number | null }]]
    if (Number(held) !== 1) throw new SchemaError(`另一个进程正在升级数据库，等了 ${LOCK_SECONDS} 秒还没有完：请看它的日志`)
    try {
      await database.migrate.forceFreeMigrationsLock()
      return await work()
    } finally {
      await connection.raw(`do release_lock(${LOCK})`)
    }
  })
}

/**
 * The embedded store waits for the disk once, not at every statement: after a power cut the last migrations may be gone,
 * each with the note that it ran, and are run again. They take most of the first start otherwise.
 */
async function lighter<T>(database: Database, work: () => Promise<T>): Promise<T> {
  if (database.engine !== 'sqlite') return work()
  await database.raw('pragma synchronous = normal')
  try {
    return await work()
  } finally {
    await database.raw('pragma synchronous = full')
  }
}

/** → the migrations that the store has had, also those of a newer version, and those that {@link migrate} would apply. */
export async function migrationStatus(database: Database): Promise<{ applied: string[]; pending: string[] }> {
  // Not knex's own list: it makes the table, which of two processes that start together one must do.
  const applied: string[] = (await database.schema.hasTable(TABLE)) ? await database(TABLE).orderBy('id').pluck('name') : []
  return { applied, pending: Object.keys(migrations).filter((name) => !applied.includes(name)) }
}

function migrationSource(only: readonly string[] = Object.keys(migrations)): Knex.MigrationSource<string> {
  return {
    getMigrations: async () => Object.keys(migrations).filter((name) => only.includes(name)),
    getMigrationName: (name) => name,
    getMigration: async (name) => {
      const migration = migrations[name]
      if (!migration) throw new Error(`unknown migration ${name}`)
      return migration
    },
  }
}
