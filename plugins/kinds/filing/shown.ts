import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { type Caller, recognise } from '../../access/authorise.ts'
import { actingOf } from '../../access/principal.ts'
import { covers, enterpriseFor, findHeld } from '../../mandates/in-force.ts'
import type { Shown } from './overview.ts'

/**
 * The services whose filings the caller may look at now for whom his token is, each judged by what a single filing is judged by
 * (`recognise`), with the mandates read once. Throws HUB_ENTERPRISE_FROZEN, and HUB_MANDATE_REQUIRED where no service is left
 * of an enterprise's.
 */
export async function findShown(app: FastifyInstance, caller: Caller): Promise<Shown[]> {
  const { enterprise: enterpriseId } = caller.claims
  const held = enterpriseId === null ? [] : await findHeld(app.database, caller.user.id, enterpriseId)
  const users = { ...app.users, mandate: async (_user: string, _enterprise: string, key: string) => enterpriseFor(held, key) }
  const represents = (key: string) => held.some(({ role, scope }) => role === 'legal-representative' && covers(scope, key))
  const shown: Shown[] = []
  for (const service of app.services.values()) {
    if (!service.contract.submission || service.contract.identity === 'none') continue
    const asker = await admittedTo(() => recognise(service, caller, users))
    // A token for an enterprise shows nothing of one's own, and the other way round.
    if (asker && (asker.enterprise?.id ?? null) === enterpriseId) shown.push({ service, by: actingOf(asker, represents(service.key)) })
  }
  if (enterpriseId !== null && shown.length === 0) throw new HubError('HUB_MANDATE_REQUIRED', { stepUp: { method: 'mandate' } })
  return shown
}

async function admittedTo(recognised: () => Asker | Promise<Asker>): Promise<Asker | null> {
  try {
    return await recognised()
  } catch (error) {
    if (error instanceof HubError && error.status < 500 && error.code !== 'HUB_ENTERPRISE_FROZEN') return null
    throw error
  }
}
