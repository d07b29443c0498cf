import type { CodeList } from '../../../core/contract/fields.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'

/** What the agency finds before anything is filed, by a query of the same connector. */
export interface PrecheckPolicy {
  /** Id of the query, of one record. Inputs of the filing that it declares too are handed on. */
  service: string
  /** Further inputs of the query, the same for every filing. */
  with?: Readonly<Record<string, unknown>>
  /** Its field that says whether the filing may go ahead, and the values that mean yes. Without it, having a record is enough. */
  allows?: { readonly field: string; readonly values: readonly string[] }
  /** Its field with the agency's words for a no. */
  reason?: string
  /** Inputs of the filing that are amounts, and the field that each must not exceed. */
  limits?: Readonly<Record<string, string>>
  /** What of it the filing carries: upstream parameter → field. */
  carry?: Readonly<Record<string, string>>
}

/** A code that the agency sends to the phone it has on file: whoever files holds that phone. */
export interface OtpPolicy {
  /** Service id under which the agency sends a code (POST, with the asker), and answers where it went. */
  sid: string
  /** Service id under which it says whether a code is right. */
  verifySid: string
  /** Upstream parameter of the code. */
  code: string
  /** Key of the agency's proof that the code was right, in its answer and as a parameter of the filing. */
  proof: string
  /** Key under which the agency says to which phone the code went, masked. */
  phone?: string
  validSeconds: number
  /** Between two codes. Default 60. */
  pauseSeconds?: number
}

/** Others who must agree, each under their own login, before anything goes to the agency. */
export interface PartiesPolicy {
  /** Upstream parameter that carries them: a list. */
  code: string
  /** What they are in it. */
  roles: CodeList
  /** Keys of one of them in that list. */
  keys: { readonly name: string; readonly idNumber: string; readonly role: string; readonly share?: string; readonly agreedAt?: string }
  min: number
  max: number
  /** Days within which all must have answered. */
  days: number
  /** Face verification of whoever agrees; a refusal takes none. */
  face?: { maxAgeSeconds: number; once: boolean }
}

/** How old an applicant must be, by the birthday in the id number that the hub has verified. */
export interface AgeRule {
  /** Where each of these inputs, choices, has one of the codes. Default: always. */
  when?: Readonly<Record<string, readonly string[]>>
  /** Whole years: from this birthday on, and until the day before that one. */
  from?: number
  below?: number
  /** What is said to whom it shuts out. */
  words: string
}

/** The record of the asker's own that a filing is about, as an appeal is: the agency is asked for it before anything is filed. */
export interface AgainstPolicy {
  /** Id of the query or list that has the record. */
  service: string
  /** By which the record is known: required input → the service's field. */
  by: Readonly<Record<string, string>>
}

/** 一窗受理、并联审批: one filing that the agency handles in parts, some side by side, followed as one. */
export interface JointPolicy {
  /** List field that holds a row for each part, and its columns: which part, its state, what is due, and the agency's words. */
  list: string
  columns: { readonly part: string; readonly state: string; readonly amount?: string; readonly reason?: string }
  /** By name, each behind those that it needs. */
  parts: Readonly<Record<string, JointPart>>
  /** Codes of the state column. What is to be paid the hub finds out itself. */
  states: { readonly [State in 'waiting' | 'open' | 'done' | 'refused']?: readonly string[] }
  /** With a part that is paid for: the filing's state while something is to be paid, a pause. */
  payable?: SubmissionState
}

export interface JointPart {
  title: string
  /** Its code in the column of parts. */
  code: string
  /** Parts that must be done before. Those that need the same ones go side by side. */
  after?: readonly string[]
  /** It is done by paying what another part has found to be due; the connector's service that takes the money. */
  payment?: { readonly of: string; readonly service: string }
}

/** What a person has filed at an agency of the sandbox, and how far it is. */
export interface SandboxFiling {
  readonly service: string
  readonly state: SubmissionState
  readonly final: boolean
  /** Number that the agency gave it. */
  readonly reference: string
  /** Epoch milliseconds. */
  readonly at: number
  /** As they were filed, or changed since. */
  readonly params: Readonly<Record<string, unknown>>
}

declare module '../../../core/contract/types.ts' {
  interface SubmissionPolicy<F> {
    precheck?: PrecheckPolicy
    against?: AgainstPolicy
    otp?: OtpPolicy
    parties?: PartiesPolicy
    joint?: JointPolicy
    /** Of a service for persons: all that apply must be met. */
    ages?: readonly AgeRule[]
    /** Words for why nothing is taken in for now; what can be checked before is. */
    suspended?: string
  }
  interface SandboxSubject {
    /** What they have filed with the agency so far, oldest first. */
    readonly filed?: readonly SandboxFiling[]
    /** What anybody has: an account may be several people's, and a day that one has booked is no other's. */
    readonly filedByAnybody?: () => readonly SandboxFiling[]
    /** What is being asked, in the agency's keys. */
    readonly asked?: Readonly<Record<string, unknown>>
  }
}
