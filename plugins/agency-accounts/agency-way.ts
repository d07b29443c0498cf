import type { RawReply, SignedRequest } from '../../core/upstream/dialect.ts'
import { createUpstream } from '../../core/upstream/upstream.ts'

/** The way to an agency's authorization server: whole answers, refusals included, for whoever knows how to read them. */
export interface AgencyWay {
  /** With the hub's time and size limits. */
  send(request: SignedRequest): Promise<RawReply>
  close(): Promise<void>
}

/** A pool of its own, so that a sick API doesn't hold up renewals, nor the other way round. */
export function openAgencyWay(agency: string, baseUrl: string): AgencyWay {
  let send: AgencyWay['send'] | undefined
  const upstream = createUpstream({
    agency,
    baseUrl,
    maxConcurrent: 16,
    createSigner(rawSend) {
      send = rawSend
      return {
        sign: () => {
          throw new Error('not used')
        },
        refused: () => false,
        renew: async () => {},
        probe: async () => {},
      }
    },
  })
  return { send: (request) => (send as AgencyWay['send'])(request), close: () => upstream.close() }
}
