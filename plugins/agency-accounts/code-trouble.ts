import { HubError } from '../../core/base/errors.ts'

/**
 * What went wrong when a code was exchanged for tokens, without anything of the agency's answer: the
 * client library's errors carry the answer's body, so they are no cause to keep.
 */
export function codeTrouble(error: unknown, agency: string): HubError {
  if (error instanceof HubError) return error
  const { data, output, code } = error as { data?: { payload?: { error?: unknown } }; output?: { statusCode?: number }; code?: unknown }
  const reason = data?.payload?.error
  if (reason === 'invalid_grant') return new HubError('HUB_ACCOUNT_STATE_INVALID')
  if (typeof reason === 'string') return new HubError('HUB_UPSTREAM_CREDENTIAL', { agency }, reason.slice(0, 40))
  const status = output?.statusCode ?? 0
  if (status === 504) return new HubError('HUB_UPSTREAM_TIMEOUT', { agency })
  if (status >= 500) return new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency })
  if (status >= 400) return new HubError('HUB_UPSTREAM_INVALID', { agency })
  return new HubError('HUB_UPSTREAM_UNREACHABLE', { agency }, code)
}
