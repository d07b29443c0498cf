/** Tiers from the least to the most; `none` is what the kit says of a connector that is not even bronze. */
export const TIERS = ['none', 'bronze', 'silver', 'gold'] as const
export type Tier = (typeof TIERS)[number]

export const lesser = (one: Tier, other: Tier): Tier => (TIERS.indexOf(one) <= TIERS.indexOf(other) ? one : other)

/** How a connector did in the last weeks. */
export interface Weeks {
  calls: number
  /** Of them: the agency did not answer, or its answer could not be read. */
  unanswered: number
  unreadable: number
  /** Milliseconds; null where nobody called. */
  p95Ms: number | null
  /** The longest that a service of it may take, as declared. */
  timeoutMs: number
}

/** What gold and silver ask for: shares of the calls, and of the declared time. Less than silver is bronze. */
const ASKED = { gold: { answered: 0.995, readable: 0.999, time: 0.5 }, silver: { answered: 0.98, readable: 0.99, time: 1 } } as const
/** Of fewer calls the shares say nothing. */
export const LEAST_CALLS = 100

/** → the tier that the weeks bear out, and what keeps it from a higher one, in words for operators. */
export function levelOf({ calls, unanswered, unreadable, p95Ms, timeoutMs }: Weeks): { tier: Tier; reason: string } {
  if (calls < LEAST_CALLS) return { tier: 'gold', reason: `28 天内只有 ${calls} 次调用，只看检验结果` }
  const answered = 1 - unanswered / calls
  const readable = 1 - unreadable / calls
  const time = (p95Ms ?? 0) / timeoutMs
  const troublesWith = (asked: (typeof ASKED)['gold'] | (typeof ASKED)['silver']) => [
    ...(answered < asked.answered ? [`可用率 ${percent(answered)}，低于 ${percent(asked.answered)}`] : []),
    ...(readable < asked.readable ? [`无法识别的答复占 ${percent(1 - readable)}，高于 ${percent(1 - asked.readable)}`] : []),
    ...(time > asked.time ? [`95% 的答复用时 ${p95Ms} 毫秒，超过约定时限 ${timeoutMs} 毫秒的 ${percent(asked.time)}`] : []),
  ]
  const [gold, silver] = [troublesWith(ASKED.gold), troublesWith(ASKED.silver)]
  if (gold.length === 0) return { tier: 'gold', reason: '28 天的服务水平达到金级' }
  return silver.length === 0 ? { tier: 'silver', reason: gold.join('；') } : { tier: 'bronze', reason: silver.join('；') }
}

const percent = (share: number) => `${Math.round(share * 1000) / 10}%`
