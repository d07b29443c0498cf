import { Client, type Dispatcher } from 'undici'
import type { LoadRequest } from './load.ts'

/**
 * Many connections in a process of their own, each with one call under way: asked with a {@link Crowd}, it answers with
 * what they saw. As cheap as can be, since it takes its CPU from the hub.
 */
export interface Crowd {
  origin: string
  requests: readonly LoadRequest[]
  connections: number
  /** Milliseconds of which nothing is counted, and of what is. */
  warmUpMs: number
  ms: number
}

export interface Seen {
  /** Counted answers with 200, refusals (503), and all else, with the statuses. */
  good: number
  refused: number
  /** All answers, the uncounted too. */
  answered: number
  other: Record<string, number>
  /** Milliseconds from the call to its answer, of all answers. */
  p50: number
  p99: number
  longest: number
}

async function drive({ origin, requests, connections, warmUpMs, ms }: Crowd): Promise<Seen> {
  const durations: number[] = []
  const seen = { good: 0, refused: 0, answered: 0, other: {} as Record<string, number> }
  const from = performance.now() + warmUpMs
  const until = from + ms
  let next = 0

  function note(status: string, asked: number): void {
    const now = performance.now()
    if (now >= from && now < until) {
      if (status === '200') seen.good++
      else if (status === '503') seen.refused++
      else seen.other[status] = (seen.other[status] ?? 0) + 1
    }
    // What was asked in the time counts, also when it is answered after it.
    if (asked >= from && asked < until) durations.push(now - asked)
  }

  function caller(client: Client): Promise<void> {
    return new Promise((done) => {
      const ask = () => {
        const asked = performance.now()
        if (asked >= until) return done()
        let status = ''
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart() {},
          onResponseStart(_controller, code) {
            status = String(code)
          },
          onResponseData() {},
          onResponseEnd() {
            seen.answered++
            note(status, asked)
            ask()
          },
          onResponseError(_controller, error) {
            note((error as { code?: string }).code ?? error.name, asked)
            setTimeout(ask, 50)
          },
        }
        client.dispatch(requests[next++ % requests.length] as LoadRequest, handler)
      }
      ask()
    })
  }

  const clients = Array.from(
    { length: connections },
    () => new Client(origin, { allowH2: false, headersTimeout: 30_000, bodyTimeout: 30_000 }),
  )
  await Promise.all(clients.map(caller))
  await Promise.all(clients.map((client) => client.close()))
  durations.sort((a, b) => a - b)
  const quantile = (share: number) => durations[Math.ceil(share * durations.length) - 1] ?? 0
  return { ...seen, p50: quantile(0.5), p99: quantile(0.99), longest: durations.at(-1) ?? 0 }
}

process.on('message', (message: Crowd | string) => {
  if (typeof message === 'string') return
  drive(message).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => console.error(error),
  )
})
// As the other processes of a run, it says that it is there.
console.log('http://127.0.0.1:0/')
