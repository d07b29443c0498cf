import { ChannelError, type Parcel, type Transport } from '../../../messages/channels/channel.ts'
import type { Notification } from '../tell.ts'
import type { AlertChannel } from './channel.ts'
import { shortOf, textOf, titleOf } from './words.ts'

/** A letter or a text to each of several people. */
export function toEach(kind: 'mail' | 'sms', to: readonly string[], transport: Transport): AlertChannel {
  return {
    async send(id, notification) {
      const failures: unknown[] = []
      for (const [index, address] of to.entries())
        await transport.send(parcelOf(kind, `${id}-${index}`, address, notification)).catch((error: unknown) => failures.push(error))
      // Whoever has it already knows it by its id, should it come again.
      if (failures.length > 0) throw failures[0]
    },
    close: () => transport.close(),
  }
}

function parcelOf(kind: 'mail' | 'sms', id: string, to: string, notification: Notification): Parcel {
  const text = kind === 'mail' ? textOf(notification) : shortOf(notification)
  return { id, to, title: titleOf(notification), text, urgent: true }
}

/** One gateway after the other, until one has taken it. */
export function failover(transports: readonly Transport[]): Transport {
  return {
    async send(parcel) {
      let last: unknown = new ChannelError('NO-CHANNEL', false)
      let passing = false
      for (const transport of transports)
        try {
          return await transport.send(parcel)
        } catch (error) {
          last = error
          passing ||= !(error instanceof ChannelError) || error.passing
        }
      const { code } = last instanceof ChannelError ? last : { code: 'INTERNAL' }
      throw new ChannelError(code, passing, last)
    },
    close() {
      for (const transport of transports) transport.close()
    },
  }
}
