import type { SubscriptionRow } from './subscription-rows.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

/** Something subscribed to. With a face behind the consent, the message says that there is something and nothing of what. */
export async function composeSubscription(
  { database, services }: ComposeContext,
  { about, detail: { what, date, reason } }: OpenNotice<'subscription'>,
): Promise<Told[]> {
  const row: SubscriptionRow | undefined = await database('subscriptions').where({ id: about }).first()
  const service = row && services.get(`${row.connector}.${row.service}`)
  const policy = row && service?.contract.subscriptions?.[row.subscription]
  if (!row || !service || !policy) return []
  const { connector, contract } = service
  const field = policy.on === 'date' ? (contract.fields[policy.field]?.notes.title ?? '') : ''
  const facts = {
    subscription: policy.title,
    service: contract.name,
    agency: connector.agency,
    field,
    date: date ?? '',
    reason: reason ?? '',
  }
  const covered = Boolean(row.face) && what !== 'ended'
  return [
    {
      topic: 'subscription',
      template: covered ? 'subscription-covered' : `subscription-${what}`,
      facts,
      // His own, whoever's record it is: who asked for it has consented to it, and it ends with his mandate.
      recipients: [{ userId: row.user_id, enterpriseId: what === 'ended' ? null : row.enterprise_id }],
      connector: connector.id,
      service: contract.id,
    },
  ]
}
