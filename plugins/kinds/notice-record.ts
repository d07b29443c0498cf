import type { Database } from '../../core/base/database.ts'

const DAY_MS = 86_400_000
/** How long a notice is kept that was the sender's own: as long as a payment channel itself keeps the day's bill. */
const TAKEN_MS = 92 * DAY_MS
/** What somebody made up says nothing of anybody's payment or filing, and anybody can make up as many as he likes. */
const REFUSED_MS = 7 * DAY_MS
const REFUSED_MOST = 10_000
const A_TIME = 1000

type Verdict = 'taken' | 'repeated' | 'refused'

/** Keeps the record of notices within bounds; that each came stands in the audit for good. */
export async function purgeNotices(
  database: Database,
  table: 'payment_notices' | 'filing_notices',
  now = Date.now(),
  most = REFUSED_MOST,
): Promise<void> {
  const of = (verdict: Verdict) => database(table).where({ verdict })
  const [surplus = 0] = (await of('refused').orderBy('at', 'desc').offset(most).limit(1).pluck('at')) as (number | string)[]
  await clear('taken', now - TAKEN_MS)
  await clear('repeated', now - TAKEN_MS)
  await clear('refused', Math.max(now - REFUSED_MS, Number(surplus) + 1))

  /** A few at a time: whoever writes a notice meanwhile does not wait. */
  async function clear(verdict: Verdict, before: number): Promise<void> {
    for (;;) {
      const ids = (await of(verdict).where('at', '<', before).orderBy('at').limit(A_TIME).pluck('id')) as number[]
      if (ids.length > 0) await database(table).whereIn('id', ids).delete()
      if (ids.length < A_TIME) return
    }
  }
}
