import type { IncomingMessage, ServerResponse } from 'node:http'
import { servicePath } from '../../../core/dialects/exchange-request.ts'
import type { SigningForm } from '../../../core/dialects/signing-form.ts'
import { compileAddress, placedParams } from '../addresses.ts'
import { deliver, sendJson, suffer } from '../delivery.ts'
import type { Active, Faults } from '../faults.ts'
import type { Replies } from '../replies.ts'
import type { ServiceIndex } from '../services.ts'
import type { Timing } from '../timing.ts'
import type { Voucher } from '../vouchers.ts'
import { createApiKeySimulator } from './api-key.ts'
import { createBasicSimulator } from './basic.ts'
import { createBgHmacSimulator } from './bg-hmac.ts'
import { createHmacNonceSimulator } from './hmac-nonce.ts'
import { createOAuth2Simulator } from './oauth2-client-credentials.ts'
import { createOAuth2UserSimulator, type TokenHolders } from './oauth2-user.ts'
import { createSignedStringSimulator } from './signed-string.ts'
import type { Answer, CreateSimulator, Received } from './simulator.ts'
import { createSm2Sm4Simulator } from './sm2-sm4-envelope.ts'
import { type DialectService, formsOfSimulator, systemsOfDialect } from './systems.ts'
import { createTicketSimulator } from './ticket.ts'
import { createTifSimulator } from './tif.ts'
import { createTwoSecretSimulator } from './two-secret.ts'

const simulators = {
  'two-secret': createTwoSecretSimulator,
  'bg-hmac': createBgHmacSimulator,
  tif: createTifSimulator,
  'hmac-nonce': createHmacNonceSimulator,
  'signed-ticket': createTicketSimulator,
  'sm2-sm4-envelope': createSm2Sm4Simulator,
  'oauth2-client-credentials': createOAuth2Simulator,
  'api-key': createApiKeySimulator,
  basic: createBasicSimulator,
}

type DialectName = keyof typeof simulators | 'oauth2-user'

/** By dialect: the base address and the credentials that the hub needs there. */
export type DialectAddresses = Readonly<Record<DialectName, Readonly<Record<string, string>>>>

export interface DialectParts {
  services: ServiceIndex
  replies: Replies
  timing: Timing
  /** Who hands out users' tokens. */
  holders: TokenHolders
}

