import type { Database } from '../base/database.ts'
import type { Log } from '../base/log.ts'
import type { Vault } from '../base/vault.ts'

/** GET and DELETE carry their parameters in the query string, POST and PUT in a body. */
export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One call to an agency, before it is signed. Parameters may hold personal data: never log one. */
export interface Outgoing {
  /** The service's id at the agency (exchange platform: sid). */
  sid: string
  /** The service's path at the agency, percent-encoded, for dialects that know paths; where it has none, its id serves as one. */
  path?: string | undefined
  method: Verb
  params: Record<string, unknown>
  /** Headers that the service itself asks for; the dialect's own go before them. */
  headers?: Readonly<Record<string, string>>
  /** Hub id of the user on whose behalf the call is made, for dialects that sign with the user's own token. */
  userId?: string | undefined
}

/** A user's access token at one agency. */
export interface AccountToken {
  accountId: string
  value: string
  /** Tells this token from every other one without showing it. */
  version: string
}

/** Where a dialect gets a user's token from; renewal happens behind it. */
export interface AccountTokens {
  /** Throws HUB_ACCOUNT_UNBOUND, HUB_ACCOUNT_SUSPENDED, HUB_ACCOUNT_REAUTHORISE, or the trouble of a renewal. */
  token(userId: string): Promise<AccountToken>
  /** The agency refused this version: the next {@link AccountTokens.token} is another one. */
  refused(accountId: string, version: string): void
}

/** A signed request, ready for the wire. `path` includes the query string. */
export interface SignedRequest {
  method: Verb
  path: string
  headers: Record<string, string>
  body: string | null
  /** In place of `body`, what is no text. */
  bytes?: Buffer
}

export interface RawReply {
  status: number
  contentType: string
  body: Buffer
  /** As they came, names in lower case: some agencies sign their answers there. */
  headers?: Readonly<Record<string, string | string[] | undefined>>
}

/** A credential that an agency has handed out, without itself. Times in epoch milliseconds, 0 for never. */
export interface HeldCredential {
  /** The same for all services that are signed with it. */
  id: string
  obtainedAt: number
  expiresAt: number
  /** Attempts since then that failed. */
  failures: number
}

/** A way of authenticating to an agency, bound to one address and one set of credentials. */
export interface Signer {
  /** Signs a call; obtains or renews credentials first where that is due. Synchronous on the hot path. */
  sign(outgoing: Outgoing): SignedRequest | Promise<SignedRequest>
  /** Whether the agency refused the credentials themselves, so that renewing them and sending again can help. */
  refused(reply: RawReply): boolean
  /** How often a refused call is sent again with renewed credentials. Default 1. */
  readonly renewals?: number
  /** Forgets the credentials used for this service, if they are still those of `used`. */
  renew(sid: string, used: SignedRequest): Promise<void>
  /**
   * Verifies and decrypts an answer (HTTP 2xx) to `request`, where the agency seals its answers. Throws an
   * UpstreamError when it is not the agency's own answer to that request.
   */
  open?(reply: RawReply, request: SignedRequest): RawReply
  /** Whether it opens answers of any status, where the agency says with one such as 404 what it means. */
  readonly opensAll?: true
  /** Renews credentials of a service that are held and due, before a call wants them. None: they never end. */
  refresh?(sid: string): Promise<void>
  /** What calls of a service are signed with, where the agency hands it out; null before the first. */
  inspect?(sid: string): Promise<HeldCredential | null>
  /** Fetches another one now, while the one that is held serves on. */
  rotate?(sid: string): Promise<void>
  /** Asks the agency something cheap that proves address, clock and credentials. Rejects with a HubError. */
  probe(sid: string): Promise<void>
}

export interface SignerContext {
  baseUrl: string
  /** Values of the credentials that the dialect declares. */
  credentials: Readonly<Record<string, string>>
  database: Database
  vault: Vault
  log: Log
  /** The clock by which calls are signed, in epoch milliseconds; default the machine's. What is asked for besides goes by the machine's. */
  now?: () => number
  /** Tokens of users' accounts at the agency, where the connector declares `accounts.oauth`. */
  accounts?: AccountTokens
  /**
   * How the agency may be told who the user (hub id) is: the account bound there, otherwise a pseudonym of this connector
   * alone; never an id number. Throws HUB_ACCOUNT_SUSPENDED or HUB_ACCOUNT_REAUTHORISE.
   */
  subjectOf?(userId: string): string | Promise<string>
  /** Counts what came of fetching a short-lived credential: `ok` or an error code. */
  renewed?(outcome: string): void
  /** Sends a request of the dialect's own (a token or secret refresh), with time and size limit; the breaker counts calls only. */
  send(request: SignedRequest): Promise<RawReply>
}

/** What a credential is called, and whether it must never be shown. */
export interface CredentialNotes {
  title: string
  secret: boolean
  /** Setting of the hub that supplies it where the connector's own configuration doesn't. */
  setting?: string
}

/** A dialect as a connector names it: `upstream: { dialect: exchange({ … }) }`. */
export interface DialectDeclaration {
  readonly name: string
  readonly credentials: Readonly<Record<string, CredentialNotes>>
  /** False where all services answer at one address, which has no place for a path of a service's own. */
  readonly placesPath?: boolean
  /** Setting that supplies the base address where the connector's configuration doesn't. */
  readonly baseUrlSetting?: string
  /** The form that the connector has chosen, for the sandbox to speak it too. */
  readonly options?: object
  /** Simulator of the sandbox that speaks it, where a dialect's own name is not that simulator's. */
  readonly simulator?: string
  /** All mistakes of the chosen form that the compiler cannot see; they stop the start. */
  check?(): string[]
  createSigner(context: SignerContext): Signer
}

/** A notice of an agency's, verified: which filing it is about. Nothing else of it is believed. */
export interface Notice {
  /** The hub's own serial number of the filing, or the agency's number for it. */
  readonly by: 'serial' | 'reference'
  readonly number: string
  /** Tells this notice from every other one that its sender signed. */
  readonly id: string
  /** Whether it was signed near enough to the hub's clock. */
  readonly isInTime: boolean
}

/** A request as it came, before anything of it was read. Header names are in lower case. */
export interface Arrival {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** How an agency tells the hub that something happened to a filing, as a system names it: `callback: signedCallback({ … })`. */
export interface CallbackDeclaration {
  /** What the agency signs with, apart from what the hub calls with. */
  readonly credentials: Readonly<Record<string, CredentialNotes>>
  /** The form that the connector has chosen, for the sandbox to speak it too. */
  readonly options: object
  /** What the agency is answered. */
  readonly answer: { readonly taken: object | string; readonly refused: object | string }
  check(): string[]
  /** → the notice, or null for one that is not the agency's own. Throws on a key that is none. */
  createReader(credentials: Readonly<Record<string, string>>): (arrival: Arrival, now: number) => Notice | null
}
