import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { type Asker, NOBODY } from '../../core/contract/asker.ts'
import { type PresentedFace, requireFace } from '../face/require.ts'
import type { Claims } from '../users/tokens.ts'
import type { User, Users } from '../users/users.ts'
import { type Agencies, provenRelative } from './kinship.ts'
import { assertKnownPolicy } from './known-policy.ts'

/** A caller who is known: token verified, account found. */
export interface Caller {
  claims: Claims
  user: User
  /** What the header `Face-Verification` names. */
  face?: PresentedFace | null
  /** Hub id of the guardian who acts for the user by a token of the exchange. */
  guardian?: string | null
  /** Keyed hash of the session of the console whose page asks. */
  consoleSession?: string | null
  /** Id of the log-in with which he calls; null where that is none of his own. */
  logIn?: string | null
  /** Whether it comes from a device that is not known to be his, where that counts (strange-devices.ts). */
  isStrangeDevice?: boolean
}

/**
 * Whether the caller may use a service, and on whose behalf. Deny by default: each level of the
 * contract is a check that must pass, and each refusal says what the app has to do. `dependant` is the
 * hub id of a family member whom the caller asks about instead of themselves; `agencies` are asked whether their records prove it.
 */
export function authorise(
  service: CompiledService,
  caller: Caller | null,
  users: Users,
  dependant?: string,
  agencies?: Agencies,
): Asker | Promise<Asker> {
  const asking = recognise(service, caller, users, dependant, agencies)
  const policy = service.contract.face ?? (caller?.isStrangeDevice && isOnesOwn(service) ? STRANGE_DEVICE : undefined)
  if (!policy || !caller) return asking
  const present = (asker: Asker) => {
    const verifying = requireFace(policy, service.key, caller)
    return verifying ? verifying.then(() => asker) : asker
  }
  return asking instanceof Promise ? asking.then(present) : present(asking)
}

/** What is asked for on a device that is not known to be the caller's. */
export const STRANGE_DEVICE = {
  maxAgeSeconds: 1800,
  once: false,
  detail: '您正在一台没有信任过的设备上办事，请先核验人脸，或者信任这台设备。',
}

const isOnesOwn = ({ contract }: CompiledService) => contract.identity !== 'none' && contract.audience !== 'public'

/**
 * As {@link authorise}, without the face verification: for looking at what was done and for repeating a request,
 * which spends none. Everything else is as it must be now, not as it was then.
 */
export function recognise(
  service: CompiledService,
  caller: Caller | null,
  users: Users,
  dependant?: string,
  agencies?: Agencies,
): Asker | Promise<Asker> {
  assertKnownPolicy(service.contract)
  if (service.contract.identity === 'none') return NOBODY
  if (!caller) throw new HubError('HUB_TOKEN_MISSING')
  const open = users.access.opens(service.key, caller.user.kind)
  return open instanceof Promise
    ? open.then((yes) => admit(service, caller, users, yes, dependant, agencies))
    : admit(service, caller, users, open, dependant, agencies)
}

function admit(
  service: CompiledService,
  caller: Caller,
  users: Users,
  open: boolean,
  dependant: string | undefined,
  agencies: Agencies | undefined,
): Asker | Promise<Asker> {
  if (!open) throw new HubError('HUB_SERVICE_NOT_OPEN')
  const { contract } = service
  const { user, claims, guardian = null } = caller
  // The exchange made the child the caller; the call stays the guardian's.
  if (guardian !== null) return asGuardian(service, guardian, user.id, users)
  // Who looks into what is everybody's is no part of the question.
  if (contract.audience === 'public') return { userId: user.id, person: null, enterprise: null }
  if (contract.identity === 'login') return { userId: user.id, person: user.person, enterprise: null }
  if (!user.person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
  // What a user grants a third party he grants for himself; for others there is delegation (RFC 8693).
  if (dependant !== undefined) return asRelative(service, claims.connector === null ? user.id : null, dependant, users, agencies)
  const asAgent = contract.audience === 'enterprise' || (contract.agents === true && claims.enterprise !== null)
  return asAgent ? asAgentOf(service, caller, users) : { userId: user.id, person: user.person, enterprise: null }
}

async function asAgentOf({ key }: CompiledService, { user, claims }: Caller, users: Users): Promise<Asker> {
  const enterprise = claims.enterprise === null ? null : await users.mandate(user.id, claims.enterprise, key)
  if (!enterprise) throw new HubError('HUB_MANDATE_REQUIRED', { stepUp: { method: 'mandate' } })
  return { userId: user.id, person: user.person, enterprise }
}

/** A third party that the guardian's delegation admitted acts for a child; what an adult lets his family see, it doesn't. */
async function asGuardian({ contract, key }: CompiledService, guardian: string, dependant: string, users: Users): Promise<Asker> {
  return asFamily(guardian, contract.dependants ? await users.guardianOf(guardian, dependant, key) : null)
}

/**
 * The family member becomes the one who is asked about, at services that are for that: by a mandate, by his own consent, or
 * because the agency's record proves it. The call stays the asker's.
 */
async function asRelative(
  service: CompiledService,
  asker: string | null,
  relative: string,
  users: Users,
  agencies: Agencies | undefined,
): Promise<Asker> {
  const { contract, key } = service
  if (!contract.dependants || asker === null) return asFamily(asker, null)
  const byMandate = contract.dependants === true ? users.relativeOf : users.guardianOf
  const admitted = await byMandate(asker, relative, key)
  return asFamily(asker, admitted ?? (agencies ? await provenRelative(agencies, service, asker, relative) : null))
}

function asFamily(asker: string | null, person: Asker['person']): Asker {
  if (asker === null || !person) {
    const detail = '查询家庭成员的记录须持有授权：未成年人的请先登记监护关系，成年人的请其本人在“家庭成员”中同意。'
    throw new HubError('HUB_MANDATE_REQUIRED', { detail, stepUp: { method: 'mandate' } })
  }
  return { userId: asker, person, enterprise: null }
}
