import { createHash } from 'node:crypto'
import { HubError } from '../../core/base/errors.ts'
import { compileRequest } from '../../core/call/request.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { agencyOf, systemOf } from '../../core/contract/systems.ts'
import type { AddressPolicy, FilePolicy, ServiceContract } from '../../core/contract/types.ts'
import type { RawReply } from '../../core/upstream/dialect.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import { plainMediaType, type Sniffed, sniff } from '../files/sniff.ts'
import { allowedAddress, fetchAddress } from './address.ts'
import type { LinkedFile } from './links.ts'
import { isSpooled, type Spooled } from './spool.ts'

export interface FetchedFile {
  body: Buffer | Spooled
  mediaType: string
  extension: string
  sha256: string
  upstreamStatus: number
  upstreamMs: number
}

/** What agencies give as vouchers and certificates. Archives and office files can hold anything, pages can act. */
export const takenTypes: ReadonlySet<string> = new Set([
  'application/pdf',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/tiff',
  'image/bmp',
])

/**
 * → fetches one file of a service by the agency's number for it, through the agency's own way out: breaker, statistics,
 * credentials, time and size as for any call. An address that the agency gives is followed only on hosts that the service
 * declares (address.ts); redirects are refused. The body is held (at most what an answer may be), or waits on the disk, rather than
 * passed on as it comes: what turns out to be a lie must not have left.
 */
export function compileFetch(service: CompiledService, policy: FilePolicy, upstream: Upstream, folder: string) {
  const { connector, contract } = service
  const { outgoing } = compileRequest(policy.sid, callOf(contract, policy), systemOf(connector, contract), undefined)

  return async (file: LinkedFile, asker: Asker, isGone: () => boolean): Promise<FetchedFile> => {
    const start = performance.now()
    // The declaration may have changed since the link was made.
    const address = file.address !== undefined && policy.addresses ? allowedAddress(policy.addresses, file.address) : null
    const seen: Sniffed[] = []
    const { body, status } = address && policy.addresses ? await byAddress(policy.addresses, address, isGone, look) : await byNumber()
    if (!isSpooled(body)) await look(body)
    const upstreamMs = Math.round((performance.now() - start) * 10) / 10
    const sha256 = isSpooled(body) ? body.sha256 : createHash('sha256').update(body).digest('hex')
    const [found] = seen
    if (!found) throw lie(service, status)
    return { body, ...found, sha256, upstreamStatus: status, upstreamMs }

    async function look(first: Buffer): Promise<void> {
      const found = await sniff(first)
      const said = file.mediaType === null ? null : plainMediaType(file.mediaType)
      // A word like 图片 or pdf claims no type; one that is written as a type must be true.
      if (!found || !takenTypes.has(found.mediaType) || (said?.includes('/') && said !== found.mediaType)) throw lie(service, 200)
      seen.push(found)
    }

    async function byNumber(): Promise<{ body: Buffer; status: number }> {
      if (file.reference === '') throw new HubError('HUB_FILE_LINK_INVALID')
      const call = outgoing({}, asker)
      call.params[policy.parameter] = file.reference
      const options = { deadline: start + contract.timeoutMs, retries: 0, cacheSeconds: 0, isGone, asks: true }
      const read = (reply: RawReply) => ({ rows: [], total: null, body: bodyOf(service, policy, reply) })
      return upstream.call(call, read, options)
    }
  }

  /** Past the agency's own way out, whose breaker knows nothing of that host. */
  async function byAddress(addresses: AddressPolicy, url: URL, isGone: () => boolean, look: (first: Buffer) => Promise<void>) {
    try {
      return await fetchAddress(addresses, url, { timeoutMs: contract.timeoutMs, folder, look, isGone })
    } catch (error) {
      if (error instanceof UpstreamError) error.extras.agency ??= agencyOf(connector, contract)
      throw error
    }
  }
}

/** The service's own call, of which only the asker stays. */
function callOf(contract: ServiceContract, { path, method = 'GET' }: FilePolicy): ServiceContract {
  const { system, headers = {} } = contract.upstream ?? {}
  const facts = Object.entries(contract.inputs).filter(([, { notes }]) => notes.fact !== undefined)
  const kept = Object.entries(headers).filter(([, value]) => !(typeof value === 'object' && 'input' in value))
  return {
    ...contract,
    inputs: Object.fromEntries(facts),
    upstream: {
      ...{ method, headers: Object.fromEntries(kept) },
      ...(system === undefined ? {} : { system }),
      ...(path === undefined ? {} : { path }),
    },
  }
}

const BRACE = 0x7b

function bodyOf(service: CompiledService, { content }: FilePolicy, reply: RawReply): Buffer {
  if (content === undefined) {
    // An agency that has no such file, or refuses it, says so in its envelope.
    if (reply.body[0] === BRACE) service.open(reply)
    return reply.body
  }
  const [row] = service.open(reply).rows
  const text = row?.[content]
  const body = typeof text === 'string' ? Buffer.from(text, 'base64') : null
  if (!body || body.length === 0) throw lie(service, reply.status)
  return body
}

function lie({ connector, contract }: CompiledService, status: number): UpstreamError {
  const detail = '对方系统给出的文件打不开或与说明不符，已经拦下，请稍后再试。'
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status }, { agency: agencyOf(connector, contract), detail })
}
