import { HubError } from '../../core/base/errors.ts'
import type { Asker } from '../../core/contract/asker.ts'

/**
 * Whose a filing, an act or a printed document is, as its row keeps it: the user's own, an enterprise's,
 * or a dependant's. It is part of the idempotency key.
 */
export type Principal = 'self' | `enterprise:${string}` | `dependant:${string}`

/** Somebody who was admitted to a service, and for whom he acts there. */
export interface Acting {
  userId: string
  principal: Principal
  enterpriseId: string | null
  /** As the enterprise's legal representative. */
  represents: boolean
}

/** The columns by which a row is seen: its principal, and whoever did it where only he sees it. */
export interface Seen {
  principal: Principal
  user_id?: string
}

export function principalOf({ userId, person, enterprise }: Asker): Principal {
  if (enterprise) return `enterprise:${enterprise.id}`
  return person === null || userId === undefined || person.id === userId ? 'self' : `dependant:${person.id}`
}

/** `represents`: whether he is the enterprise's legal representative; needed only where he acts for one. */
export function actingOf(asker: Asker, represents: boolean): Acting {
  const { userId, enterprise } = asker
  if (userId === undefined) throw new HubError('HUB_TOKEN_MISSING')
  return { userId, principal: principalOf(asker), enterpriseId: enterprise?.id ?? null, represents: enterprise !== null && represents }
}

/**
 * The columns of the rows that somebody sees: what belongs to his principal of now, and of that what he did
 * himself; an enterprise's legal representative, what anybody did for it. That his mandate is in force has been checked.
 */
export function seenBy({ userId, principal, represents }: Omit<Acting, 'enterpriseId'>): Seen {
  return represents ? { principal } : { principal, user_id: userId }
}
