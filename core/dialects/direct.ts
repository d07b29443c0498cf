import { HubError } from '../base/errors.ts'
import { prefixOf } from '../upstream/address.ts'
import type { Outgoing, SignedRequest, Signer, SignerContext } from '../upstream/dialect.ts'
import { ask, assertReached } from './ask.ts'
import { defaultRefusal, isRefusal, type RefusalForm } from './exchange-reply.ts'
import { type Carrier, layOut, servicePath } from './exchange-request.ts'

/** What dialects have in common that call a service at an address of its own. */
export interface DirectOptions {
  /** Address of a service behind the base address; `{path}` stands for its `path` or sid. Default `/{path}`. */
  path?: string
  /** How the parameters of a POST are written. Default `json`. */
  bodyFormat?: 'json' | 'form'
  /** How the agency says that it refused the credentials or the signature. */
  refusal?: Partial<RefusalForm>
}

/** → a function that lays out a call with the values that authenticate it; those may depend on the bare request. */
export function directLayout(
  { baseUrl }: Pick<SignerContext, 'baseUrl'>,
  options: DirectOptions,
  carriers: readonly Carrier[] = ['header'],
) {
  const pathOf = servicePath(prefixOf(baseUrl), options.path ?? '/{path}')
  const { bodyFormat = 'json' } = options
  return (outgoing: Outgoing, signed: Record<string, string>): SignedRequest =>
    layOut({ path: pathOf(outgoing), carriers, bodyFormat }, outgoing, signed)
}

/**
 * A signer without secrets to renew. `fresh`: every request is signed anew, with its own time, so one that
 * was refused may be signed and sent once more; `fixed`: the same credentials a second time would only
 * bring a lock-out closer.
 */
export function createDirectSigner(
  context: SignerContext,
  options: DirectOptions,
  credentials: 'fresh' | 'fixed',
  sign: (outgoing: Outgoing) => SignedRequest | Promise<SignedRequest>,
): Signer {
  const refusal = { ...defaultRefusal, ...options.refusal }
  return {
    sign,
    // A fixed credential's 401 goes on as the answer that it is; only a refusal inside a 2xx needs finding out.
    refused: (reply) => (credentials === 'fresh' || reply.status < 300) && isRefusal(reply, refusal),
    async renew() {
      if (credentials === 'fixed') throw new HubError('HUB_UPSTREAM_CREDENTIAL')
    },
    /** A call without parameters: it names nobody, and proves address, clock and credentials. */
    async probe(sid) {
      const reply = await ask(context, await sign({ sid, method: 'GET', params: {} }))
      if (isRefusal(reply, refusal)) throw new HubError('HUB_UPSTREAM_CREDENTIAL')
      assertReached(reply)
    },
  }
}
