import { isIP } from 'node:net'
import type { AlertPlace } from '../../../../config/alerts.ts'
import { isOpenAddress, resolver } from '../../../agency-files/address.ts'
import { ChannelError } from '../../../messages/channels/channel.ts'
import type { Notification } from '../tell.ts'

/** One way by which alerts leave the hub. */
export interface AlertChannel {
  /** Resolves once whoever carries it has taken it; the id is the same however often it is tried. Rejects with a {@link ChannelError}. */
  send(id: string, notification: Notification): Promise<void>
  close(): void
}

/** What a name of a place may stand for: of hosts that are not the operator's own network, addresses of the open net alone. */
export const lookupOf = ({ internal = false }: Pick<AlertPlace, 'internal'>) => resolver(internal)

/** An address in the place of a name is looked up by nobody. */
export function assertOpen({ url, internal = false }: Pick<AlertPlace, 'url' | 'internal'>): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (!internal && isIP(host) !== 0 && !isOpenAddress(host)) throw new ChannelError('ERR_ADDRESS_CLOSED', false)
}
