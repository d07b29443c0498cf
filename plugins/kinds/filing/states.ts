import type { DeclaredStates, SubmissionState } from '../../../core/contract/filing-states.ts'

/**
 * The life of a filing as the hub itself knows it: filed here, sent, judged by the agency. What an agency
 * walks through beyond that (money that arrives, an account that is closed) is declared with the service.
 * docs/submissions.md draws the table.
 */
export const hubStates = {
  filed: { title: '已提交', to: ['sending', 'attention'] },
  // Other parties have yet to agree; until then it is the hub's alone.
  awaiting: { title: '待各方确认', to: ['filed', 'declined', 'unconfirmed'] },
  declined: { title: '有人不同意', to: [] },
  unconfirmed: { title: '逾期未确认', to: [] },
  sending: { title: '正在报送', to: ['filed', 'submitted', 'refused', 'attention'] },
  // An agency may number a filing first and decline it afterwards, so `refused` is open here too.
  submitted: { title: '已报送', to: ['reviewing', 'approved', 'rejected', 'refused'] },
  reviewing: { title: '审核中', to: ['approved', 'rejected'] },
  approved: { title: '审核通过', to: ['rejected'] },
  rejected: { title: '审核未通过', to: [] },
  refused: { title: '未被受理', to: [] },
  attention: { title: '待人工处理', to: ['filed', 'submitted', 'refused'] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

/** The hub's states and a service's own, as one machine. Every change of state goes through `assertMove`. */
export interface States {
  readonly names: readonly SubmissionState[]
  /** What an agency walks through with a filing, in order. */
  readonly walk: readonly SubmissionState[]
  titleOf(state: SubmissionState): string
  canMove(from: SubmissionState, to: SubmissionState): boolean
  assertMove(from: SubmissionState, to: SubmissionState): void
  /** Whether an agency can say it of a filing; the others are the hub's own business. */
  isSayable(state: SubmissionState): boolean
  /** Whether no state follows. */
  isEnd(state: SubmissionState): boolean
  /** The shortest legal way between two states along the walk (without its start), `[]` for none to go, null where there is no way. */
  pathTo(from: SubmissionState, to: SubmissionState): SubmissionState[] | null
}

/** States from which a declared one may follow, in the order in which an agency walks through them. */
export const WALK = ['submitted', 'reviewing', 'approved'] as const

export function compileStates(declared: DeclaredStates = {}): States {
  const table = new Map<string, { title: string; to: string[] }>(
    Object.entries(hubStates).map(([name, { title, to }]) => [name, { title, to: [...to] }]),
  )
  for (const [name, { title }] of Object.entries(declared)) table.set(name, { title, to: [] })
  for (const [name, { after }] of Object.entries(declared)) for (const from of after) table.get(from)?.to.push(name)
  for (const [name, { after, pause }] of Object.entries(declared)) {
    const onward = pause ? new Set(after.flatMap((from) => [from, ...(table.get(from)?.to ?? [])])) : []
    for (const to of onward) if (to !== name) table.get(name)?.to.push(to)
  }
  const walk = [...WALK, ...inOrder(declared).filter((name) => !declared[name]?.final && !declared[name]?.pause)]
  const sayable = new Set<string>([...WALK, 'rejected', 'refused', ...Object.keys(declared)])
  const canMove = (from: SubmissionState, to: SubmissionState) => table.get(from)?.to.includes(to) ?? false

  return {
    names: [...table.keys()],
    walk,
    // A row may outlive its service's declaration.
    titleOf: (state) => table.get(state)?.title ?? state,
    canMove,
    assertMove(from, to) {
      if (!canMove(from, to)) throw new Error(`a submission cannot go from ${from} to ${to}`)
    },
    isSayable: (state) => sayable.has(state),
    isEnd: (state) => table.get(state)?.to.length === 0,
    pathTo(from, to) {
      if (from === to) return []
      let ways = [[from]]
      for (const seen = new Set([from]); ways.length > 0; ) {
        const found = ways.find((way) => canMove(way.at(-1) as string, to))
        if (found) return [...found.slice(1), to]
        ways = ways.flatMap((way) =>
          walk.flatMap((step) => {
            if (seen.has(step) || !canMove(way.at(-1) as string, step)) return []
            seen.add(step)
            return [[...way, step]]
          }),
        )
      }
      return null
    },
  }
}

/** Declared states, each behind those that it may follow, as far as they don't run in a circle. */
export function inOrder(declared: DeclaredStates): string[] {
  const order: string[] = []
  for (let waiting = Object.keys(declared); waiting.length > 0; ) {
    const next = waiting.filter((name) => !declared[name]?.after.some((before) => waiting.includes(before)))
    if (next.length === 0) break
    order.push(...next)
    waiting = waiting.filter((name) => !next.includes(name))
  }
  return order
}

const compiled = new WeakMap<object, States>()
const hubOnly = compileStates()

/** The machine of a service's filings. */
export function statesOf(policy: { states?: DeclaredStates } | undefined): States {
  if (!policy?.states) return hubOnly
  const known = compiled.get(policy.states) ?? compileStates(policy.states)
  compiled.set(policy.states, known)
  return known
}
