import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type Content, contentContext } from './fan-out.ts'
import { readableBy } from './recipients.ts'
import { type MessageTopic, topics } from './topics.ts'

export interface MessageFilter {
  unread?: boolean
  kind?: MessageTopic
  connector?: string
  /** Epoch milliseconds, inclusive. */
  since?: number
  page: number
  pageSize: number
}

/** A message as its reader has it. Times are RFC 3339, Beijing time. */
export interface Message {
  id: string
  kind: MessageTopic
  kindName: string
  title: string
  body: string
  urgent: boolean
  connector: string | null
  service: string | null
  enterpriseId: string | null
  /** Id of the filing, mandate, document … that it is about. */
  about: string
  createdAt: string
  readAt: string | null
}

/** Messages of one reader: what he may not read now is not there. */
export interface Centre {
  /** Newest first. */
  list(userId: string, filter: MessageFilter): Promise<{ rows: Message[]; total: number }>
  read(userId: string, id: string): Promise<Message | null>
  unread(userId: string): Promise<{ unread: number; byKind: Partial<Record<MessageTopic, number>> }>
  /** → the message, read at the latest now; null where there is none. */
  markRead(userId: string, id: string): Promise<Message | null>
  /** → how many were not read yet. */
  markAllRead(userId: string, kind?: MessageTopic): Promise<number>
  /** Its words are gone; that it was told is remembered. → false where there is none. */
  remove(userId: string, id: string): Promise<boolean>
  /** Forgets messages of before (epoch milliseconds), and what was sent of them. */
  purge(before: number): Promise<void>
}

interface MessageRow {
  id: string
  topic: MessageTopic
  connector: string | null
  service: string | null
  enterprise_id: string | null
  about: string
  urgent: number | boolean
  content_sealed: string
  read_at: number | string | null
  created_at: number | string
}

export function createCentre(database: Database, vault: Vault, now: () => number): Centre {
  async function mine(userId: string): Promise<() => Knex.QueryBuilder> {
    const narrow = await readableBy(database, userId)
    return () => database('messages').modify(narrow)
  }

  function view(row: MessageRow): Message {
    const { title, body } = JSON.parse(vault.open(row.content_sealed, contentContext(row.id))) as Content
    return {
      id: row.id,
      kind: row.topic,
      kindName: topics[row.topic].title,
      title,
      body,
      urgent: Boolean(row.urgent),
      connector: row.connector,
      service: row.service,
      enterpriseId: row.enterprise_id,
      about: row.about,
      createdAt: beijing(Number(row.created_at)),
      readAt: row.read_at === null ? null : beijing(Number(row.read_at)),
    }
  }

  async function read(userId: string, id: string): Promise<Message | null> {
    const row: MessageRow | undefined = await (await mine(userId))().where({ id }).first()
    return row ? view(row) : null
  }

  return {
    read,
    async list(userId, { unread, kind, connector, since, page, pageSize }) {
      const own = await mine(userId)
      const found = () => {
        const query = own().where({ ...(kind === undefined ? {} : { topic: kind }), ...(connector === undefined ? {} : { connector }) })
        if (unread !== undefined) unread ? query.whereNull('read_at') : query.whereNotNull('read_at')
        return since === undefined ? query : query.andWhere('created_at', '>=', since)
      }
      const counted = await found().count({ n: '*' }).first()
      const newest = [
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ] as const
      const rows: MessageRow[] = await found()
        .orderBy([...newest])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: rows.map(view), total: Number(counted?.['n'] ?? 0) }
    },
    async unread(userId) {
      const own = await mine(userId)
      const counts: { topic: MessageTopic; n: number | string }[] = await own()
        .whereNull('read_at')
        .groupBy('topic')
        .select('topic')
        .count({ n: '*' })
      const byKind = Object.fromEntries(counts.map(({ topic, n }) => [topic, Number(n)]))
      return { unread: counts.reduce((sum, { n }) => sum + Number(n), 0), byKind }
    },
    async markRead(userId, id) {
      await (await mine(userId))().where({ id }).whereNull('read_at').update({ read_at: now() })
      return read(userId, id)
    },
    async markAllRead(userId, kind) {
      const own = (await mine(userId))().whereNull('read_at')
      return own.where(kind === undefined ? {} : { topic: kind }).update({ read_at: now() })
    },
    async remove(userId, id) {
      return (await (await mine(userId))().where({ id }).update({ content_sealed: null, read_at: now() })) === 1
    },
    async purge(before) {
      const old = () => database('messages').where('created_at', '<', before)
      await database('message_deliveries').whereIn('message_id', old().select('id')).delete()
      await old().delete()
    },
  }
}
