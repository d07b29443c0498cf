/**
 * What a declaration is. The agency's side of it (`UpstreamDeclaration`), one service
 * ({@link ServiceContract}) and the connector that holds them.
 */

import type { CallbackDeclaration, CredentialNotes, DialectDeclaration, Verb } from '../upstream/dialect.ts'
import type { Envelope } from '../upstream/envelope.ts'
import type { AccountsDeclaration } from './accounts.ts'
import type { Comparison } from './comparison.ts'
import type { Fields, RowOf } from './fields.ts'
import type { DeclaredStates, SubmissionState } from './filing-states.ts'
import type { Input, InputOf, Inputs, VerifiedFact } from './inputs.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Mark, Summary } from './summary.ts'

/** The names of the kinds of service. A kind's folder (plugins/kinds/) adds its own by declaration merging. */
export interface Kinds {
  query: true
  list: true
  status: true
  catalog: true
  document: true
  submit: true
  payment: true
}
export type Kind = keyof Kinds

/** What a contract says for its kind alone. A kind's folder adds its own policy here, by declaration merging. */
export interface KindPolicies<F> {
  /** With kind `submit` or `payment`: how it is filed and followed. */
  submission?: SubmissionPolicy<F>
  /** With a kind that asks: what its user can subscribe to, by id. */
  subscriptions?: Subscriptions<F>
  /** With a kind that asks: what can be added up by period (`?summary=year`). */
  summaries?: readonly Summary<F>[]
  /** With a kind that asks: moments that people should see, by id (`meta.marks`). */
  marks?: Readonly<Record<string, Mark>>
  /** With a kind that asks: what staff may compare of a user's records. */
  comparison?: Comparison<F>
}
export type Audience = 'person' | 'enterprise' | 'public'
export type IdentityLevel = 'none' | 'login' | 'real-name' | 'face' | 'authorised-agent'

/**
 * How the agency pages a list: names of its parameters, the number of its first page or row, and how many rows it
 * gives at once. All pages are collected, so that callers filter and sort them; `through` hands the caller's page on
 * instead, for lists too long for that: one call a page, the total is the agency's, only the declared inputs narrow.
 */
export type Paging = { base: 0 | 1; rows: number; through?: true } & (
  | { style: 'page'; page: string; size: string }
  | { style: 'offset'; start: string; limit: string }
)

/** How a question is asked whose answer comes later: applied for once, then fetched (GET) by its number. */
export interface Asynchronous {
  /** Key of the agency's number for the question, in its answers and as the parameter that fetches the result. */
  number: string
  /** Service id under which the result is fetched. Default: the service's own. */
  resultSid?: string
  /** Key of the state that every answer tells. */
  state: string
  /** States that mean "at work", "here it is" and "there will be no answer"; any other cannot be read. */
  running: readonly string[]
  done: readonly string[]
  refused: readonly string[]
  /** Key under which a finished answer holds its rows. */
  rows: string
  /** Milliseconds between two looks, within the service's `timeoutMs`. */
  pollMs: number
}

/** Hosts from which a file may be fetched by the address that the agency gives with it. */
export interface AddressPolicy {
  /** `files.example.gov.cn`, with the port where it is not https' own; every other address is no address. */
  hosts: readonly string[]
  /** The hosts stand in the city's own network: closed address ranges and plain http count for them. */
  internal?: true
  /** Bytes that one of them may have. Default: 8 MiB, which are held; what is larger waits on the disk until it has all come. */
  mostBytes?: number
}

/** How the files that a service's answers name are fetched, one at a time, by the number that the agency gave with each. */
export interface FilePolicy {
  /** Service id under which the agency hands them out; several services may share it. */
  sid: string
  path?: string
  /** Default GET. */
  method?: 'GET' | 'POST'
  /** Parameter that carries the agency's number for the file, beside the asker. */
  parameter: string
  /** Key under which the answer's row holds the file in Base64. Without it the body of the answer is the file. */
  content?: string
  /**
   * Pictures and PDFs leave with these words, for whom, for what and when all over them. A PDF that cannot be stamped, because it is
   * signed, encrypted or odd, does not leave, or (`plain`) leaves as it is and the answer says so; another picture never leaves.
   */
  watermark?: { words: string; otherwise?: 'refuse' | 'plain' }
  /** A file that the agency gives an address on one of these hosts is fetched there, without credentials; any other by its number. */
  addresses?: AddressPolicy
}

/** What the hub itself knows of a filing: when it was filed, when anything last changed, in which state it is. */
export type SubmissionWord = 'filedAt' | 'updatedAt' | 'status'

