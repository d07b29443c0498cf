import { createTransport, type SendMailOptions } from 'nodemailer'
import { ChannelError, type Parcel, TIMEOUT_MS, type Transport } from './channel.ts'

export interface MailOptions {
  /** `smtps://user:password@host:465` or `smtp://…`, which must offer STARTTLS unless it is this machine. */
  url: string
  from: string
  /** Whether letters may go without TLS: to this machine alone. */
  plain?: boolean
  timeoutMs?: number
}

/** E-mail through the operator's own server. Addresses, headers and encodings are nodemailer's. */
export function mail({ url, from, plain = false, timeoutMs = TIMEOUT_MS }: MailOptions): Transport {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const transport = createTransport({
    host: hostname,
    port: Number(port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && !plain,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(parcel) {
      try {
        await transport.sendMail(letterOf(parcel, from))
      } catch (error) {
        const { responseCode, code } = error as { responseCode?: number; code?: string }
        // RFC 5321 §4.2.1: 5yz will not become true by saying it again.
        const refused = responseCode !== undefined && responseCode >= 500
        throw new ChannelError(
          responseCode === undefined ? String(code ?? 'UNREACHABLE').slice(0, 40) : `SMTP-${responseCode}`,
          !refused,
          error,
        )
      }
    },
    close: () => transport.close(),
  }
}

/** A letter as nodemailer takes it: the address as a value, so that nothing in it is a second one. */
export function letterOf({ id, to, title, text }: Parcel, from: string): SendMailOptions {
  return {
    from: { name: '我的许昌', address: from },
    to: { name: '', address: to },
    subject: title,
    text,
    // The same however often it is sent: mailboxes show it once.
    messageId: `<${id}@${from.split('@')[1] ?? 'localhost'}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}
