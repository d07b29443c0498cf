import type { Knex } from 'knex'
import { holds } from '../../oauth/scopes.ts'
import type { EventKind, WebhookRow } from './rows.ts'

interface Candidate extends WebhookRow {
  granted: string
  registered: string
  sector: string
}

const list = (text: string) => text.split(' ')

/**
 * Webhooks that may be told of what a user does at a service now: of applications that stand, to which he granted it, and which
 * registered it. `id`: of one of them alone.
 */
export async function entitled(
  database: Knex,
  { userId, service, kind, id }: { userId: string; service: string; kind: EventKind; id?: string },
  at: number,
): Promise<(WebhookRow & { sector: string })[]> {
  const found: Candidate[] = await database('oauth_grants')
    .join('oauth_clients', 'oauth_clients.id', 'oauth_grants.client_id')
    .join('application_webhooks', 'application_webhooks.client_id', 'oauth_grants.client_id')
    .where({ 'oauth_grants.user_id': userId, 'oauth_clients.status': 'active', 'application_webhooks.state': 'active' })
    .whereNull('oauth_grants.revoked_at')
    .andWhere('oauth_grants.expires_at', '>', at)
    .modify((query) => void (id !== undefined && query.where('application_webhooks.id', id)))
    .select('application_webhooks.*', 'oauth_grants.scopes as granted', 'oauth_clients.scopes as registered', 'oauth_clients.sector')
  const may = ({ granted, registered, kinds }: Candidate) =>
    list(kinds).includes(kind) && holds(list(granted), service) && holds(list(registered), service)
  return [...new Map(found.filter(may).map((each) => [each.id, each])).values()]
}