/** What an applicant may do to a filing that the agency has. */
export type ActKind = 'cancel' | 'change' | 'supplement'

/** An act on a filing, at the agency: sent with the filing's serial number, the agency's number for it, and the asker. */
export interface FilingAct {
  /** Service id of the act at the agency; no other service's. */
  sid: string
  path?: string
  method?: Exclude<Verb, 'GET'>
  /** States in which the applicant may. */
  when: readonly SubmissionState[]
  /** What the applicant says with it. */
  inputs?: Inputs
  constants?: Readonly<Record<string, unknown>>
}

/** How a submission is filed and followed at the agency. */
export interface SubmissionPolicy<F> {
  /** Upstream parameter that carries the hub's own serial number: the agency finds a filing by it. */
  serial: string
  /** Field that holds the agency's number for the filing. */
  reference: keyof F & string
  /** Service id under which the agency answers status queries (GET with the serial). Default: the service's own. */
  statusSid?: string
  /** Seconds between status queries while the filing is open. */
  pollSeconds: number
  /** Sends that may fail before a person has to look at it. */
  maxAttempts: number
  /** States of the agency's own, beyond the hub's, by name. */
  states?: DeclaredStates
  /** Fields that say what the hub knows as well; until the agency has spoken, the hub's word stands there. */
  words?: Partial<Record<keyof F & string, SubmissionWord>>
  /** Fields in which the agency says why, what is missing and by which day (a date): told with the state. */
  remarks?: readonly (keyof F & string)[]
  /** `to`: the state by which the agency shows that it was done. */
  cancel?: FilingAct & { to: SubmissionState }
  /** Every input names the `field` in which the agency shows the new value. */
  change?: FilingAct & { inputs: Inputs }
  /** 补正, allowed in a pause: the list `items` (`name`, `reason`) tells what is missing, the day or time `until` how long it may come. */
  supplement?: FilingAct & { inputs: Inputs; items: keyof F & string; until: keyof F & string }
  /** 特别程序: the pause in which the agency's term stands still, and the fields that tell why and until when. */
  suspension?: { state: SubmissionState; reason: keyof F & string; until?: keyof F & string }
  /** The field in which the agency says why it turned a filing down. */
  refusal?: keyof F & string
  /** Which answer means which state; the first match wins, all named fields must match. The last state reached ends the filing. */
  progress: readonly { state: SubmissionState; when: Partial<Record<keyof F & string, readonly string[]>> }[]
}

/** A constant, an input of the request, or a verified fact. */
export type HeaderValue<Name extends string = string> = string | { readonly input: Name } | { readonly fact: VerifiedFact }

/** What a service says itself in any case. */
interface ServiceBody<I extends Inputs, F extends Fields, Id extends string, System extends string> extends KindPolicies<F> {
  /** Second part of the route, kebab-case: `/v1/<connector>/<id>`. */
  id: Id
  /** The contract's Chinese words. */
  name: string
  /** Clause of the contract, where there is one. */
  section?: string
  kind: Kind
  /** Lets an agent whose token names an enterprise ask about that enterprise, where a person asks about themselves. */
  agents?: boolean
  /** Lets a person ask about a family member (`dependant=<hub user id>`): `'guardian'` by a guardian's mandate alone, `true` by the member's own consent as well. */
  dependants?: boolean | 'guardian'
  /**
   * With `dependants`: a list of the same connector in which the agency names the asker's family, and its field with their id
   * numbers. Whoever stands there now is asked about without a mandate.
   */
  kinship?: { service: string; idNumber: string }
  /** Whether an answer is one record or many. Default: many for a list or catalog, one otherwise. */
  rows?: 'one' | 'many'
  /**
   * Keys under which the agency's rows hold the id numbers of a record's parties, `list.key` for one inside
   * a list: where no field shows the parties, one of these must name the asker, or the row is withheld.
   */
  parties?: readonly string[]
  /** Required face verification: its greatest age, and whether it is spent by this call. */
  face?: { maxAgeSeconds: number; once: boolean }
  /** With kind `document`, and where another query can be printed too: what the printed document is called (default: the service's name), and for how many minutes it can be verified (90 days). */
  document?: { title: string; minutes?: number }
  /** With one record: the input and field that tells several records of one person apart. */
  key?: keyof I & keyof F & string
  /** Further fields that a person tells those records by. */
  keyWords?: readonly (keyof F & string)[]
  /** With one record and no key: why there can't be several, as a clause for people. */
  single?: string
  /** With one record: whose it can be, as a sentence for whoever has none. */
  none?: string
  /** Of a question that can be asked in several ways: at least one of these inputs must be given. */
  anyOf?: readonly (keyof I & string)[]
  /** A `field` that an input names must be one of the service's. */
  inputs: I & CheckedInputs<I, F>
  fields: F
  upstream?: {
    /** One of the connector's further `systems`; default: its main one. */
    system?: System
    sid?: string
    /**
     * Path of the service, where the dialect's address has a place for one (`{path}`). Default: the sid. In
     * `loans/{loanId}/renew` the input `loanId` stands, and then is no parameter besides.
     */
    path?: string
    /** Default POST. PUT and DELETE are for what changes something at the agency. */
    method?: Verb
    /** Headers of the service's own calls, by name; an input that stands in one is no parameter besides. */
    headers?: Readonly<Record<string, HeaderValue<keyof I & string>>>
    paging?: Paging
    /** Of the system's `maxConcurrent`, those that calls of this service may take. Default: all. */
    maxConcurrent?: number
    envelope?: Partial<Envelope>
    /** For an agency that answers later; not for paged services and submissions. */
    async?: Asynchronous
    /**
     * Parameters that are the same in every call of the service (a business type, a reason code), in the agency's own
     * keys and forms. As with inputs, a key with dots is a path into the body: `applicant.type`.
     */
    constants?: Readonly<Record<string, unknown>>
  }
  /** Retries after a failed send; only for GET. */
  retry?: { attempts: number }
  /** Seconds for which a public answer may be reused; only where no identity is asked for. */
  cache?: { seconds: number }
  submission?: SubmissionPolicy<F>
  /** How the files of its fields are fetched. */
  files?: FilePolicy
}

