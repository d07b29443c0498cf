/** A hub's state or one that the service declares; the service's machine (plugins/kinds/filing/states.ts) knows which there are. */
export type SubmissionState = string

/** A state of the agency's own. */
export interface DeclaredState {
  /** Chinese words for citizens. */
  title: string
  /** From which states it may follow directly: `submitted`, `reviewing`, `approved` and declared ones. */
  after: readonly string[]
  /** An end beside the way, as `rejected` is: nothing follows, and a filing that goes well never gets there. */
  final?: true
  /** A halt beside the way, as 补正 is: the agency waits, and then goes on from where it stood. */
  pause?: true
}

export type DeclaredStates = Readonly<Record<string, DeclaredState>>
