import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { ServiceContract } from '../../core/contract/types.ts'

/** What a verification was spent on. */
type Spent = { submission_id: string } | { act_id: string }

/** Whose verification it is; its age has been checked. */
interface Presented {
  userId: string
  faceVerification: string | null
}

/**
 * What spends the caller's face verification with whatever it was made for, in one transaction; nothing where
 * the service doesn't want it used once. Throws HUB_FACE_REQUIRED without one, HUB_FACE_USED for a spent one.
 */
export function prepareFaceSpending(vault: Vault, policy: ServiceContract['face'], { userId, faceVerification }: Presented) {
  const hint = { stepUp: { method: 'face' as const, maxAgeSeconds: policy?.maxAgeSeconds ?? 0, once: true } }
  if (policy?.once && faceVerification === null) throw new HubError('HUB_FACE_REQUIRED', hint)
  const id = policy?.once ? vault.fingerprint(`${userId}\0${faceVerification}`, 'face-verification') : null

  return async (transaction: Knex.Transaction, on: Spent, at: number): Promise<void> => {
    if (id === null) return
    try {
      await transaction('spent_face_verifications').insert({ id, ...on, spent_at: at })
    } catch (error) {
      throw isDuplicate(error) ? new HubError('HUB_FACE_USED', hint, error) : error
    }
    // One of the hub's own shows it, too.
    await transaction('face_verifications').where({ id: faceVerification, user_id: userId }).update({ used_at: at })
  }
}
