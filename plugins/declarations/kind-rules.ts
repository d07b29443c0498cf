import type { ConnectorDeclaration, Kind, ServiceContract } from '../../core/contract/types.ts'

/** One service under check. `report` takes what is wrong with it; `at` is added to the service's own place. */
export interface KindSubject {
  readonly connector: ConnectorDeclaration
  readonly contract: ServiceContract
  /** Whether the service is of this kind; one that isn't has no use for what belongs to it. */
  readonly own: boolean
  report(problem: string, at?: string): void
}

/** What the core has to know of a kind of service; whoever checks declarations passes the kinds in (plugins/kinds/). */
export interface KindRules {
  /** The names that contracts give it. */
  readonly serves: readonly Kind[]
  /** Whether its services ask and change nothing: such a one may be asked again, kept, and asked for somebody else. */
  readonly asks: boolean
  /** Whether what its services are asked to do is kept and done later: the answer is a receipt, looked at until it is done. */
  readonly keeps?: boolean
  /** Whether what its services answer is no record of the agency's: they may have no fields, and need no rows in the sandbox. */
  readonly recordless?: boolean
  /** What only this kind can say about a contract, of its own or another kind. */
  check?(subject: KindSubject): void
}

export function rulesOf<K extends Pick<KindRules, 'serves'>>(kinds: readonly K[], { kind }: Pick<ServiceContract, 'kind'>): K | undefined {
  return kinds.find(({ serves }) => serves.includes(kind))
}
