import type { CompiledService } from '../../core/call/service.ts'
import type { Inputs } from '../../core/contract/inputs.ts'
import type { SandboxSubject } from '../../core/contract/types.ts'

export interface TrialAnswer {
  readonly status: number
  /** The answer's JSON; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>
  /** The same as it came: a page. */
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
  /** Status, code and field, to report it by. */
  readonly words: string
}

export interface TrialRequest {
  method?: 'GET' | 'POST' | 'PATCH'
  url: string
  headers?: Readonly<Record<string, string>>
  body?: object
  /** What a browser sends instead. */
  form?: Readonly<Record<string, string>>
  /** Index of another person who sends it. */
  as?: number
}

/** One service of a connector's double, in a hub of its own, tried by somebody who may use it. */
export interface Trial {
  readonly service: CompiledService
  /** Its place among the connector's services of the kind. */
  readonly position: number
  /** `performance.now()` by which all of them must be through. */
  readonly deadline: number
  /** Inputs that a request may carry, by their names. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** The same for another request: with files of its own, since each is used once. */
  moreInputs(): Promise<Readonly<Record<string, unknown>>>
  /** The same for other inputs of the service, such as an act's. */
  inputsFor(inputs: Inputs): Readonly<Record<string, unknown>>
  send(request: TrialRequest): Promise<TrialAnswer>
  /** Other invented people, who may have to agree. */
  readonly others: readonly SandboxSubject[]
  /** The last code that the agency sent to whoever tries the service. */
  codeOf(sid: string): string
  /** Lets the pause between two codes be over, which nobody waits for here. */
  restPhones(): Promise<void>
  /** Lets the agency's next answer for this service, or under this id, be this fault (plugins/sandbox/faults.ts). */
  breakNext(fault: string, sid?: string): void
  /** Pays an order at a channel, as a citizen would in its app. False where it can't be paid. */
  pay(channel: 'wechat' | 'alipay', number: string): boolean
  /** What the kind's simulator has counted. */
  counts(): ReadonlyMap<string, number>
}

/** What services of a kind have to stand. */
export interface KindCheck {
  readonly id: string
  readonly title: string
  readonly tier: 'bronze' | 'silver' | 'gold'
  /** Said where a connector has no service of the kind. */
  readonly none: string
  /** → what is wrong with the service. */
  run(trial: Trial): Promise<string[]>
}
