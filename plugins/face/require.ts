import { HubError } from '../../core/base/errors.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import type { Claims } from '../users/tokens.ts'

/** A face verification that the hub keeps, of the very user who names it. Times are epoch milliseconds. */
export interface StoredFace {
  verifiedAt: number
  /** End of what the provider vouches for. */
  expiresAt: number
  /** `<connector>.<service>`, where it was made for one. */
  service: string | null
  used: boolean
}

/** What a caller names in the header `Face-Verification`. */
export interface PresentedFace {
  readonly id: string
  /** Throws HUB_FACE_INVALID for an id that is not the caller's, or of a verification that was not passed. */
  find(): Promise<StoredFace>
}

interface Verified {
  claims: Pick<Claims, 'faceVerifiedAt' | 'faceVerificationId'>
  face?: PresentedFace | null
}

/** `detail`: what is said where a face is missing. */
type Policy = NonNullable<ServiceContract['face']> & { detail?: string }

/** Face verifications dated further ahead than this are forged or come from a broken clock. */
const FUTURE_TOLERANCE_MS = 60_000

/**
 * Throws unless the caller's face was verified as the service wants it: by the token's claims, or by a
 * verification of the hub's own. Only the latter takes a promise. What is used once is chosen by whoever
 * names it, so there a named one goes before the token's, which may be spent.
 */
export function requireFace(policy: Policy | undefined, serviceKey: string, { claims, face = null }: Verified): Promise<void> | null {
  if (!policy) return null
  if (face !== null && (policy.once || !suffice(policy, claims))) return requireStored(policy, serviceKey, face)
  if (!suffice(policy, claims)) throw required(policy)
  return null
}

/** → the id under which a verification that {@link requireFace} accepted is spent, where it is to be used once. */
export function faceToSpend({ claims, face = null }: Verified): string | null {
  return face?.id ?? claims.faceVerificationId
}

/** What is to be spent once needs an id to be spent under. */
function suffice(policy: Policy, { faceVerifiedAt, faceVerificationId }: Verified['claims']): boolean {
  return faceVerifiedAt !== null && isFresh(policy, faceVerifiedAt * 1000) && (!policy.once || faceVerificationId !== null)
}

async function requireStored(policy: Policy, serviceKey: string, face: PresentedFace): Promise<void> {
  const { verifiedAt, expiresAt, service, used } = await face.find()
  const fits = service === serviceKey || (service === null && !policy.once)
  if (!fits) throw new HubError('HUB_FACE_INVALID', { detail: '这次人脸核验不是为这项服务做的，请重新核验。', stepUp: stepUp(policy) })
  if (policy.once && used) throw new HubError('HUB_FACE_USED', { stepUp: stepUp(policy) })
  if (expiresAt <= Date.now() || !isFresh(policy, verifiedAt)) throw required(policy)
}

function isFresh({ maxAgeSeconds }: Policy, verifiedAt: number): boolean {
  const age = Date.now() - verifiedAt
  return age <= maxAgeSeconds * 1000 && age >= -FUTURE_TOLERANCE_MS
}

function required(policy: Policy): HubError {
  const minutes = Math.round(policy.maxAgeSeconds / 60)
  const detail = policy.detail ?? `这项服务需要 ${minutes} 分钟以内的人脸核验，请核验后再试。`
  return new HubError('HUB_FACE_REQUIRED', { detail, stepUp: stepUp(policy) })
}

function stepUp({ maxAgeSeconds, once }: Policy) {
  return { method: 'face' as const, maxAgeSeconds, once }
}
