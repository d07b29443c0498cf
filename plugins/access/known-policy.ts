import { HubError } from '../../core/base/errors.ts'
import type { Audience, IdentityLevel, ServiceContract } from '../../core/contract/types.ts'

const LEVELS: Readonly<Record<IdentityLevel, true>> = { none: true, login: true, 'real-name': true, face: true, 'authorised-agent': true }
const AUDIENCES: Readonly<Record<Audience, true>> = { person: true, enterprise: true, public: true }

/**
 * The start refuses a declaration with any other word (plugins/declarations/). Should one come by another way, nobody may:
 * what it was meant to ask for is not known.
 */
export function assertKnownPolicy({ identity, audience, face, dependants = false }: ServiceContract): void {
  const isFaceless = identity === 'face' && face === undefined
  const isFamilial = typeof dependants === 'boolean' || dependants === 'guardian'
  if (Object.hasOwn(LEVELS, identity) && Object.hasOwn(AUDIENCES, audience) && isFamilial && !isFaceless) return
  throw new HubError('HUB_SERVICE_NOT_OPEN')
}
