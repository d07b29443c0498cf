import { HubError } from '../../../core/base/errors.ts'
import { UpstreamError, verdictOf } from '../../../core/upstream/error.ts'

/** The hub's own code for how a call ended; a connector's own code may throw anything. */
export const codeOf = (error: unknown): string => (error instanceof HubError ? error.code : 'HUB_INTERNAL')

/** What says nothing of a version: the agency is shut or full, or the user's account is not bound. */
const NOBODYS: ReadonlySet<string> = new Set([
  'HUB_AGENCY_CLOSED',
  'HUB_UPSTREAM_BUSY',
  'HUB_STORE_UNAVAILABLE',
  'HUB_ACCOUNT_UNBOUND',
  'HUB_ACCOUNT_SUSPENDED',
  'HUB_ACCOUNT_REAUTHORISE',
])

/** How an answer that failed counts for the version that gave it; "no record" is an answer. */
export function troubleOf(error: unknown): 'errors' | 'unreadable' | null {
  if (!(error instanceof HubError)) return 'errors'
  if (!(error instanceof UpstreamError) || NOBODYS.has(error.code)) return null
  return verdictOf(error) === 'unreadable' || error.code === 'HUB_UPSTREAM_WRONG_SUBJECT' ? 'unreadable' : 'errors'
}

/** Whether the agency is there and has answered, so that it can be asked once more. */
export function isAnswered(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return error instanceof HubError
  return ['well', 'unreadable'].includes(verdictOf(error)) || error.code === 'HUB_UPSTREAM_WRONG_SUBJECT'
}
