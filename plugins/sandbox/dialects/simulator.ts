import type { IncomingHttpHeaders } from 'node:http'
import type { SandboxSubject } from '../../../core/contract/types.ts'
import type { Params } from '../../kinds/simulation.ts'
import { parseBody, parseForm } from '../body.ts'
import type { Active } from '../faults.ts'
import type { Timing } from '../timing.ts'

/** A request as it came from the wire. */
export interface Received {
  readonly method: string
  /** Whole path, without the query string. */
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly holder?: SandboxSubject | null
}

export interface Answer {
  readonly status: number
  readonly json: object
}

/** A request whose sender has proved itself. */
export interface Admitted {
  readonly params: Params
  /** Seals the answer, where the dialect does. */
  seal?(body: string, faults: Active): string
}

/** The agency's side of a dialect, written from the standard: one account, its secrets, and who gets in. */
export interface Simulator<O> {
  /** What the hub needs to get in, by the names that the dialect declares. */
  readonly credentials: Readonly<Record<string, string>>
  /** Endpoints of the dialect's own, by path behind the base address. */
  endpoints?(options: O): Readonly<Record<string, (request: Received, faults: Active) => Answer>>
  admit(request: Received, options: O, faults: Active): Admitted | Answer
  /** Whose own account a call of a connector's service opens, where another process says so; `admit` finds it in the request. */
  holderOf?(request: Received, connectorId: string): Promise<SandboxSubject | null>
  /** Service id that a request names apart from its path, if it names one. */
  serviceOf?(request: Received, options: O): string | undefined
  /** Every call is a POST: what is asked tells filings from status queries. */
  readonly postOnly?: true
}

export type CreateSimulator<O> = (timing: Timing) => Simulator<O>

export function paramsOf({ query, body, headers }: Received): Params {
  return { ...parseForm(query), ...(body === '' ? {} : parseBody(body, headers['content-type'])) }
}

/** What a request carries under a name, in the query string, the body or a header. */
export function carriedBy(request: Received): (name: string) => string {
  const params = paramsOf(request)
  return (name) => String(request.headers[name.toLowerCase()] ?? params[name] ?? '')
}

export function unauthorized(message: string): Answer {
  return { status: 401, json: { message } }
}

/** Whether a request's time (epoch milliseconds) is near enough to the agency's clock. */
export function isInTime(at: number, limitMs: number, faults: Active): boolean {
  const fault = faults.get('clock-skew')
  const clock = Date.now() + (fault ? (fault.ms ?? 600_000) : 0)
  return Math.abs(clock - at) < limitMs
}

/** Whether the agency is to find fault with credentials that stand for good. */
export function isDistrustful(faults: Active): boolean {
  return faults.has('bad-sign') || faults.has('secret-expired') || faults.has('secret-rotated')
}
