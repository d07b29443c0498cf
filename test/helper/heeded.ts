import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_MS = 30_000

/**
 * Asks until a change is heeded. → milliseconds from now to the beginning of the last call that still went through: on a
 * busy machine calls take longer, but none that begins late may go through.
 */
export async function heededAfter(goesThrough: () => Promise<boolean>): Promise<number> {
  const start = performance.now()
  let last = 0
  for (let began = 0; began < LIMIT_MS && (await goesThrough()); began = performance.now() - start) {
    last = began
    await sleep(50)
  }
  return last
}
