/** What a contract of kind `act` says beyond what every service does. */
export interface ActPolicy {
  /** Upstream parameter that carries the hub's own number for the act: by it the agency finds an act, and knows a second one. */
  serial?: string
  /**
   * Service id under which the agency says (GET with the serial) what became of an act. Without it nobody can
   * be asked, and an outcome that is unclear stays so.
   */
  statusSid?: string
}

declare module '../../../core/contract/types.ts' {
  interface Kinds {
    /** A command answered at once: POST, PUT or DELETE at the agency. */
    act: true
  }
  interface KindPolicies<F> {
    /** With kind `act`: how the agency tells one act from another. */
    act?: ActPolicy
  }
}
