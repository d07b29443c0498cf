import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000
const COMES_WITHIN_MS = 60_000

/**
 * Looks until it is so, ever less often: a person may ask a route of the hub 120 times a minute, and on a busy machine what is waited for
 * takes its time. → what was found; after a minute, what was found last.
 */
export async function found<T>(look: () => Promise<T>, isSo: (what: T) => boolean): Promise<T> {
  const end = performance.now() + COMES_WITHIN_MS
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.25, LONGEST_PAUSE_MS)) {
    const what = await look()
    if (isSo(what) || performance.now() > end) return what
    await sleep(pause)
  }
}

/** The server shows its transactions anew once nobody has looked at them for a tenth of a second. */
const LOOK_MS = 150
const LOOKS = 200

/** Waits until the server shows such a row of its own: who waits for whom, what runs. */
export async function seen(rows: Knex.QueryBuilder): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks++) {
    if ((await rows.clone()).length > 0) return
    await sleep(LOOK_MS)
  }
  throw new Error('nobody waits')
}
