import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type EnrolmentCode, issueEnrolmentCode } from './enrolment-codes.ts'
import { type AdminRole, appoint, dismiss } from './roles.ts'
import { pseudonymOf } from './users.ts'

/**
 * Appoints or, with null, dismisses an administrator from the command line: the way to the first one.
 * `witness` puts it on record before it is done. → the code with which he enrols his second factor. Throws HUB_NO_RECORD for an unknown user.
 */
export async function appointFromCommandLine(
  database: Database,
  vault: Vault,
  userId: string,
  role: AdminRole | null,
  witness: (target: string) => Promise<void>,
): Promise<EnrolmentCode | null> {
  if (role !== null && !(await database('users').where({ id: userId }).first('id'))) throw new HubError('HUB_NO_RECORD')
  await witness(pseudonymOf(vault, userId))
  if (role !== null) {
    await appoint(database, userId, role, null)
    return issueEnrolmentCode(database, vault, userId)
  }
  await dismiss(database, userId)
  return null
}
