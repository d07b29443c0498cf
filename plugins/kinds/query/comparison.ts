import { addUp } from '../../../core/answer/amounts.ts'
import type { Row } from '../../../core/answer/reading.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import { wordOf } from '../../../core/call/execute.ts'
import type { Comparison } from '../../../core/contract/comparison.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { asking } from './asking.ts'

export const verdicts = {
  settled: '已清收',
  open: '尚有欠款',
  mismatch: '对方所记剩余欠款与应收减实收不符',
  unknown: '金额不全，无法核对',
} as const
export type Verdict = keyof typeof verdicts

export interface ComparedSum {
  title: string
  due: number | null
  received: number | null
  outstanding: number | null
}

export interface ComparedEvent {
  /** By which it is known. */
  facts: { name: string; title: string; value: string | null }[]
  pairs: ComparedSum[]
  total: Omit<ComparedSum, 'title'>
  /** As the agency says. */
  remaining: number | null
  verdict: Verdict
  verdictName: string
}

/** What was due against what came in, of each event and of all together; what could not be read is not taken for nothing. */
export function compareDues(
  contract: ServiceContract,
  policy: Comparison,
  rows: readonly Row[],
): { events: ComparedEvent[]; totals: ComparedSum[] } {
  const titleOf = (name: string) => contract.fields[name]?.notes.title ?? name
  const events = rows.map((row): ComparedEvent => {
    const amounts = amountsOf(row)
    const pairs = policy.pairs.map(({ due, received }) => ({ title: titleOf(due), ...compare(amounts([due]), amounts([received])) }))
    const total = compare(amounts(policy.pairs.map(({ due }) => due)), amounts(policy.pairs.map(({ received }) => received)))
    const remaining = amounts([policy.remaining])
    const verdict = judge(total.outstanding, remaining)
    return {
      facts: policy.events.map((name) => ({ name, title: titleOf(name), value: row[name] === null ? null : wordOf(row[name]) })),
      ...{ pairs, total, remaining, verdict, verdictName: verdicts[verdict] },
    }
  })
  const totals = policy.pairs.map(({ due }, at) =>
    sumOf(
      titleOf(due),
      events.map(({ pairs }) => pairs[at] as ComparedSum),
    ),
  )
  return {
    events,
    totals: [
      ...totals,
      sumOf(
        '合计',
        events.map(({ total }) => total),
      ),
    ],
  }
}

/** → the sum of a row's fields; null where one of them could not be read. Nothing stands for no money. */
function amountsOf(row: Row): (names: readonly string[]) => number | null {
  const unread = unreadableIn(row)
  return (names) => (names.some((name) => unread.includes(name)) ? null : addUp(names.map((name) => Number(row[name] ?? 0))))
}

function compare(due: number | null, received: number | null): Omit<ComparedSum, 'title'> {
  return { due, received, outstanding: due === null || received === null ? null : addUp([due, -received]) }
}

function sumOf(title: string, parts: readonly Omit<ComparedSum, 'title'>[]): ComparedSum {
  const add = (key: 'due' | 'received') => {
    const amounts = parts.map((part) => part[key])
    return amounts.includes(null) ? null : addUp(amounts as number[])
  }
  return { title, ...compare(add('due'), add('received')) }
}

function judge(outstanding: number | null, remaining: number | null): Verdict {
  if (outstanding === null || remaining === null) return 'unknown'
  if (outstanding !== remaining) return 'mismatch'
  return outstanding > 0 ? 'open' : 'settled'
}

/** What is wrong with what a service offers staff. */
export function checkComparison({ contract, report }: KindSubject): void {
  const { comparison: policy, fields, audience, identity, kind, inputs } = contract
  if (!policy) return
  const at = '.comparison'
  if (!asking.has(kind)) report('is for services that ask', at)
  if (audience !== 'person' || identity === 'none') report('is about the records of a person', at)
  if (Object.values(inputs).some(({ notes }) => notes.required || notes.fact?.startsWith('account'))) report('staff give no inputs', at)
  if (!policy.title) report('missing title', at)
  for (const name of policy.events) if (!fields[name] || fields[name].notes.mask) report(`no open field: ${name}`, at)
  for (const name of [...policy.pairs.flatMap(({ due, received }) => [due, received]), policy.remaining])
    if (fields[name]?.notes.type !== 'money') report(`no amount: ${name}`, at)
  if (policy.pairs.length === 0) report('compares nothing', at)
}
