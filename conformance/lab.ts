import type { LightMyRequestResponse } from 'fastify'
import type { CompiledService } from '../core/call/service.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject } from '../core/contract/types.ts'

/** Whose token a request carries, by their numbers in the sandbox; none at all without a person. */
export interface Bearer {
  person?: number
  enterprise?: number
  /** A token for the administration too. */
  admin?: true
}

export interface LabRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  url: string
  bearer: Bearer
  headers?: Readonly<Record<string, string>>
  body?: object | string
}

/** A fault of the sandbox (plugins/sandbox/faults.ts). */
export interface LabFault {
  kind: string
  sid: string
  on?: 'call' | 'refresh'
  times?: number
  ms?: number
}

/** What is wrong with a notice of a simulated agency's (plugins/sandbox/callbacks.ts). */
export interface LabNotice {
  at?: number
  nonce?: string
  forged?: true
  unsigned?: true
  reserialised?: true
}

/** A hub of its own with the sandbox behind it: where connectors are tried. */
export interface Lab {
  readonly services: ReadonlyMap<string, CompiledService>
  readonly people: readonly SandboxSubject[]
  readonly enterprises: readonly SandboxSubject[]
  /** Who may act for which enterprise, by their numbers in the sandbox. */
  readonly mandates: readonly { person: number; enterprise: number }[]
  /** Address of the simulated agencies, which no answer may give away. */
  readonly origin: string
  send(request: LabRequest): Promise<LightMyRequestResponse>
  /** Rows that a service answers from, in the agency's own form. */
  rowsOf(service: CompiledService, subject: SandboxSubject): readonly SandboxRow[]
  /** Ids of a person's own accounts at the connector's agency. */
  accountsOf(connector: ConnectorDeclaration, person: SandboxSubject): readonly string[]
  setFault(fault: LabFault): void
  clearFaults(): void
  /** The moment by which the agencies are open or closed, as their calendars say; null: they are always open. */
  setClock(at: number | null): void
  /** Hands the hub a notice of a filing, as the agency behind a system would send it, or otherwise. */
  notify(system: string, names: { serial: string; reference: string }, changes: LabNotice): Promise<LightMyRequestResponse>
  /** Pays an order at a simulated channel; false where it can't be paid. */
  pay(channel: 'wechat' | 'alipay', number: string): boolean
  /** Whether the agency has handed out credentials that end: for the service, or under the dialect's name. */
  handsOut(service: CompiledService): boolean
  /** The last code that an agency sent, by `<service id>/<number of the person>`. */
  codes(): ReadonlyMap<string, string>
  /** Lets the pause between two codes to the same phone be over. */
  restPhones(): Promise<void>
  /** What the agency was told to do in services of a kind, by number, and how often. */
  counts(kind: string): ReadonlyMap<string, number>
  /** How many rows the audit holds of the request with this trace id. */
  auditRows(traceId: string): Promise<number>
  /** Credentials, keys and tokens of this run, each with a name to report it by. */
  secrets(): Promise<ReadonlyMap<string, string>>
  /** Everything that was logged or written to the standard streams so far. */
  logged(): string
  close(): Promise<void>
}

/** Starts a hub with these connectors; rejects where the hub refuses to start. */
export type OpenLab = (declarations: readonly ConnectorDeclaration[]) => Promise<Lab>
