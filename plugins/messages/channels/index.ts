import type { Settings } from '../../../config/settings.ts'
import type { Channel } from '../topics.ts'
import type { Transport } from './channel.ts'
import { webhook } from './webhook.ts'

/** The sandbox's catcher, in place of every channel that has no setting. */
export interface Catcher {
  urlOf(channel: Channel): string
  readonly key: string
}

export type Transports = ReadonlyMap<Channel, Transport>

type Own = Pick<
  Settings,
  'MESSAGE_PUSH_URL' | 'MESSAGE_PUSH_KEY' | 'MESSAGE_SMS_URL' | 'MESSAGE_SMS_KEY' | 'MESSAGE_MAIL_URL' | 'MESSAGE_MAIL_FROM'
>

/** The channels that this hub has, by its settings. */
export async function openTransports(settings: Own, catcher: Catcher | null, timeoutMs?: number): Promise<Transports> {
  const time = timeoutMs === undefined ? {} : { timeoutMs }
  const caught = (channel: Channel) => (catcher ? webhook({ url: catcher.urlOf(channel), key: catcher.key, ...time }) : null)
  const own: Record<Channel, Transport | null> = {
    push: settings.MESSAGE_PUSH_URL ? webhook({ url: settings.MESSAGE_PUSH_URL, key: settings.MESSAGE_PUSH_KEY, ...time }) : caught('push'),
    sms: settings.MESSAGE_SMS_URL ? webhook({ url: settings.MESSAGE_SMS_URL, key: settings.MESSAGE_SMS_KEY, ...time }) : caught('sms'),
    mail: settings.MESSAGE_MAIL_URL ? await ownMail(settings, time) : caught('mail'),
  }
  return new Map(Object.entries(own).flatMap(([name, transport]) => (transport ? [[name as Channel, transport]] : [])))
}

/** The operator's own mail server. */
export async function ownMail(
  { MESSAGE_MAIL_URL: url, MESSAGE_MAIL_FROM: from }: Pick<Own, 'MESSAGE_MAIL_URL' | 'MESSAGE_MAIL_FROM'>,
  time: { timeoutMs?: number },
): Promise<Transport> {
  // nodemailer is read where there is a server of one's own.
  const { mail } = await import('./mail.ts')
  return mail({ url, from, plain: isLoopback(url), ...time })
}

function isLoopback(url: string): boolean {
  return /^(localhost|\[::1\]|127(\.\d+){3})$/.test(new URL(url).hostname)
}
