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
  /** The agency's own words of a refusal, as they came: for whoever asked, and for no log or problem document. */
  readonly words: unknown

  constructor(
    code: ErrorCode,
    at: { delivery: Delivery; status?: number | null; words?: unknown },
    extras: ProblemExtras = {},
    cause?: unknown,
  ) {
    super(code, extras, cause)
    this.name = 'UpstreamError'
    this.upstreamStatus = at.status ?? null
    this.delivery = at.delivery
    this.words = at.words
  }
}

/** A refusal of the hub's own, before anything was sent; without a stack, which would cost more than all the rest of it. */
export function refusal(code: 'HUB_UPSTREAM_UNAVAILABLE' | 'HUB_UPSTREAM_BUSY', agency: string, waitMs: number): UpstreamError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new UpstreamError(code, { delivery: 'not-processed' }, { agency, retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) })
  Error.stackTraceLimit = stackTraceLimit
  return error
}

/** Codes that speak of one request, or of the hub itself, rather than of the agency's health. */
const NO_VERDICT: ReadonlySet<string> = new Set([
  'HUB_UPSTREAM_BUSY',
  'HUB_UPSTREAM_WRONG_SUBJECT',
  'HUB_STORE_UNAVAILABLE',
  'HUB_ACCOUNT_UNBOUND',
  'HUB_ACCOUNT_SUSPENDED',
  'HUB_ACCOUNT_REAUTHORISE',
])

/**
 * What a call that failed says of the agency. `unreadable`: it answered, and what came cannot be read;
 * `unreachable`: no connection came about.
 */
export function verdictOf({ code, upstreamStatus, delivery }: UpstreamError): 'well' | 'ill' | 'unreachable' | 'unreadable' | 'none' {
  if (code === 'HUB_UPSTREAM_REFUSED') return 'well'
  if (NO_VERDICT.has(code)) return 'none'
  if (code === 'HUB_UPSTREAM_INVALID' && upstreamStatus !== null && upstreamStatus < 300) return 'unreadable'
  // Without a status, "unavailable" is a cool-down after a failed secret refresh, which was counted when it failed.
  if (code === 'HUB_UPSTREAM_UNAVAILABLE' && upstreamStatus === null) return 'none'
  const unsent = upstreamStatus === null && delivery === 'not-processed'
  return unsent && (code === 'HUB_UPSTREAM_UNREACHABLE' || code === 'HUB_UPSTREAM_TIMEOUT') ? 'unreachable' : 'ill'
}
