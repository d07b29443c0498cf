import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { type AgencyOAuth, createAgencyOAuth } from './agencies/index.ts'
import { parseForm, readParams, readText } from './body.ts'
import { type Callbacks, createCallbacks } from './callbacks.ts'
import type { Caught } from './caught.ts'
import { deliver, sendJson, suffer } from './delivery.ts'
import { createDialects, type DialectAddresses } from './dialects/index.ts'
import { createExchange } from './exchange.ts'
import { createFaceSimulator, FACE_APP_ID, FACE_ISSUER } from './face.ts'
import { createFaults, type Fault, type Faults, faultKinds } from './faults.ts'
import { createGateway } from './gateway.ts'
import { jwks, SANDBOX_ISSUER } from './issuer.ts'
import { createCatcher } from './messages.ts'
import { createPages } from './pages.ts'
import { createPayments, type Payments } from './payments/index.ts'
import { serve } from './platform.ts'
import { createReplies } from './replies.ts'
import { indexServices, type SidOf } from './services.ts'
import { createSignOnSimulator, type IssueOptions, SIGN_ON_APP_ID } from './sign-on.ts'
import type { TimeStampSimulator } from './time-stamp.ts'
import { defaultTiming, type Timing } from './timing.ts'

export interface SandboxOptions {
  connectors: readonly ConnectorDeclaration[]
  /** Keeps the issuer's key and the filings. */
  dataDir: string
  headerPrefix: string
  /** 0 takes a free port. */
  port?: number
  /** By default a random one for every start. */
  appKey?: string
  timing?: Partial<Timing>
  /** Service id at the agency, where the operator has configured another than the declared one. */
  sidOf?: SidOf
  /** Where browsers find the hub: it takes users back there after they signed on or authorised it. */
  hubUrl?: string
  /** Where the hub listens by now, for notices of agencies; without it none are sent. */
  hubAddress?: () => string | null
}

/** A running sandbox: agencies behind an exchange platform, and the issuer of their citizens' tokens. */
export interface Sandbox extends DialectAddresses {
  readonly origin: string
  readonly exchange: { readonly baseUrl: string; readonly requesterId: string; readonly appKey: string; readonly headerPrefix: string }
  readonly issuer: { readonly issuer: string; readonly jwksUrl: string }
  readonly signOn: { readonly baseUrl: string; readonly appId: string; readonly appSecret: string; issue(options?: IssueOptions): string }
  readonly face: { readonly baseUrl: string; readonly appId: string; readonly appSecret: string; readonly issuer: string }
  /** The agencies' authorization servers: the hub's registration there, and the tokens that were handed out. */
  readonly agencyOAuth: Pick<AgencyOAuth, 'client' | 'baseUrlOf' | 'issued' | 'pid'>
  /** Where browsers find an agency's own pages. */
  pagesOf(connectorId: string): string
  /** The channels by which citizens pay. */
  readonly payments: Payments
  /** How the agencies tell the hub that something happened to a filing. */
  readonly callbacks: Callbacks
  /** A time-stamping authority (RFC 3161), whose time counts for nothing. */
  readonly timeStampUrl: string
  /** Stands in for the city's push, SMS and e-mail: everything sent is caught, and reaches nobody. */
  readonly messages: { urlOf(channel: string): string; readonly key: string; caught(): readonly Caught[] }
  readonly faults: Faults
  /** Effective at once. */
  readonly timing: Timing
  /** What was asked of services of a kind that count, by number, and how often. */
  counts(kind: string): ReadonlyMap<string, number>
  /** Serial number → how often it was filed, over all processes with the same data folder. */
  filings(): ReadonlyMap<string, number>
  /** The last code that an agency sent, by `<service id>/<number of the person>`: what the phone would show. */
  codes(): ReadonlyMap<string, string>
  /** Number of a question that is answered later → how often its result was asked for; for one that was only applied for, 0. */
  questions(): ReadonlyMap<string, number>
  /** How often secrets of a service (other dialects: of all services, by the dialect's name) were handed out since the start. */
  refreshes(sid: string): number
  close(): Promise<void>
}

const WITH_BODY = new Set(['POST', 'PUT'])
const TIME_STAMP = '/time-stamp'
const METHODS = new Set([...WITH_BODY, 'GET', 'DELETE'])

