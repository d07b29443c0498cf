import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'

export const keyStates = { living: '有效', ending: '即将失效', ended: '已失效', revoked: '已撤销' } as const
export type KeyState = keyof typeof keyStates

/** A key as its owner and administrators see it: never the secret. Times are epoch milliseconds. */
export interface ClientKey {
  id: string
  state: KeyState
  createdBy: string | null
  createdAt: number
  /** Null: until it is revoked. */
  endsAt: number | null
  revokedAt: number | null
  /** To the minute. */
  lastUsedAt: number | null
}

/** A key that opens now. */
export interface LivingKey {
  id: string
  secret: string
}

interface KeyRow {
  id: string
  client_id: string
  secret_sealed: string
  created_by: string | null
  created_at: number | string
  ends_at: number | string | null
  revoked_at: number | string | null
  last_used_at: number | string | null
}

export interface NewKey {
  createdBy: string | null
  /** When the new key ends by itself; null: never. */
  endsAt: number | null
  /** How long the keys before it still live. */
  overlapMs: number
}

/** Keys of applications beside the secret in their own row. Each change counts in the next request, in every process. */
export interface ClientKeys {
  /** The hundred newest, the newest first. */
  list(clientId: string): Promise<ClientKey[]>
  living(clientId: string): Promise<LivingKey[]>
  /** → the key, and the secret that nobody will ever be shown again. Throws HUB_REQUEST_STATE where too many live. */
  add(clientId: string, key: NewKey): Promise<{ key: ClientKey; secret: string }>
  /** From the next request on it is none. Throws HUB_NO_RECORD. */
  revoke(clientId: string, id: string): Promise<ClientKey>
  noteUse(id: string): Promise<void>
}

/** One in use, one that replaces it, and one for each further place where the application runs. */
const MOST_LIVING = 5
const NOTED_EVERY_MS = 60_000
const sealContext = (id: string) => `oauth_client_keys.secret:${id}`

export function createClientKeys(database: Knex, vault: Vault, now: () => number = Date.now): ClientKeys {
  const rows = () => database<KeyRow>('oauth_client_keys')
  const alive = (clientId: string) =>
    rows()
      .where({ client_id: clientId })
      .whereNull('revoked_at')
      .andWhere((either) => either.whereNull('ends_at').orWhere('ends_at', '>', now()))

  return {
    async list(clientId) {
      const found: KeyRow[] = await rows()
        .where({ client_id: clientId })
        .orderBy([{ column: 'created_at', order: 'desc' }, 'id'])
        .limit(100)
      return found.map((row) => present(row, now()))
    },
    async living(clientId) {
      const found: KeyRow[] = await alive(clientId).orderBy('created_at', 'desc')
      return found.map(({ id, secret_sealed }) => ({ id, secret: vault.open(secret_sealed, sealContext(id)) }))
    },
    async add(clientId, { createdBy, endsAt, overlapMs }) {
      if ((await alive(clientId)).length >= MOST_LIVING)
        throw new HubError('HUB_REQUEST_STATE', { detail: `同时有效的密钥最多 ${MOST_LIVING} 个，请先撤销不用的。` })
      const id = randomUUID()
      const at = now()
      const secret = newSecret()
      await alive(clientId)
        .andWhere((either) => either.whereNull('ends_at').orWhere('ends_at', '>', at + overlapMs))
        .update({ ends_at: at + overlapMs })
      const row: KeyRow = {
        ...{ id, client_id: clientId, secret_sealed: vault.seal(secret, sealContext(id)), created_by: createdBy, created_at: at },
        ...{ ends_at: endsAt, revoked_at: null, last_used_at: null },
      }
      await rows().insert(row)
      return { key: present(row, at), secret }
    },
    async revoke(clientId, id) {
      await alive(clientId).andWhere({ id }).update({ revoked_at: now() })
      const row: KeyRow | undefined = await rows().where({ client_id: clientId, id }).first()
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个密钥。' })
      return present(row, now())
    },
    async noteUse(id) {
      await rows()
        .where({ id })
        .andWhere((either) => either.whereNull('last_used_at').orWhere('last_used_at', '<', now() - NOTED_EVERY_MS))
        .update({ last_used_at: now() })
    },
  }
}

/** 256 bits, in letters that need no escaping in a header. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Takes as long wherever the two differ. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function present({ id, created_by, created_at, ends_at, revoked_at, last_used_at }: KeyRow, at: number): ClientKey {
  const time = (value: number | string | null) => (value === null ? null : Number(value))
  const endsAt = time(ends_at)
  const state = revoked_at !== null ? 'revoked' : endsAt === null ? 'living' : endsAt <= at ? 'ended' : 'ending'
  return {
    id,
    state,
    createdBy: created_by,
    createdAt: Number(created_at),
    endsAt,
    revokedAt: time(revoked_at),
    lastUsedAt: time(last_used_at),
  }
}
