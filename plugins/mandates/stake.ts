import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'

/** An enterprise, or the person whom somebody acts for. */
export type Stake = { enterpriseId: string } | { uscc: string } | { subjectUserId: string }

/**
 * Throws HUB_SECOND_PERSON for an administrator who acts or acted himself for whom it is about: what stops or opens it is no act of his.
 * Whoever gave up his mandate just now counts as well.
 */
export async function assertNoStake(database: Knex, userId: string, stake: Stake): Promise<void> {
  const held = database('mandates').where({ 'mandates.user_id': userId })
  if ('uscc' in stake) held.join('enterprises', 'enterprises.id', 'mandates.enterprise_id').where({ 'enterprises.uscc': stake.uscc })
  else if ('enterpriseId' in stake) held.where({ 'mandates.enterprise_id': stake.enterpriseId })
  else held.where({ 'mandates.subject_user_id': stake.subjectUserId })
  if (await held.first('mandates.id'))
    throw new HubError('HUB_SECOND_PERSON', { detail: '您自己持有或持有过它的授权，请由另一位管理员办理。' })
}
