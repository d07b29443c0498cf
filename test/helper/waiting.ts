import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'

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
