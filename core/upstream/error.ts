import { type ErrorCode, HubError, type ProblemExtras } from '../base/errors.ts'

/**
 * Whether the agency may have acted on a request that failed. Only `not-processed` may be sent again
 * as it is; `unknown` must be cleared up first; `refused` is the agency's own final word.
 */
export type Delivery = 'not-processed' | 'refused' | 'unknown'

/** Trouble with an agency, mapped once, at the boundary. */
export class UpstreamError extends HubError {
  readonly upstreamStatus: number | null
  readonly delivery: Delivery

  constructor(code: ErrorCode, at: { delivery: Delivery; status?: number | null }, extras: ProblemExtras = {}, cause?: unknown) {
    super(code, extras, cause)
    this.name = 'UpstreamError'
    this.upstreamStatus = at.status ?? null
    this.delivery = at.delivery
  }
}

/** Codes that speak of one request, or of the hub itself, rather than of the agency's health. */
const NO_VERDICT: ReadonlySet<string> = new Set([
  'HUB_UPSTREAM_REFUSED',
  'HUB_UPSTREAM_BUSY',
  'HUB_UPSTREAM_WRONG_SUBJECT',
  'HUB_STORE_UNAVAILABLE',
  'HUB_ACCOUNT_UNBOUND',
  'HUB_ACCOUNT_SUSPENDED',
  'HUB_ACCOUNT_REAUTHORISE',
])

/** Whether an error is the agency's fault (breaker, statistics). */
export function isAgencyFault(error: UpstreamError): boolean {
  // Without a status, "unavailable" is a cool-down after a failed secret refresh, which was counted when it failed.
  const coolingDown = error.code === 'HUB_UPSTREAM_UNAVAILABLE' && error.upstreamStatus === null
  return !coolingDown && !NO_VERDICT.has(error.code)
}
