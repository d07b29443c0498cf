import type { AlertChannelSettings, AlertPlace, AlertSettings } from '../../../../config/alerts.ts'
import type { Settings } from '../../../../config/settings.ts'
import { SettingsError } from '../../../../config/settings-error.ts'
import { TIMEOUT_MS, type Transport } from '../../../messages/channels/channel.ts'
import { ownMail } from '../../../messages/channels/index.ts'
import { webhook } from '../../../messages/channels/webhook.ts'
import { type AlertChannel, assertOpen, lookupOf } from './channel.ts'
import { failover, toEach } from './several.ts'
import { alertWebhook } from './webhook.ts'

type Own = Pick<Settings, 'MESSAGE_MAIL_URL' | 'MESSAGE_MAIL_FROM' | 'MESSAGE_SMS_URL' | 'MESSAGE_SMS_KEY'>

/** The channels of every receiver, by its name and in its order. Throws a SettingsError where one has nothing to go by. */
export async function openChannels(
  { receivers = [], smsGateways = [] }: AlertSettings,
  settings: Own,
  { source, timeoutMs = TIMEOUT_MS }: { source: string; timeoutMs?: number },
): Promise<ReadonlyMap<string, readonly AlertChannel[]>> {
  const problems: string[] = []
  const gateways = smsGateways.map((place) => gateway(place, timeoutMs))
  // The gateway of the hub's messages is the operator's own, wherever it is.
  if (settings.MESSAGE_SMS_URL) gateways.push(webhook({ url: settings.MESSAGE_SMS_URL, key: settings.MESSAGE_SMS_KEY, timeoutMs }))
  const texts = failover(gateways)
  let letters: Transport | null = null

  async function open(receiver: string, channel: AlertChannelSettings): Promise<AlertChannel> {
    if (channel.kind === 'webhook') return alertWebhook(channel, { source, timeoutMs })
    if (channel.kind === 'sms') {
      if (gateways.length === 0) problems.push(`ALERTS_FILE ${receiver}: smsGateways or MESSAGE_SMS_URL: required for sms`)
      return toEach('sms', channel.to, texts)
    }
    if (!settings.MESSAGE_MAIL_URL) problems.push(`ALERTS_FILE ${receiver}: MESSAGE_MAIL_URL: required for mail`)
    else letters ??= await ownMail(settings, { timeoutMs })
    return toEach('mail', channel.to, letters ?? failover([]))
  }

  const opened = new Map<string, AlertChannel[]>()
  for (const { name, channels } of receivers) {
    if (opened.has(name)) problems.push(`ALERTS_FILE ${name}: two receivers of this name`)
    const found = []
    for (const channel of channels) found.push(await open(name, channel))
    opened.set(name, found)
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return opened
}

function gateway(place: AlertPlace, timeoutMs: number): Transport {
  const transport = webhook({ url: place.url, key: place.key, timeoutMs, lookup: lookupOf(place) })
  return {
    async send(parcel) {
      assertOpen(place)
      await transport.send(parcel)
    },
    close: transport.close,
  }
}
