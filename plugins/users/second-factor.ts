import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type AdminSession, type Bearer, endAdminSessions, openAdminSession, purgeAdminSessions } from './admin-sessions.ts'
import { assertEnrolmentCode, type EnrolmentCode, endEnrolmentCode, issueEnrolmentCode } from './enrolment-codes.ts'
import { newSecret, stepOf, uriOf } from './totp.ts'

/** Wrong codes in a row that lock the factor, and for how long: five in a quarter of an hour find one of a million codes in centuries. */
const FAILURES = 5
const LOCK_MS = 15 * 60_000
/** What an authenticator app calls the account. */
const ISSUER = '许昌集成中枢管理'

interface FactorRow {
  secret_sealed: string
  confirmed_at: number | string | null
  last_step: number | string
  failures: number
  locked_until: number | string | null
}

/** What became of a code. It is decided in the transaction that counts it and thrown after the commit, which a throw would undo. */
type Outcome = { session: AdminSession } | { refusal: HubError }

/** The second factor of administrators: a time-based code (TOTP). Counted in the store, so that all processes count together. */
export interface SecondFactor {
  /**
   * With this code, and nothing else, an administrator without a factor enrols one; one he had is good no more. Throws HUB_NO_RECORD
   * for who is none, HUB_SECOND_FACTOR_STATE where a factor is confirmed.
   */
  issueCode(userId: string): Promise<EnrolmentCode>
  /** Shown once, and good once a code of it confirms it, which uses up the one for enrolling. Throws HUB_ENROLMENT_CODE, HUB_SECOND_FACTOR_STATE where one is confirmed. */
  enrol(userId: string, enrolmentCode: string): Promise<{ uri: string; secret: string }>
  /** Opens a session, too. Throws HUB_SECOND_FACTOR_STATE, HUB_SECOND_FACTOR_WRONG, HUB_SECOND_FACTOR_LOCKED. */
  confirm(bearer: Bearer, code: string): Promise<AdminSession>
  /** Throws as {@link SecondFactor.confirm}. */
  verify(bearer: Bearer, code: string): Promise<AdminSession>
}

const contextOf = (userId: string) => `second_factors.secret:${userId}`
const refuse = (refusal: HubError): Outcome => ({ refusal })
const state = (detail: string) => new HubError('HUB_SECOND_FACTOR_STATE', { detail })

export function createSecondFactor(database: Database, vault: Vault): SecondFactor {
  /** A write of nothing takes the row on both engines: codes of one user are tried one after the other. */
  async function take(transaction: Knex.Transaction, userId: string): Promise<FactorRow | undefined> {
    const rows = () => transaction('second_factors').where({ user_id: userId })
    await rows().update({ last_step: transaction.ref('last_step') })
    return rows().forUpdate().first()
  }

  async function attempt(transaction: Knex.Transaction, bearer: Bearer, code: string, confirming: boolean): Promise<Outcome> {
    const { userId } = bearer
    const now = Date.now()
    const row = await take(transaction, userId)
    if (!row || (row.confirmed_at === null) !== confirming)
      return refuse(state(confirming ? '没有待确认的身份验证器，请先登记。' : '还没有登记身份验证器，请先登记并确认。'))
    if (Number(row.locked_until ?? 0) > now) return refuse(locked(Number(row.locked_until) - now))
    const update = (values: object) => transaction('second_factors').where({ user_id: userId }).update(values)
    const step = stepOf(vault.open(row.secret_sealed, contextOf(userId)), code, now, Number(row.last_step))
    if (step === null) {
      const failures = row.failures + 1
      if (failures < FAILURES) await update({ failures, locked_until: null })
      else await update({ failures: 0, locked_until: now + LOCK_MS })
      return refuse(failures < FAILURES ? new HubError('HUB_SECOND_FACTOR_WRONG') : locked(LOCK_MS))
    }
    await update({ last_step: step, failures: 0, locked_until: null, confirmed_at: row.confirmed_at ?? now })
    if (confirming) await endEnrolmentCode(transaction, userId)
    return { session: await openAdminSession(transaction, bearer, now) }
  }

  async function show(bearer: Bearer, code: string, confirming: boolean): Promise<AdminSession> {
    await purgeAdminSessions(database)
    const outcome = await transact(database, (transaction) => attempt(transaction, bearer, code, confirming))
    if ('refusal' in outcome) throw outcome.refusal
    return outcome.session
  }

  return {
    issueCode: (userId) =>
      transact(database, async (transaction) => {
        if (!(await transaction('administrators').where({ user_id: userId }).first('role')))
          throw new HubError('HUB_NO_RECORD', { detail: '没有这位管理员。' })
        const row = await take(transaction, userId)
        if (row && row.confirmed_at !== null) throw state('这位管理员已经登记了身份验证器；换了手机的，请重新任命。')
        return issueEnrolmentCode(transaction, vault, userId)
      }),
    async enrol(userId, enrolmentCode) {
      const secret = newSecret()
      const fresh = { secret_sealed: vault.seal(secret, contextOf(userId)), confirmed_at: null, last_step: 0, created_at: Date.now() }
      await transact(database, async (transaction) => {
        const row = await take(transaction, userId)
        if (row && row.confirmed_at !== null) throw state('已经登记了身份验证器；换了手机的，请另一位管理员撤销并重新任命您。')
        await assertEnrolmentCode(transaction, vault, userId, enrolmentCode)
        // What counted wrong codes stays: a new secret is no way round a lock.
        if (row) await transaction('second_factors').where({ user_id: userId }).update(fresh)
        else await transaction('second_factors').insert({ user_id: userId, ...fresh })
      }).catch((error: unknown) => {
        throw isDuplicate(error) ? state('刚才已经开始了一次登记，请重新登记。') : error
      })
      return { secret, uri: uriOf(secret, ISSUER, userId) }
    },
    confirm: (bearer, code) => show(bearer, code, true),
    verify: (bearer, code) => show(bearer, code, false),
  }
}

function locked(ms: number): HubError {
  return new HubError('HUB_SECOND_FACTOR_LOCKED', { retryAfter: Math.ceil(ms / 1000) })
}

/** Whoever is appointed or dismissed begins anew: so a lost phone is helped by two persons, or by the command line. */
export async function removeSecondFactor(database: Knex, userId: string): Promise<void> {
  await endAdminSessions(database, userId)
  await endEnrolmentCode(database, userId)
  await database('second_factors').where({ user_id: userId }).delete()
}
