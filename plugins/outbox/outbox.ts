import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'

/** What somebody is told about, and what stands with it. Codes, ids and times only: the outbox is not sealed. */
export interface NoticeDetails {
  /** A filing came to another state. */
  filing: { state: string }
  /** What was unclear came to an end, or money came back; `state` is one of the act, booking or order that `about` names. */
  outcome: { of: 'act' | 'booking' | 'order'; state: string }
  /** A mandate was granted, changed, ended …; `about` names the mandate. */
  mandate: { action: string; status: string }
  /** An enterprise was frozen or is free again. */
  enterprise: { action: string }
  /** An account of the hub's own was locked, opened again …; `until`: epoch milliseconds. */
  account: { action: string; to: string; until: number | null }
  /** What was asked about a use of one's data came to another state. */
  question: { state: string }
  /** A device was used that nobody had seen; `about` names it. */
  device: Readonly<Record<string, never>>
  /** An account at an agency was bound to this user or taken from him by an administrator. */
  binding: { connector: string; change: 'bound' | 'unbound' | 'suspended' }
  /** An application was granted something. */
  authorization: { client: string; scopes: string[] }
  /** A printed document or a mandate will end; `at`: epoch milliseconds. */
  expiry: { what: 'document' | 'mandate'; at: number }
  /** Something that was subscribed to; `date`: YYYY-MM-DD. */
  subscription: { what: 'due' | 'news' | 'ended'; date: string | null; reason: string | null }
  /** Three ledgers differ on a day, or could not be compared; told to those who have to look. */
  reconciliation: { connector: string; channel: string; day: string; state: string }
  /** Something about a partner of the open platform; `application`: which of its own. */
  partner: { event: string; application: string | null }
  /** The certificate that signs documents ends or has ended; `until`: epoch milliseconds. Told to those who can renew it. */
  seal: { state: string; until: number }
}

export type Topic = keyof NoticeDetails

export interface Notice<T extends Topic = Topic> {
  topic: T
  /** Who is told, or, of a principal that is not `self`, who did it. */
  userId: string | null
  /** `self`, `enterprise:<id>` or `dependant:<id>`; default: `self`. */
  principal?: string
  about: string
  detail: NoticeDetails[T]
  /** Two notices of one key are told once. Default: each is told. */
  once?: string
  /** Epoch milliseconds. */
  at?: number
}

/**
 * Writes down, in the transaction that changes something, that somebody is to be told of it: both are there or
 * neither is. Who is told how, plugins/messages/ decides after the commit.
 */
export async function post<T extends Topic>(
  transaction: Knex,
  { topic, userId, principal = 'self', about, detail, once, at = Date.now() }: Notice<T>,
): Promise<void> {
  const id = randomUUID()
  const row = { id, topic, user_id: userId, principal, about, detail: JSON.stringify(detail), once_key: once ?? id }
  await transaction('notices')
    .insert({ ...row, due_at: at, created_at: at })
    .onConflict('once_key')
    .ignore()
}
