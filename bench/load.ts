import { Pool } from 'undici'

export interface LoadRequest {
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body: string | null
}

export interface LoadResult {
  answered: number
  /** Answers other than 200, and requests without an answer. */
  failed: number
  /** Until the last answer. */
  seconds: number
  /** Milliseconds. */
  p50: number
  p99: number
}

/** Sends `requests` in turn, over `connections` at once as fast as they are answered, for `seconds`; ends with nothing under way. Any certificate will do. */
export async function load(origin: string, requests: readonly LoadRequest[], connections: number, seconds: number): Promise<LoadResult> {
  const pool = new Pool(origin, { allowH2: false, connections, pipelining: 1, connect: { rejectUnauthorized: false } })
  const durations: number[] = []
  const start = performance.now()
  const end = start + seconds * 1000
  let failed = 0
  let next = 0

  async function ask(request: LoadRequest): Promise<void> {
    const asked = performance.now()
    try {
      const { statusCode, body } = await pool.request(request)
      await body.dump()
      durations.push(performance.now() - asked)
      if (statusCode !== 200) failed++
    } catch {
      failed++
    }
  }

  async function caller(): Promise<void> {
    while (performance.now() < end) await ask(requests[next++ % requests.length] as LoadRequest)
  }

  await Promise.all(Array.from({ length: connections }, caller))
  const took = (performance.now() - start) / 1000
  await pool.close()
  durations.sort((a, b) => a - b)
  const quantile = (share: number) => durations[Math.ceil(share * durations.length) - 1] ?? 0
  return { answered: durations.length, failed, seconds: took, p50: quantile(0.5), p99: quantile(0.99) }
}
