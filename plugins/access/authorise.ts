import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import { type PresentedFace, requireFace } from '../face/require.ts'
import type { Claims } from '../users/tokens.ts'
import type { User, Users } from '../users/users.ts'

/** A caller who is known: token verified, account found. */
export interface Caller {
  claims: Claims
  user: User
  /** What the header `Face-Verification` names. */
  face?: PresentedFace | null
}

/**
 * Whether the caller may use a service, and on whose behalf. Deny by default: each level of the
 * contract is a check that must pass, and each refusal says what the app has to do. `dependant` is the
 * hub id of a family member whom the caller asks about instead of themselves.
 */
export function authorise(service: CompiledService, caller: Caller | null, users: Users, dependant?: string): Asker | Promise<Asker> {
  const { contract } = service
  if (contract.identity === 'none') return NOBODY
  if (!caller) throw new HubError('HUB_TOKEN_MISSING')
  const open = users.access.opens(service.key, caller.user.kind)
  return open instanceof Promise
    ? open.then((yes) => admit(service, caller, users, yes, dependant))
    : admit(service, caller, users, open, dependant)
}

function admit(
  service: CompiledService,
  caller: Caller,
  users: Users,
  open: boolean,
  dependant: string | undefined,
): Asker | Promise<Asker> {
  if (!open) throw new HubError('HUB_SERVICE_NOT_OPEN')
  const { contract } = service
  const { user, claims } = caller
  if (contract.identity === 'login') return { userId: user.id, person: user.person, enterprise: null }
  if (!user.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
  if (dependant !== undefined) return authoriseGuardian(service, caller, users, dependant)
  const asAgent = contract.audience === 'enterprise' || (contract.agents === true && claims.enterprise !== null)
  if (!asAgent) {
    const asker = { userId: user.id, person: user.person, enterprise: null }
    const verifying = requireFace(contract.face, service.key, caller)
    return verifying ? verifying.then(() => asker) : asker
  }
  return authoriseAgent(service, caller, users)
}

async function authoriseAgent({ contract, key }: CompiledService, caller: Caller, users: Users): Promise<Asker> {
  const { user, claims } = caller
  const enterprise = claims.enterprise === null ? null : await users.mandate(user.id, claims.enterprise, key)
  if (!enterprise) throw new HubError('HUB_MANDATE_REQUIRED', { stepUp: { method: 'mandate' } })
  await requireFace(contract.face, key, caller)
  return { userId: user.id, person: user.person, enterprise }
}

/** The family member becomes the one who is asked about; the call stays the guardian's. */
async function authoriseGuardian({ contract, key }: CompiledService, caller: Caller, users: Users, dependant: string): Promise<Asker> {
  const { user } = caller
  // What a user grants a third party he grants for himself; for others there is delegation (RFC 8693).
  const person = contract.dependants && caller.claims.connector === null ? await users.guardianOf(user.id, dependant, key) : null
  if (!person) {
    const detail = '查询家庭成员的记录须持有监护人授权，请先登记监护关系。'
    throw new HubError('HUB_MANDATE_REQUIRED', { detail, stepUp: { method: 'mandate' } })
  }
  await requireFace(contract.face, key, caller)
  return { userId: user.id, person, enterprise: null }
}
