import type { Knex } from 'knex'
import { covers, inForce } from '../mandates/in-force.ts'

/** Somebody who is told. */
export interface Recipient {
  /** Null for somebody whom the hub does not know yet, and whose number stands in the mandate that the message is about. */
  userId: string | null
  /** Of whose matters he is told, where not of his own: he reads it while his mandate is in force. */
  enterpriseId: string | null
}

interface Held {
  user_id: string
  enterprise_id: string
  role: string
  scope: string
}

/** Who holds a mandate of an enterprise now, and may use the service; without a service, whatever he may use. */
async function holders(database: Knex, enterpriseId: string, serviceKey: string | null): Promise<Held[]> {
  const rows: Held[] = await database('mandates')
    .where({ 'mandates.enterprise_id': enterpriseId })
    .whereIn('mandates.role', ['agent', 'legal-representative'])
    .whereNotNull('mandates.user_id')
    .modify(inForce, Date.now())
    .select('user_id', 'enterprise_id', 'role', 'scope')
  return rows.filter(({ scope }) => serviceKey === null || covers(scope, serviceKey))
}

/** The legal representative of an enterprise, who is told of all that concerns it. */
export async function representatives(database: Knex, enterpriseId: string): Promise<Recipient[]> {
  const held = await holders(database, enterpriseId, null)
  return held.filter(({ role }) => role === 'legal-representative').map(({ user_id }) => ({ userId: user_id, enterpriseId }))
}

/**
 * Who is told of what was done for a principal: himself; of an enterprise its legal representative, and whoever did it while his
 * mandate is in force; of a child the guardian who did it, while he is that.
 */
export async function recipientsOf(
  database: Knex,
  { userId, principal }: { userId: string | null; principal: string },
  serviceKey: string,
): Promise<Recipient[]> {
  const [kind, id = ''] = principal.split(':')
  if (kind === 'enterprise') {
    const held = await holders(database, id, serviceKey)
    const told = held.filter(({ role, user_id }) => role === 'legal-representative' || user_id === userId).map(({ user_id }) => user_id)
    return [...new Set(told)].map((each) => ({ userId: each, enterpriseId: id }))
  }
  if (userId === null) return []
  if (kind === 'dependant' && !(await isGuardian(database, userId, id, serviceKey))) return []
  return [{ userId, enterpriseId: null }]
}

async function isGuardian(database: Knex, userId: string, child: string, serviceKey: string): Promise<boolean> {
  const scopes: string[] = await database('mandates')
    .where({ 'mandates.user_id': userId, 'mandates.subject_user_id': child, 'mandates.role': 'guardian' })
    .modify(inForce, Date.now())
    .pluck('scope')
  return scopes.some((scope) => covers(scope, serviceKey))
}

/** Narrows a query on `messages` to those that a user may read now: his own, and of enterprises for which he may act now. */
export async function readableBy(database: Knex, userId: string): Promise<(query: Knex.QueryBuilder) => void> {
  const held: Held[] = await database('mandates')
    .where({ 'mandates.user_id': userId })
    .whereNotNull('mandates.enterprise_id')
    .modify(inForce, Date.now())
    .select('user_id', 'enterprise_id', 'role', 'scope')
  return (query) => {
    query.where({ 'messages.user_id': userId }).whereNotNull('messages.content_sealed')
    query.andWhere((either) => {
      either.whereNull('messages.enterprise_id')
      for (const { enterprise_id, scope } of held) either.orWhere((one) => within(one, enterprise_id, scope.split(' ')))
    })
  }
}

/** What concerns no service concerns whoever holds any mandate. */
function within(query: Knex.QueryBuilder, enterpriseId: string, scope: readonly string[]): void {
  query.where({ 'messages.enterprise_id': enterpriseId })
  if (scope.includes('*')) return
  query.andWhere((either) => {
    either.whereNull('messages.service')
    for (const part of scope) {
      const [connector = '', service] = part.split('.')
      either.orWhere({ 'messages.connector': connector, ...(service === undefined ? {} : { 'messages.service': service }) })
    }
  })
}
