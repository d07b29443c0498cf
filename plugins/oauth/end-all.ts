import type { Knex } from 'knex'

/**
 * Part of a transaction that shuts an account: every grant of the user is dead with its commit, and with it, now
 * or when the account is opened again, what he or his delegates hold: tokens, refresh families, exchanged tokens,
 * consents in progress. revocation.ts deletes what is left of the grants.
 */
export async function endAuthorizations(transaction: Knex, userId: string, at: number): Promise<void> {
  await transaction('oauth_grants').where({ user_id: userId }).whereNull('revoked_at').update({ revoked_at: at })
  await transaction('oidc_entities').where({ user_id: userId }).orWhere({ actor_user_id: userId }).delete()
}
