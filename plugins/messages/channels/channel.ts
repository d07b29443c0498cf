/** What a channel is given to send. The id is the same however often it is tried: whoever gets it twice tells by it. */
export interface Parcel {
  id: string
  /** Number, address or the app's user id, as the channel needs it. */
  to: string
  title: string
  text: string
  urgent: boolean
}

/** One way out of the hub, whatever stands behind it. */
export interface Transport {
  /** Resolves once whoever carries it has taken it. Rejects with a {@link ChannelError}. */
  send(parcel: Parcel): Promise<void>
  close(): void
}

/** Why something could not be handed over. `code`: short, no personal data, for operators. */
export class ChannelError extends Error {
  readonly code: string
  /** Whether asking again makes sense. */
  readonly passing: boolean

  constructor(code: string, passing: boolean, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause })
    this.name = 'ChannelError'
    this.code = code
    this.passing = passing
  }
}

export const TIMEOUT_MS = 10_000
