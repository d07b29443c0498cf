import type { FieldNotes, Fields } from '../../core/contract/fields.ts'
import type { VerifiedFact } from '../../core/contract/inputs.ts'
import type { ConnectorDeclaration, SandboxRow, SandboxSubject, ServiceContract } from '../../core/contract/types.ts'
import type { Envelope } from '../../core/upstream/envelope.ts'
import type { SandboxFiling } from './filing/policy.ts'

/** Whom a call's token was issued to, where the agency knows its users by tokens. */
export const HOLDER = Symbol('holder of the token')

/** The parameters of a request to a simulated agency. */
export type Params = Readonly<Record<string, unknown>> & { readonly [HOLDER]?: SandboxSubject }

/** A declared service as the sandbox's agencies offer it. */
export interface SandboxService {
  readonly sid: string
  readonly connector: ConnectorDeclaration
  readonly contract: ServiceContract
  readonly envelope: Envelope
  /** Upstream parameters that name the asker, and the fact each of them holds. */
  readonly subject: readonly (readonly [parameter: string, fact: VerifiedFact])[]
  readonly one: boolean
}

/** What a service has to say, before it is put into its envelope. */
export type Reply =
  | { readonly rows: readonly SandboxRow[]; readonly total: number | null }
  /** A refusal of the business system, e.g. 不予受理. */
  | { readonly refusal: string }

/** Names of the faults that a request suffers. */
export type ActiveFaults = Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>

/** One request that an agency's gateway has let pass. */
export interface SimulatedCall {
  /** The services that stand behind the service id, and the one whose own id it is (otherwise the first). */
  readonly offered: readonly SandboxService[]
  readonly service: SandboxService
  /** The service id that was asked. */
  readonly sid: string
  readonly method: string
  readonly params: Params
  readonly faults: ActiveFaults
}

/** What simulators of all kinds build on. */
export interface Simulation {
  /** A folder that outlives the process. */
  readonly dataDir: string
  /** Where browsers and agencies find the hub. */
  hubUrl(): string
  /** How long a filing stays at each step, in milliseconds. */
  stepMs(): number
  /** Whom a request asks about, if name and number agree. */
  findSubject(service: SandboxService, params: Params): SandboxSubject | null
  /** The next person or enterprise: whose record a platform might mix up with the asker's. */
  somebodyElse(subject: SandboxSubject): SandboxSubject
  /** All rows of a subject, as they were before `at` (epoch milliseconds; default: now). `asked`: the request. */
  rowsOf(service: SandboxService, subject: SandboxSubject, at?: number, asked?: Params): readonly SandboxRow[]
  /** The rows that a request asks for. */
  find(service: SandboxService, params: Params): { readonly rows: readonly SandboxRow[]; readonly total: number | null }
  /** When a case was paid for by an order with a service of its connector, in epoch milliseconds; null where it has not been. */
  paidAt(service: SandboxService, reference: string): number | null
  /** Has the agency send a notice of a filing after a while, where its system declares how it sends them. */
  notify?(service: SandboxService, names: { readonly serial: string; readonly reference: string }, afterMs: number): void
  /** Rows with the faults that concern keys and values. */
  distort(rows: readonly SandboxRow[], fields: Fields, faults: ActiveFaults): readonly SandboxRow[]
}

/** A browser at a page of an agency's own. */
export interface PageRequest {
  /** Of the agency's pages. */
  readonly origin: string
  /** Behind it. */
  readonly path: string
  readonly query: URLSearchParams
  readonly form: URLSearchParams
}

export type PageAnswer = { readonly html: string } | { readonly location: string }

/** The business system behind the services of one kind. */
export interface Simulator {
  answer(call: SimulatedCall): Reply
  /** What a browser sees there; null where the kind leads to none. */
  page?(connector: ConnectorDeclaration, request: PageRequest): Promise<PageAnswer | null>
  /** What was taken in, by number, and how often: the sandbox's proof that nothing was done twice. */
  counts?(): ReadonlyMap<string, number>
  /** What a subject, or without a number anybody, had filed with a service before `at`, and how far it was then. */
  filed?(service: SandboxService, subject: SandboxSubject, at: number): readonly SandboxFiling[]
  /** The last code that was sent under a service id, by `<service id>/<number of the person>`. */
  codes?(): ReadonlyMap<string, string>
  close?(): void
}

export type CreateSimulator = (simulation: Simulation) => Simulator

/** Key under which the sandbox sends a field: its first upstream code, or its own name. */
export function keyOf(name: string, { codes }: FieldNotes): string {
  return codes[0] ?? name
}
