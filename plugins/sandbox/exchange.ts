import type { IncomingHttpHeaders } from 'node:http'
import type { ExchangeOptions } from '../../core/dialects/exchange.ts'
import { defaultForm } from '../../core/dialects/exchange-crypto.ts'
import { servicePath } from '../../core/dialects/exchange-request.ts'
import type { Params } from '../kinds/simulation.ts'
import { compileAddress, placedParams } from './addresses.ts'
import { systemsOfDialect } from './dialects/systems.ts'
import type { Active } from './faults.ts'
import type { Credentials, Gateway, GatewayForm, Refusal } from './gateway.ts'
import type { Replies } from './replies.ts'
import type { ServiceIndex } from './services.ts'
import type { Voucher } from './vouchers.ts'

interface Call {
  method: string
  path: string
  headers: IncomingHttpHeaders
  params: Params
}

/** The platform without its network: signed requests in, bodies out. */
export interface Exchange {
  /** Which of its two doors a path is. */
  doorOf(path: string): 'call' | 'refresh' | null
  refresh(body: Params, faults: Active): string
  call(call: Call, faults: Active): string | Voucher
  /** Service that a request names, for choosing its faults. */
  sidOf(call: Pick<Call, 'headers' | 'params'>): string
}

export interface ExchangeParts {
  headerPrefix: string
  gateway: Gateway
  services: ServiceIndex
  replies: Replies
}

const REFRESH = '/sysapi/auth/refreshappsecret'

export function createExchange({ headerPrefix, gateway, services, replies }: ExchangeParts): Exchange {
  const systems = systemsOfDialect<ExchangeOptions>('exchange', services)
  const optionsOf = new Map(systems.map(({ sid, options }) => [sid, options]))
  const prefixes = [...new Set([headerPrefix, ...systems.flatMap(({ options }) => options.headerPrefix ?? [])])]
  const refreshPaths = new Set([REFRESH, ...systems.flatMap(({ options }) => options.refreshPath ?? [])])
  const addresses = new Map(systems.map(({ sid, options, ...service }) => [sid, compileAddress(pathOf(options, { sid, ...service }))]))
  const callPaths = [compileAddress('/httpproxy'), ...addresses.values()]
  const contractOf = new Map(systems.map(({ sid, contract }) => [sid, contract]))
  const own = new Set(prefixes.flatMap((prefix) => ['rid', 'sid', 'rtime', 'sign'].map((name) => `${prefix}_${name}`)))

  /** The four values, wherever they travel and whatever their prefix; a service takes them under its own prefix only. */
  function credentialsOf(source: Params | IncomingHttpHeaders): Credentials {
    const prefix = prefixes.find((candidate) => `${candidate}_sid` in source) ?? headerPrefix
    const read = (name: string) => String(source[`${prefix}_${name}`] ?? '')
    const sid = read('sid')
    const expected = optionsOf.get(sid)?.headerPrefix ?? headerPrefix
    return { rid: prefix === expected ? read('rid') : '', sid, rtime: read('rtime'), sign: read('sign') }
  }

  function formOf(sid: string): GatewayForm {
    const { signature, timeUnit = 'ms', secret = 'daily' } = optionsOf.get(sid) ?? {}
    return { signature: { ...defaultForm, ...signature }, timeUnit, secret }
  }

  /** Some clients repeat the four values among the parameters. */
  function business(params: Params): Params {
    return Object.fromEntries(Object.entries(params).filter(([name]) => !own.has(name)))
  }

  return {
    doorOf: (path) => (callPaths.some((match) => match(path)) ? 'call' : refreshPaths.has(path) ? 'refresh' : null),
    sidOf: ({ headers, params }) => credentialsOf({ ...params, ...headers }).sid,
    refresh(body, faults) {
      const credentials = credentialsOf(body)
      const result = gateway.refresh(credentials, faults, formOf(credentials.sid))
      if ('code' in result) return refuse(result)
      return JSON.stringify({ code: '0', message: '操作成功', data: result })
    },
    call({ method, path, headers, params }, faults) {
      const credentials = credentialsOf({ ...params, ...headers })
      const refusal = gateway.check(credentials, faults, formOf(credentials.sid))
      if (refusal) return refuse(refusal)
      const contract = contractOf.get(credentials.sid)
      const placed = contract ? placedParams(contract, addresses.get(credentials.sid)?.(path) ?? {}, headers) : {}
      return replies(credentials.sid, method, { ...business(params), ...placed }, faults)
    },
  }
}

function pathOf({ proxyPath = '/httpproxy' }: ExchangeOptions, service: { sid: string; path?: string | undefined }): string {
  return servicePath('', proxyPath)(service).split('?', 1)[0] ?? ''
}

function refuse({ code, message }: Refusal): string {
  return JSON.stringify({ code, message, data: '' })
}