/** What a service says, or its connector for all of them (`defaults`). */
interface Everyday {
  audience: Audience
  identity: IdentityLevel
  /** Budget of the whole upstream exchange: secret refresh, retries and pages included. */
  timeoutMs: number
  /** Calls of one user to this service per span. */
  rate: { max: number; perSeconds: number }
}

export interface ServiceContract<I extends Inputs = Inputs, F extends Fields = Fields>
  extends ServiceBody<I, F, string, string>,
    Everyday {}

/** A service as its author writes it. */
export interface ServiceDraft<I extends Inputs, F extends Fields, Id extends string, System extends string>
  extends ServiceBody<I, F, Id, System>,
    Partial<Everyday> {}

/** What goes for every service of a connector that doesn't say otherwise. */
export interface ServiceDefaults extends Partial<Everyday> {
  /** Of services with identity `face`. */
  face?: { maxAgeSeconds: number; once: boolean }
  /** Of services that are asked, not filed. */
  method?: 'GET' | 'POST'
  /** Of services that go by GET. */
  retry?: { attempts: number }
  /** Of services of kind `list`. */
  paging?: Paging
}

/** Names of fields, and of columns as `list.column`. */
type FieldName<F extends Fields> =
  | (keyof F & string)
  | { [K in keyof F & string]: F[K] extends { readonly columns?: infer C } ? `${K}.${keyof C & string}` : never }[keyof F & string]

/** A name that is no literal is left to the check at the start. */
type CheckedInputs<I extends Inputs, F extends Fields> = {
  [K in keyof I]: I[K] extends Input<unknown, infer Ref>
    ? string extends Ref
      ? unknown
      : [Ref] extends [FieldName<F>]
        ? unknown
        : never
    : never
}

/** Code that remains where a declaration is not enough; pure functions, no network. */
export interface Handler<I, F> {
  /** Adds to or replaces the upstream parameters derived from the inputs. */
  request?(input: InputOf<I>, params: Record<string, unknown>): Record<string, unknown>
  /** Changes a mapped row; `source` is the upstream's own. */
  map?(row: RowOf<F>, source: Readonly<Record<string, unknown>>): RowOf<F>
}

/** A declared service once its own types have done their work in {@link DeclaredService.via}. */
export interface Service<Id extends string = string, System extends string = string> {
  readonly contract: ServiceContract
  readonly handler: Handler<Inputs, Fields> | null
  /** Never set: carries the service's id and system to the connector. */
  readonly names?: { id: Id; system: System }
}

export interface DeclaredService<I extends Inputs, F extends Fields, Id extends string, System extends string> extends Service<Id, System> {
  via(handler: Handler<I, F>): Service<Id, System>
}

