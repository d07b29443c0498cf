import { HubError } from '../../core/base/errors.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Client, Reply } from '../platforms/client.ts'
import { MAX_SKEW_MS } from '../platforms/signed-headers.ts'
import type { SignOnConfiguration } from './configuration.ts'
import type { Flow } from './flows.ts'
import { textAt } from './identity.ts'

/** One way of signing on: where the user goes, and how the hub learns who came back. */
export interface SignOnProfile {
  /** What the user comes back with, as a query parameter of the callback. */
  readonly parameter: 'ticketId' | 'code'
  /** Address of the platform's sign-on page. */
  pageUrl(flow: Flow): string
  /** → the platform's answer about the user behind a ticket or code. Throws HUB_TICKET_INVALID, or an UpstreamError. */
  exchange(ticket: string, verifier: string): Promise<Reply>
}

export interface ProfileParts {
  configuration: SignOnConfiguration
  client: Client
  /** The hub's callback address. */
  callbackUrl: string
}

/** No ticket is good for longer, whatever the platform thinks. */
const LONGEST_LIFE_MS = 5 * 60_000

/** Asks for the access token that a ticket is worth; that the platform refuses it says something of the ticket, not of the platform. */
export async function redeem(asking: Promise<Reply>, { fields, appId }: SignOnConfiguration): Promise<{ token: string }> {
  const reply = await asking.catch((error: unknown) => {
    throw error instanceof UpstreamError && error.code === 'HUB_UPSTREAM_REFUSED' ? new HubError('HUB_TICKET_INVALID', {}, error) : error
  })
  const token = textAt(reply, fields.accessToken)
  if (token === null) throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { field: 'accessToken' })
  assertOurs(reply, fields, appId)
  return { token }
}

/** A platform that says for whom and when a ticket was made is held to it. */
function assertOurs(reply: Reply, { ticketApp, ticketIssuedAt }: SignOnConfiguration['fields'], appId: string): void {
  const app = ticketApp === '' ? null : textAt(reply, ticketApp)
  const issued = ticketIssuedAt === '' ? null : textAt(reply, ticketIssuedAt)
  const age = issued === null ? 0 : Date.now() - momentOf(issued)
  const timely = age <= LONGEST_LIFE_MS && age >= -MAX_SKEW_MS
  if ((app !== null && app !== appId) || !timely) throw new HubError('HUB_TICKET_INVALID')
}

/** Epoch seconds, epoch milliseconds or RFC 3339; NaN for anything else, which is never timely. */
function momentOf(text: string): number {
  if (/^\d{9,10}$/.test(text)) return Number(text) * 1000
  return /^\d{12,13}$/.test(text) ? Number(text) : Date.parse(text)
}
