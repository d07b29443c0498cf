import Type from 'typebox'
import { secret } from './secret.ts'

/** How people are told. */
export const messagesSettings = {
  MESSAGE_PUSH_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+)?$',
    description: 'The city’s gateway for push messages (docs/messages.md; empty: the sandbox’s catcher; without the sandbox none are sent)',
  }),
  MESSAGE_PUSH_KEY: Type.String({ default: '', description: 'Key under which requests to it are signed', ...secret }),
  MESSAGE_SMS_URL: Type.String({ default: '', pattern: '^(https?://[^?#]+)?$', description: 'The same for text messages' }),
  MESSAGE_SMS_KEY: Type.String({ default: '', description: 'Key under which requests to it are signed', ...secret }),
  MESSAGE_MAIL_URL: Type.String({
    default: '',
    pattern: '^(smtps?://.+)?$',
    description: 'smtps://user:password@host:465, or smtp://… with STARTTLS, for e-mail (empty: as with push)',
    ...secret,
  }),
  MESSAGE_MAIL_FROM: Type.String({
    default: '',
    pattern: '^([^\\s@<>]+@[^\\s@<>]+)?$',
    description: 'Address from which e-mail comes. Required with MESSAGE_MAIL_URL',
  }),
  MESSAGE_CHANNELS: Type.String({
    default: 'push,sms,mail',
    pattern: '^(push|sms|mail)(,(push|sms|mail)){0,2}$',
    description: 'Channels in the order in which they are tried, comma-separated; the next one where one fails',
  }),
  MESSAGE_QUIET_HOURS: Type.String({
    default: '22:00-08:00',
    pattern: '^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d$',
    description: 'Hours, Beijing time, in which nothing but what is urgent is sent (00:00-00:00: none); users may choose their own',
  }),
  MESSAGE_HOURLY_LIMIT: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'Messages an hour that are sent to one person; further ones stand in the message centre alone',
  }),
  MESSAGE_RETENTION_DAYS: Type.Integer({ default: 365, minimum: 30, maximum: 3650, description: 'Days for which messages are kept' }),
}
