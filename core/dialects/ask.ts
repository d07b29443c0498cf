import { HubError } from '../base/errors.ts'
import type { RawReply, SignedRequest, SignerContext } from '../upstream/dialect.ts'

/** Sends a request of the dialect's own. Nothing of a call itself has been sent when it rejects, so the error is a plain HubError. */
export async function ask({ send }: Pick<SignerContext, 'send'>, request: SignedRequest): Promise<RawReply> {
  try {
    return await send(request)
  } catch (error) {
    // The cause is a code alone, as messages name addresses.
    if (error instanceof HubError) throw new HubError(error.code, error.extras)
    throw new HubError('HUB_UPSTREAM_UNREACHABLE', {}, (error as { code?: unknown }).code)
  }
}

/** Whether anything answers there, without a signature, so that nothing is asked for or renewed. */
export async function reach(context: Pick<SignerContext, 'send'>, path: string): Promise<void> {
  assertReached(await ask(context, { method: 'GET', path, headers: {}, body: null }))
}

/** A gateway that answers for a system that doesn't has not reached it. */
export function assertReached({ status }: RawReply): void {
  if (status >= 502 && status <= 504) throw new HubError('HUB_UPSTREAM_UNAVAILABLE')
}

/** Statuses of an answer to a request for a token or a secret. */
export function assertHandedOut({ status }: RawReply, refusing: readonly number[] = [401, 403]): void {
  if (refusing.includes(status)) throw new HubError('HUB_UPSTREAM_CREDENTIAL')
  if (status === 429 || status === 503) throw new HubError('HUB_UPSTREAM_UNAVAILABLE', { retryAfter: 1 })
  if (status === 504) throw new HubError('HUB_UPSTREAM_TIMEOUT')
  if (status < 200 || status >= 300) throw new HubError('HUB_UPSTREAM_INVALID')
}
