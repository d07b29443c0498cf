import type { Paging } from '../../core/contract/types.ts'
import type { CallbackDeclaration, DialectDeclaration, Outgoing } from '../../core/upstream/dialect.ts'
import type { Envelope } from '../../core/upstream/envelope.ts'
import type { OAuthSide } from './oauth-side.ts'

/** What an agency's service is tried by: where it is, how it is asked, and what it promises to answer. */
export interface Subject {
  readonly name: string
  readonly baseUrl: string
  readonly dialect: DialectDeclaration
  readonly envelope: Envelope
  readonly timeoutMs: number
  /** How far a request's time may be from the agency's clock, where the dialect leaves that to it. */
  readonly skewSeconds: number
  /** A question about a test person of the agency's. */
  readonly known: Question
  /** The same about somebody of whom it knows nothing. */
  readonly unknown: (Question & { readonly answers: 'nothing' | 'refusal' }) | null
  /** Keys of a record that say whose it is. */
  readonly ownerKeys: readonly string[]
  /** Paths of all that a record may hold, in lower case; null where nobody has said. */
  readonly fields: ReadonlySet<string> | null
  readonly paging: Paging | null
  readonly write: Deed | null
  readonly files: FileSide | null
  readonly ledger: LedgerSide | null
  /** How its notices of filings are signed, and what it is answered. */
  readonly callback: CallbackDeclaration | null
  readonly oauth: OAuthSide | null
}

export interface Question {
  readonly outgoing: Outgoing
  /** The number of whom it is about; '' for a question about nobody. */
  readonly number: string
}

/** An act upon a test record. */
export interface Deed {
  /** What it does to which test record: whoever runs the command has to have read it. */
  readonly record: string
  /** The act under the hub's own number for it. */
  outgoing(key: string): Outgoing
  /** Key of the answer that holds the agency's number for what was done. */
  readonly reference: string
  /** The question how the act stands, by the hub's number; null where nobody has said how it is asked. */
  readonly status: ((key: string) => Outgoing) | null
}

/** How the agency hands out a file. */
export interface FileSide {
  /** A file of the known test person's. */
  readonly reference: string
  /** The call for the file of that number. */
  outgoing(reference: string): Outgoing
  /** Key of the answer that holds the file in Base64; null where the body is the file. */
  readonly content: string | null
}

/** How the agency says what it has written off. */
export interface LedgerSide {
  /** A day on which something was: `YYYY-MM-DD`. */
  readonly day: string
  outgoing(day: string): Outgoing
  readonly serial: string
  readonly amount: string
  readonly unit: 'yuan' | 'fen'
  readonly channel: string | null
  readonly paging: Paging | null
}
