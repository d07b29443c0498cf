import type { RetryHandler } from 'undici'

/** How many more sends than calls there may be: never a storm on an agency that is down already. */
const SHARE = 0.1
/** What a quiet hour saves up, and what there is at the start. */
const MOST = 10
const FIRST = 3
const SHORTEST_MS = 100
const LONGEST_MS = 2000
const STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])
/** No connection, or one that broke; a call that took too long is over. */
const ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EPIPE',
  'UND_ERR_SOCKET',
])

type Failure = Error & { code?: string; statusCode?: number; headers?: Readonly<Record<string, string | string[] | undefined>> }

/** What an agency may be asked again: a tenth of its calls, over all of its services. */
export interface RetryBudget {
  /** A call has had its turn, however it ended. */
  called(): void
  /** undici's question whether a failed GET goes out again, and after how long. */
  readonly decide: RetryHandler.RetryCallback
  readonly sent: number
  readonly denied: number
}

export function createRetryBudget(): RetryBudget {
  let left = FIRST
  let sent = 0
  let denied = 0
  return {
    called() {
      left = Math.min(MOST, left + SHARE)
    },
    decide(error: Failure, { state, opts }, settle) {
      const isOver = state.counter > (opts.retryOptions?.maxRetries ?? 0)
      if (isOver || !canPass(error)) return settle(error)
      if (left < 1) {
        denied++
        return settle(error)
      }
      left--
      sent++
      // The handle goes back: who hangs up meanwhile ends the wait.
      return setTimeout(settle, pauseOf(error, state.counter), null)
    },
    get sent() {
      return sent
    },
    get denied() {
      return denied
    },
  }
}

function canPass({ code, statusCode }: Failure): boolean {
  return statusCode === undefined ? ERRORS.has(code ?? '') : STATUSES.has(statusCode)
}

/** As long as the agency asks for, within reason; doubled each time otherwise. */
function pauseOf({ headers }: Failure, turn: number): number {
  const asked = Number(headers?.['retry-after'] ?? Number.NaN) * 1000
  return Math.min(LONGEST_MS, Number.isNaN(asked) ? SHORTEST_MS * 2 ** (turn - 1) : Math.max(0, asked))
}
