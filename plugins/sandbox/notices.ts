import { setTimeout as delay } from 'node:timers/promises'

/** A notice ready for the wire. */
export interface OutgoingNotice {
  url: string
  headers: Record<string, string>
  body: string
}

/** Pauses before a notice that was not taken is sent again; the real channels go on for a day. */
const PAUSES_MS = [0, 200, 1000, 3000, 10_000]

/** Sends notices until they are taken, as channels do: at least once, in no order. */
export function createNotifier(signal: AbortSignal) {
  async function send({ url, headers, body }: OutgoingNotice): Promise<boolean> {
    try {
      const { status } = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
        redirect: 'manual',
      })
      return status < 300
    } catch {
      return false
    }
  }

  return {
    send,
    /** `make`: anew for each time, since a notice names the time at which it was sent. */
    async repeat(make: () => OutgoingNotice): Promise<void> {
      for (const pause of PAUSES_MS) {
        try {
          await delay(pause, undefined, { signal, ref: false })
        } catch {
          return
        }
        if (await send(make())) return
      }
    },
  }
}