/** Starts a sandbox on a loopback port. It needs neither Fastify nor a database, so it can be a process of its own. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { connectors, dataDir, headerPrefix, port = 0, appKey = randomBytes(16).toString('hex'), sidOf } = options
  const timing: Timing = { ...defaultTiming, ...options.timing }
  const account = { requesterId: 'sandbox-requester', appKey }
  const services = indexServices(connectors, sidOf)
  const gateway = createGateway(account, (sid) => services.has(sid), timing)
  const { hubUrl = 'http://127.0.0.1:3000' } = options
  const closing = new AbortController()
  // Every slow call waits on it, and there may be many.
  setMaxListeners(0, closing.signal)
  const callbacks = createCallbacks(connectors, closing.signal, options.hubAddress ?? (() => null))
  const { notify } = callbacks
  const business = createReplies(services, {
    dataDir,
    hubUrl: () => hubUrl,
    stepMs: () => timing.progressStepMs,
    now: () => timing.now(),
    notify,
  })
  const replies = business.reply
  const exchange = createExchange({ headerPrefix, gateway, services, replies })
  const agencyOAuth = createAgencyOAuth({
    ...{ connectors, dataDir, hubUrl },
    origin: () => origin,
    tokenLife: () => timing.tokenLifeSeconds,
  })
  const dialects = createDialects({ services, replies, timing, holders: agencyOAuth })
  const signOn = createSignOnSimulator(`${hubUrl}/sign-on/callback`)
  const face = createFaceSimulator(() => origin)
  const catcher = createCatcher(dataDir)
  const pages = createPages(connectors, business.page, () => origin)
  const faults = createFaults()
  const keys = JSON.stringify(jwks(dataDir))
  const payments = createPayments(dataDir, faults, closing.signal, () => origin)
  let timeStamps: Promise<TimeStampSimulator> | null = null
  let closed: Promise<void> | null = null

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const { method = 'GET', headers } = request
    const door = exchange.doorOf(path)
    if (door === 'call' && METHODS.has(method)) {
      const params = { ...parseForm(query), ...(WITH_BODY.has(method) ? await readParams(request) : {}) }
      const active = faults.take('call', exchange.sidOf({ headers, params }), method === 'GET')
      if (active.size > 0 && (await suffer(request, response, active, closing.signal))) return
      return deliver(request, response, exchange.call({ method, path, headers, params }, active), active)
    }
    if (door === 'refresh' && method === 'POST') {
      const body = await readParams(request)
      const active = faults.take('refresh', exchange.sidOf({ headers: {}, params: body }))
      if (active.size > 0 && (await suffer(request, response, active, closing.signal))) return
      return deliver(request, response, exchange.refresh(body, active), active)
    }
    if (payments.owns(path)) return payments.serve(request, response, WITH_BODY.has(method) ? await readText(request) : '')
    if (dialects.owns(path)) {
      const body = WITH_BODY.has(method) ? await readText(request) : ''
      return dialects.serve(request, response, body, { faults, signal: closing.signal })
    }
    for (const platform of [signOn, face, catcher, ...agencyOAuth.platforms]) {
      if (path.startsWith(`${platform.prefix}/`))
        return serve(platform, { faults, signal: closing.signal }, request, response, method === 'POST' ? await readText(request) : '')
    }
    const showing = pages.of(path)
    if (showing) return showing(request, response, query, method === 'POST' ? await readText(request) : '')
    if (path === TIME_STAMP && method === 'POST') return stampTime(request, response)
    if (path === '/issuer/jwks.json' && method === 'GET') return sendJson(response, 200, keys)
    if (path === '/sandbox/faults') return control(request, response, method)
    if (path === '/sandbox/codes' && method === 'GET') return sendJson(response, 200, JSON.stringify(Object.fromEntries(business.codes())))
    if (path === '/sandbox/filings' && method === 'GET')
      return sendJson(response, 200, JSON.stringify(Object.fromEntries(business.counts('filing'))))
    sendJson(response, 404, JSON.stringify({ code: '-1', message: '地址不存在' }))
  }

  /** What it needs is loaded with the first certificate. */
  async function stampTime(request: IncomingMessage, response: ServerResponse): Promise<void> {
    timeStamps ??= import('./time-stamp.ts').then(({ createTimeStampSimulator }) => createTimeStampSimulator(dataDir, () => timing.now()))
    const active = faults.take('call', 'time-stamp')
    if (active.size > 0 && (await suffer(request, response, active, closing.signal))) return
    await (await timeStamps).serve(request, response)
  }

  async function control(request: IncomingMessage, response: ServerResponse, method: string): Promise<void> {
    if (method === 'POST') {
      // Only JSON: a web page open in the developer's browser cannot send that here unasked.
      if (!request.headers['content-type']?.startsWith('application/json'))
        return sendJson(response, 415, JSON.stringify({ message: '须为 JSON' }))
      try {
        faults.set((await readParams(request)) as Fault)
      } catch (error) {
        return sendJson(response, 400, JSON.stringify({ message: (error as Error).message, kinds: faultKinds }))
      }
    } else if (method === 'DELETE') faults.clear()
    else if (method !== 'GET') return sendJson(response, 405, JSON.stringify({ message: '只接受 GET、POST、DELETE' }))
    sendJson(response, 200, JSON.stringify({ faults: faults.list(), kinds: faultKinds }))
  }

  const server = createServer((request, response) => {
    route(request, response).catch(() => request.socket.destroy())
  })
  // Longer than any client keeps a connection, so that none is cut while a request is on its way.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  async function close(): Promise<void> {
    closing.abort()
    payments.close()
    const ended = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await ended
    await agencyOAuth.close()
    business.close()
    catcher.close()
  }

  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    exchange: { baseUrl: origin, ...account, headerPrefix },
    issuer: { issuer: SANDBOX_ISSUER, jwksUrl: `${origin}/issuer/jwks.json` },
    signOn: { baseUrl: origin + signOn.prefix, appId: SIGN_ON_APP_ID, appSecret: signOn.appSecret, issue: signOn.issue },
    face: { baseUrl: origin + face.prefix, appId: FACE_APP_ID, appSecret: face.appSecret, issuer: FACE_ISSUER },
    agencyOAuth,
    ...dialects.addresses(origin),
    pagesOf: pages.addressOf,
    payments,
    callbacks,
    timeStampUrl: origin + TIME_STAMP,
    messages: { urlOf: (channel) => `${origin}${catcher.prefix}/${channel}`, key: catcher.key, caught: catcher.caught },
    faults,
    timing,
    counts: business.counts,
    codes: business.codes,
    filings: () => business.counts('filing'),
    questions: () => business.counts('query'),
    refreshes: (sid) => gateway.refreshes(sid) + dialects.refreshes(sid) + (sid === 'oauth2-user' ? agencyOAuth.grants() : 0),
    close: () => (closed ??= close()),
  }
}
