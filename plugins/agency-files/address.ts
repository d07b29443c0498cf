import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { HubError } from '../../core/base/errors.ts'
import type { AddressPolicy } from '../../core/contract/types.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import { openSpool, type Spool, type Spooled } from './spool.ts'

const MIB = 1024 * 1024
/** A file is held whole until it is known to be what it says; a larger one, where it may be, is looked at when so much of it has come. */
const HELD_BYTES = 8 * MIB
/** Time for each further MiB. */
const MS_A_MIB = 1000

/** Networks that are nobody's on the open net: RFC 6890 and its like. */
const closed = new BlockList()
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const)
  closed.addSubnet(net, bits, 'ipv4')
/** Of IPv6 the global unicast addresses alone are open; of these not the ways into IPv4 and those for examples. */
const open6 = new BlockList()
open6.addSubnet('2000::', 3, 'ipv6')
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  closed.addSubnet(net, bits, 'ipv6')

/** Whether an address is one that the whole net can reach. */
export function isOpenAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !closed.check(address, 'ipv4')
  return family === 6 && open6.check(address, 'ipv6') && !closed.check(address, 'ipv6')
}

/** → the address that a file is fetched from, where the declaration names its host; null for every other. */
export function allowedAddress({ hosts, internal }: AddressPolicy, text: string): URL | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || !hosts.includes(url.host)) return null
  if (url.protocol !== 'https:' && !(internal && url.protocol === 'http:')) return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || internal || isOpenAddress(host) ? url : null
}

/** Resolves once, and hands on only what may be reached: what was looked at is what is connected to. */
export function resolver(internal: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const [first] = internal || found.every(({ address }) => isOpenAddress(address)) ? found : []
      if (!first) return callback(Object.assign(new Error('an address of a closed network'), { code: 'ERR_ADDRESS_CLOSED' }), '', 0)
      if (options.all) callback(null, [first])
      else callback(null, first.address, first.family)
    })
  }
}

/** How much time a file gets, where it may wait, who looks at its first bytes, and whether anybody still waits for it. */
export interface Fetching {
  timeoutMs: number
  folder: string
  look(first: Buffer): Promise<void>
  isGone(): boolean
}

/**
 * Fetches a file from an address that the agency gave, on a host that the declaration names: no redirect is followed, no
 * credential and nothing of the asker goes along, and it ends with the deadline and at the bound. What is too large to be held is
 * looked at when its first part has come, and waits on the disk for the rest.
 */
export async function fetchAddress(
  policy: AddressPolicy,
  url: URL,
  { timeoutMs, folder, look, isGone }: Fetching,
): Promise<{ body: Buffer | Spooled; status: number }> {
  const internal = policy.internal === true
  const most = policy.mostBytes ?? HELD_BYTES
  const dispatcher = new Agent({
    allowH2: false,
    connections: 1,
    maxResponseSize: most,
    connect: { timeout: 3000, lookup: resolver(internal) },
  })
  const signal = AbortSignal.timeout(timeoutMs + Math.ceil(Math.max(0, most - HELD_BYTES) / MIB) * MS_A_MIB)
  let spool: Spool | null = null
  try {
    const { statusCode: status, body } = await request(url, { method: 'GET', dispatcher, signal })
    if (status !== 200) {
      await body.dump({ limit: 64 * 1024 })
      throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status })
    }
    const held: Buffer[] = []
    let length = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (isGone()) throw new UpstreamError('HUB_UPSTREAM_UNREACHABLE', { delivery: 'unknown', status })
      length += chunk.length
      if (!spool && length <= HELD_BYTES) held.push(chunk)
      else {
        spool ??= await begin(held.splice(0))
        await spool.write(chunk)
      }
    }
    return { body: spool ? spool.done() : Buffer.concat(held), status }
  } catch (error) {
    await (spool as Spool | null)?.discard()
    if (error instanceof HubError) throw error
    const late = signal.aborted || (error as { code?: unknown }).code === 'UND_ERR_CONNECT_TIMEOUT'
    throw new UpstreamError(late ? 'HUB_UPSTREAM_TIMEOUT' : 'HUB_UPSTREAM_UNREACHABLE', { delivery: 'unknown' }, {}, error)
  } finally {
    await dispatcher.destroy()
  }

  async function begin(held: readonly Buffer[]): Promise<Spool> {
    const first = Buffer.concat(held)
    await look(first)
    const opened = await openSpool(folder)
    await opened.write(first)
    return opened
  }
}
