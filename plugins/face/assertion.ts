import { errors } from 'jose'
import { HubError } from '../../core/base/errors.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import { createKeySet } from '../users/key-set.ts'
import type { FaceContext } from './provider.ts'

/** When somebody was verified, as his assertion says. Epoch milliseconds. */
export interface AssertedFace {
  verifiedAt: number
  expiresAt: number
}

/** Throws HUB_FACE_INVALID for an assertion that is not the provider's, or about somebody or something else; an UpstreamError when its keys cannot be had. */
export type VerifyAssertion = (assertion: string, expected: FaceContext & { verificationId: string }) => Promise<AssertedFace>

export interface AssertionVerifierOptions {
  issuer: string
  /** The hub's app id at the provider. */
  audience: string
  jwksUrl: string
}

/** For clocks that disagree. */
const TOLERANCE_SECONDS = 60

export function createAssertionVerifier({ issuer, audience, jwksUrl }: AssertionVerifierOptions): VerifyAssertion {
  // Assertions come from the provider itself, whom the hub asked: there is nobody to hold back.
  const keys = createKeySet(jwksUrl, { restMs: 0 })

  return async function verify(assertion, { subject, nonce, verificationId }) {
    try {
      const payload = await keys.verify(assertion, {
        issuer,
        audience,
        subject,
        algorithms: ['ES256'],
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['iat', 'exp', 'jti', 'nonce'],
      })
      const { iat = 0, exp = 0, jti, nonce: given } = payload
      const ours = jti === verificationId && given === nonce && iat * 1000 <= Date.now() + TOLERANCE_SECONDS * 1000
      if (!ours) throw new HubError('HUB_FACE_INVALID')
      return { verifiedAt: iat * 1000, expiresAt: exp * 1000 }
    } catch (error) {
      if (error instanceof HubError) throw error
      const judged = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC'
      if (judged) throw new HubError('HUB_FACE_INVALID', {}, error)
      throw new UpstreamError('HUB_UPSTREAM_UNREACHABLE', { delivery: 'not-processed' }, { agency: '实人认证' }, error)
    }
  }
}