/** Agencies that speak the other dialects, each under `/dialects/<name>`, in front of the same business systems. */
export function createDialects(parts: DialectParts) {
  // Every declared signature is an agency of its own, with the credentials that its form needs.
  const declared = formsOfSimulator<SigningForm>('signed-string', parts.services).map(
    ([name, form]) => [name, () => createSignedStringSimulator(() => form)] as const,
  )
  const doors = new Map(
    [...Object.entries(simulators), ['oauth2-user', () => createOAuth2UserSimulator(parts.holders)] as const, ...declared].map(
      ([name, create]) => [name, createDoor(name, create as CreateSimulator<object>, parts)],
    ),
  )
  const nameIn = (path: string) => /^\/dialects\/([a-z0-9-]+)(?=\/|$)/.exec(path)?.[1] ?? ''

  return {
    /** How often the endpoints of a dialect's own were asked for a secret or a token. */
    refreshes: (name: string): number => doors.get(name)?.refreshes() ?? 0,
    owns: (path: string): boolean => doors.has(nameIn(path)),
    addresses(origin: string): DialectAddresses {
      // Their descriptors: some are invented when they are first asked for.
      const address = (name: string, credentials: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
        Object.defineProperties({ baseUrl: `${origin}/dialects/${name}` }, Object.getOwnPropertyDescriptors(credentials))
      return Object.fromEntries([...doors].map(([name, { credentials }]) => [name, address(name, credentials)])) as DialectAddresses
    },
    async serve(
      request: IncomingMessage,
      response: ServerResponse,
      body: string,
      { faults, signal }: { faults: Faults; signal: AbortSignal },
    ): Promise<void> {
      const [path = '', query = ''] = (request.url ?? '').split('?', 2)
      const received: Received = { method: request.method ?? 'GET', path, query, headers: request.headers, body }
      const target = doors.get(nameIn(path))?.find(received)
      if (!target) return sendJson(response, 404, JSON.stringify({ code: '-1', message: '地址不存在' }))
      const active = faults.take(target.on, target.sid, target.asks || received.method === 'GET')
      if (active.size > 0 && (await suffer(request, response, active, signal))) return
      const { status, text } = await target.answer(received, active)
      if (typeof text !== 'string' || status === 200) deliver(request, response, text, active)
      else sendJson(response, status, text)
    },
  }
}

interface Told {
  status: number
  text: string | Voucher
}

/** Where a path leads. Faults of the dialect's own endpoints are set under its name, as they serve all services. */
interface Target {
  readonly on: 'call' | 'refresh'
  readonly sid: string
  readonly options: object
  /** The verb of a service's own calls; the result of a question and the state of a filing are fetched by GET. */
  readonly method?: string
  /** It only asks what became of something, though by POST. */
  readonly asks?: boolean
  match(path: string): object | null
  answer(request: Received, faults: Active): Told | Promise<Told>
}

type Work = (request: Received, faults: Active) => Answer

function createDoor(name: string, create: CreateSimulator<object>, { services, replies, timing }: DialectParts) {
  const simulator = create(timing)
  const base = `/dialects/${name}`
  const targets: Target[] = []
  let refreshes = 0

  /** Connectors may share the address of an endpoint, each with options of its own: the first that takes a request answers it. */
  const endpoints = new Map<string, Work[]>()

  function addEndpoints(options: object): void {
    for (const [path, work] of Object.entries(simulator.endpoints?.(options) ?? {})) {
      const works = endpoints.get(path)
      if (works) {
        works.push(work)
        continue
      }
      const all = [work]
      endpoints.set(path, all)
      const answer: Target['answer'] = (request, faults) => {
        refreshes++
        let told = work(request, faults)
        for (const other of all.slice(1)) if (told.status !== 200) told = other(request, faults)
        return { status: told.status, text: JSON.stringify(told.json) }
      }
      targets.push({ on: 'refresh', sid: name, options, match: compileAddress(base + path), answer })
    }
  }

  function addService({ sid, connectorId, contract, path, options }: DialectService<{ path?: string }>): void {
    const [address = ''] = servicePath(base, options.path ?? '/{path}')({ sid, path }).split('?', 1)
    const match = compileAddress(address)
    const asks = simulator.postOnly === true && services.get(sid)?.every((service) => service.sid !== sid) === true
    const answer: Target['answer'] = async (received, faults) => {
      const holder = await simulator.holderOf?.(received, connectorId)
      const request = holder === undefined ? received : { ...received, holder }
      const admitted = simulator.admit(request, options, faults)
      if ('json' in admitted) return { status: admitted.status, text: JSON.stringify(admitted.json) }
      const params = { ...admitted.params, ...placedParams(contract, match(request.path) ?? {}, request.headers) }
      const text = replies(sid, asks ? 'GET' : request.method, params, faults)
      return { status: 200, text: typeof text === 'string' ? (admitted.seal?.(text, faults) ?? text) : text }
    }
    targets.push({ on: 'call', sid, options, method: contract.upstream?.method ?? 'POST', asks, match, answer })
  }

  const offered = systemsOfDialect<{ path?: string }>(name, services)
  for (const options of [...offered.map((service) => service.options), {}]) addEndpoints(options)
  for (const service of offered) addService(service)

  return {
    credentials: simulator.credentials,
    refreshes: () => refreshes,
    /** What the request says of its service counts as well: it may tell services with one address apart. */
    find(request: Received): Target | undefined {
      const found = targets.filter(
        ({ on, sid, options, match }) =>
          match(request.path) && (on === 'refresh' || (simulator.serviceOf?.(request, options) ?? sid) === sid),
      )
      return found.find(({ method }) => method === request.method) ?? found[0]
    },
  }
}
