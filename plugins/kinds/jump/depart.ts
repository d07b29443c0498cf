import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import type { RawReply } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { withParameters } from '../../agency-accounts/return-address.ts'
import { addressOf, type Departure } from './pages.ts'
import type { TicketHandOver } from './policy.ts'
import type { Jump } from './rows.ts'

interface Exchange {
  request: FastifyRequest
  reply: FastifyReply
}

/** Has the agency told who is coming, as its declaration says. → where the browser goes. Throws the trouble of that call. */
export async function depart(app: FastifyInstance, service: CompiledService, jump: Jump, asker: Asker, at: Exchange): Promise<Departure> {
  const { connector, contract } = service
  const policy = contract.jump
  if (!policy) throw new Error(`${service.key} has no jump policy`)
  const { input, returnTo } = jump.request
  const base = app.jumps.pagesOf(connector.id)
  const page = addressOf(base, policy.page, input)
  const target = returnTo !== null && policy.returnParameter ? withParameters(page, { [policy.returnParameter]: returnTo }) : page
  const { handOver } = policy
  // Nobody is on a way to a page for everybody: it has an address.
  if (handOver.by === 'none') throw new Error(`${service.key} hands nobody over`)
  const url =
    handOver.by === 'sign-in'
      ? await signIn(app, jump, connector.id, at, addressOf(base, handOver.path, {}), target)
      : place(target, handOver, await ticketOf(app, service, jump, asker, at, handOver))
  return { agency: agencyOf(connector, contract), ...url }
}

type Address = Omit<Departure, 'agency'>

/**
 * From here on the browser is signed on at the hub for the agency's platform, and for nobody else, so that its question is answered
 * without another login. A session that is his, and good for it, stays as old as it is.
 */
async function signIn(
  app: FastifyInstance,
  { userId }: Jump,
  connector: string,
  { request, reply }: Exchange,
  path: string,
  target: string,
): Promise<Address> {
  const clientId = app.jumps.clientOf(connector)
  if ((await app.sessions.read(request, clientId))?.userId !== userId) await app.sessions.begin(request, reply, userId, clientId)
  return { url: withParameters(path, { iss: app.authorizationStore.issuer, target_link_uri: target }), form: null }
}

async function ticketOf(
  app: FastifyInstance,
  service: CompiledService,
  { request: { input, binding } }: Jump,
  verified: Asker,
  { request }: Exchange,
  { field }: TicketHandOver<never>,
): Promise<string> {
  const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, binding ?? undefined) : verified
  const upstream = app.upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${service.system}`)
  const start = performance.now()
  const read = (reply: RawReply) => {
    const opened = service.open(reply)
    return { ...opened, read: opened.rows.map((source) => service.map(source, asker)) }
  }
  const options = { deadline: start + service.contract.timeoutMs, retries: 0, cacheSeconds: 0 }
  const answer = await upstream.call(service.outgoing(input, asker), read, options)
  request.audit.upstreamStatus = answer.status
  request.audit.upstreamMs = Math.round((performance.now() - start) * 10) / 10
  const ticket = answer.read.length === 1 ? answer.read[0]?.[field] : null
  if (typeof ticket !== 'string' || ticket === '')
    throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: answer.status })
  return ticket
}

function place(url: string, { carrier = 'query', parameter }: TicketHandOver<never>, ticket: string): Address {
  if (carrier === 'form') return { url, form: [parameter, ticket] }
  if (carrier === 'query') return { url: withParameters(url, { [parameter]: ticket }), form: null }
  const address = new URL(url)
  address.hash = `${parameter}=${encodeURIComponent(ticket)}`
  return { url: address.href, form: null }
}
