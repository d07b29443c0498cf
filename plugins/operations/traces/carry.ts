import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { SignedRequest, Signer } from '../../../core/upstream/dialect.ts'

/** The trace of the call that is being answered. */
const calls = new AsyncLocalStorage<string>()

export const within = (traceId: string, work: () => void) => calls.run(traceId, work)

/** `traceparent` (W3C Trace Context) of a new span in a trace. */
export function traceparent(traceId: string, spanId: string = randomBytes(8).toString('hex'), sampled = true): string {
  return `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`
}

/**
 * The same signer, whose requests tell the agency by which call they came; outside any, as in background work, they tell nothing.
 * The header is added after signing: no signature covers it.
 */
export function carrying(signer: Signer, parent: (traceId: string) => string): Signer {
  function mark(request: SignedRequest): SignedRequest {
    const traceId = calls.getStore()
    if (traceId !== undefined) request.headers = { ...request.headers, traceparent: parent(traceId) }
    return request
  }
  return {
    ...signer,
    sign(outgoing) {
      const signing = signer.sign(outgoing)
      return signing instanceof Promise ? signing.then(mark) : mark(signing)
    },
  }
}