export interface UpstreamDeclaration {
  /** Chinese name that errors give; default: the connector's agency. */
  agency?: string
  dialect: DialectDeclaration
  envelope: Envelope
  /** Parameters that carry the verified asker, by audience: upstream key → fact. */
  subject: { person?: Readonly<Record<string, VerifiedFact>>; enterprise?: Readonly<Record<string, VerifiedFact>> }
  /**
   * Keys under which the agency's rows name whose they are, shown or not, by audience: a row that names
   * somebody else than the asker is withheld.
   */
  owner?: { person?: readonly string[]; enterprise?: readonly string[] }
  /** How the agency writes days in requests: `YYYYMMDD`, `YYYY-MM-DD`, `dd/MM/yyyy` … An input may say otherwise (`pattern`). */
  dateFormat: string
  /** Calls under way at once; more wait, then are refused, so that a sick agency holds nobody else up. */
  maxConcurrent: number
  /** How the agency tells the hub that something happened to a filing, at `/v1/callbacks/<connector>[/<system>]`: a hint to ask. */
  callback?: CallbackDeclaration
  /** The agency takes a header that it doesn't know: it is told of which trace a call is a part (W3C Trace Context). */
  traceparent?: boolean
}

/** A row of a sandbox answer, in the upstream's own keys and forms. */
export type SandboxRow = Record<string, unknown>

/** An invented person or enterprise of the sandbox (see plugins/sandbox/people.ts). */
export interface SandboxSubject {
  readonly index: number
  readonly name: string
  /** Id number of a person, unified social credit code of an enterprise. */
  readonly number: string
}

/** How the hub finds out whether an agency's service works, without asking about anybody and without changing anything. */
export interface HealthDeclaration<Id extends string = string> {
  /** The service that is asked: one that needs no identity, or one that is asked about `subject`; of any other only its gateway. */
  service: Id
  /** Seconds for which a bad result stands, at most 30; where only the gateway can be asked, a good one too. */
  intervalSeconds: number
  /** Values of the service's inputs, where it answers nothing without. */
  inputs?: Readonly<Record<string, unknown>>
  /** A test subject that the agency knows, or an id number (unified code) that nobody has: nothing found is an answer, too. */
  subject?: { readonly name: string; readonly number: string }
}

export interface ConnectorDeclaration {
  /** Folder name and first part of the route, kebab-case. */
  id: string
  /** Asked by the hub itself, for purposes of its own: declared and configured like the others, without routes or a catalog entry. */
  internal?: true
  /** An invented agency to try the hub with: a hub without its sandbox leaves it out. */
  sandboxOnly?: true
  name: string
  agency: string
  /** Who answers for the connector: whom to call when it ails. */
  owner?: { name: string; contact: string }
  /** Where the agency's interface is described. */
  documentation?: string
  version?: string
  /** Clause of the contract, where there is one. */
  section?: string
  /** What the connector needs beyond its dialect's credentials. */
  credentials?: Readonly<Record<string, CredentialNotes>>
  upstream: UpstreamDeclaration
  /** Further systems of the same agency, by a name that services and configuration use. */
  systems?: Readonly<Record<string, UpstreamDeclaration>>
  /** Users' own accounts at the agency: how they are bound, and by which rules. */
  accounts?: AccountsDeclaration
  /** What the agency's own platform asks the hub for, as an OAuth client of it: scopes, and why, in words for citizens. */
  client?: { readonly purpose: string; readonly scopes: readonly string[] }
  services: readonly Service[]
  health: HealthDeclaration
  /** Rows for sandbox answers by service id; what is left out is generated from the fields. */
  sandbox: Readonly<Record<string, SandboxRows>>
}

/** What all agencies of the sandbox draw from; whom and what there is adds plugins/sandbox/life.ts by declaration merging. */
export interface SandboxWorld {
  /** Epoch milliseconds, and the day of it in Beijing, YYYYMMDD. */
  readonly now: number
  readonly today: string
}

/** The rows of somebody at one service, in the agency's own keys, as the world stands. */
export type SandboxRows = (subject: SandboxSubject, world: SandboxWorld) => readonly SandboxRow[]

/** A connector as its author writes it: services, systems and sandbox rows are named by what is there. */
export type ConnectorDraft<Id extends string, System extends string, Rows extends Readonly<Record<string, SandboxRows>>> = Omit<
  ConnectorDeclaration,
  'services' | 'systems' | 'health' | 'sandbox'
> & {
  defaults?: ServiceDefaults
  services: readonly Service<Id, NoInfer<System>>[]
  systems?: Readonly<Record<System, UpstreamDeclaration>>
  health: HealthDeclaration<NoInfer<Id>>
  sandbox: Rows & KnownRows<Rows, NoInfer<Id>>
}

type KnownRows<Rows, Id extends string> = string extends keyof Rows ? unknown : Readonly<Record<Exclude<keyof Rows, Id>, never>>
