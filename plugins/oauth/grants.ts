import type { Adapter, AdapterPayload } from 'oidc-provider'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { post } from '../outbox/outbox.ts'
import { logInId, noteLogIn } from '../sign-on/log-ins/log-ins.ts'

/** What a user granted an application: one living grant for each pair, renewed when he consents again. */
export interface GrantSummary {
  id: string
  clientId: string
  scopes: readonly string[]
  /** Epoch milliseconds. */
  grantedAt: number
  lastUsedAt: number | null
  expiresAt: number
}

export interface Grants {
  /** How oidc-provider stores its grants. */
  readonly adapter: Adapter
  /** Id of the living grant of a user for an application. */
  idOf(userId: string, clientId: string): Promise<string | null>
  /** What a living grant holds now; null for one that is dead. */
  scopesOf(id: string): Promise<readonly string[] | null>
  /** Ids of all living grants of a user. */
  ofUser(userId: string): Promise<string[]>
  /** Living grants of a user, the newest first. */
  list(userId: string, page: { page: number; pageSize: number }): Promise<{ rows: GrantSummary[]; total: number }>
  /** Notes that the grant was used; once a minute is enough. */
  touch(id: string): Promise<void>
  /** From here on the grant is dead in every process. → false where there is none (of this user). */
  kill(id: string, userId?: string): Promise<boolean>
  /** Removes a dead grant, once what was derived from it is dead too. */
  bury(id: string): Promise<void>
  /** Ids of grants that died without being buried. */
  dead(): Promise<string[]>
  purge(): Promise<void>
}

interface GrantRow {
  id: string
  user_id: string
  client_id: string
  scopes: string
  payload_sealed: string
  granted_at: number | string
  last_used_at: number | string | null
  expires_at: number | string
}

const TOUCH_MS = 60_000
const sealContext = (id: string) => `oauth_grants.payload:${id}`

/** A grant among its user's log-ins: where he gave it, the browser's own says. */
const authorization = { kind: 'authorization', device: null, deviceName: null, address: null, proven: true } as const

export function createGrants(database: Database, vault: Vault): Grants {
  const living = () => database('oauth_grants').whereNull('revoked_at').where('expires_at', '>', Date.now())

  async function kill(id: string, userId?: string): Promise<boolean> {
    const mine = () => database('oauth_grants').where({ id, ...(userId === undefined ? {} : { user_id: userId }) })
    if (!(await mine().first('id'))) return false
    await mine().whereNull('revoked_at').update({ revoked_at: Date.now() })
    return true
  }

  return {
    adapter: {
      async upsert(id, payload, expiresIn = 0) {
        const now = Date.now()
        const row = {
          id,
          user_id: payload.accountId,
          client_id: payload.clientId,
          scopes: scopesOf(payload).join(' '),
          payload_sealed: vault.seal(JSON.stringify(payload), sealContext(id)),
          granted_at: now,
          expires_at: now + expiresIn * 1000,
        }
        await transact(database, async (transaction) => {
          const before: { scopes: string } | undefined = await transaction('oauth_grants').where({ id }).first('scopes')
          await transaction('oauth_grants').insert(row).onConflict('id').merge()
          if (row.user_id === undefined || row.client_id === undefined) return
          const whose = { userId: row.user_id, application: row.client_id, grantId: id, signedOnAt: now, expiresAt: row.expires_at }
          await noteLogIn(transaction, vault, { ...authorization, ...whose, id: logInId(vault, 'authorization', id) }, now)
          // Granted again as it was, it is no news.
          if (before?.scopes === row.scopes) return
          const detail = { client: row.client_id, scopes: scopesOf(payload) }
          await post(transaction, { topic: 'authorization', userId: row.user_id, about: id, detail, at: now })
        })
      },
      async find(id) {
        const row: GrantRow | undefined = await living().where({ id }).first()
        return row ? (JSON.parse(vault.open(row.payload_sealed, sealContext(id))) as AdapterPayload) : undefined
      },
      async destroy(id) {
        await kill(id)
      },
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      consume: async () => undefined,
      revokeByGrantId: async () => undefined,
    },
    async idOf(userId, clientId) {
      const row: { id: string } | undefined = await living()
        .where({ user_id: userId, client_id: clientId })
        .orderBy('granted_at', 'desc')
        .first('id')
      return row?.id ?? null
    },
    async scopesOf(id) {
      const row: { scopes: string } | undefined = await living().where({ id }).first('scopes')
      return row === undefined ? null : row.scopes.split(' ')
    },
    ofUser: (userId) => Promise.resolve(living().where({ user_id: userId }).pluck('id')),
    async list(userId, { page, pageSize }) {
      const mine = () => living().where({ user_id: userId })
      const counted: { total?: number | string } | undefined = await mine().count({ total: '*' }).first()
      const rows: GrantRow[] = await mine()
        .orderBy([
          { column: 'granted_at', order: 'desc' },
          { column: 'id', order: 'asc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      return { rows: rows.map(summarise), total: Number(counted?.total ?? 0) }
    },
    async touch(id) {
      const now = Date.now()
      await database('oauth_grants')
        .where({ id })
        .andWhere((query) => query.whereNull('last_used_at').orWhere('last_used_at', '<', now - TOUCH_MS))
        .update({ last_used_at: now })
    },
    kill,
    async bury(id) {
      await database('oauth_grants').where({ id }).whereNotNull('revoked_at').delete()
    },
    dead: () => Promise.resolve(database('oauth_grants').whereNotNull('revoked_at').limit(100).pluck('id')),
    async purge() {
      await database('oauth_grants').whereNull('revoked_at').where('expires_at', '<', Date.now()).delete()
    },
  }
}

function summarise(row: GrantRow): GrantSummary {
  return {
    id: row.id,
    clientId: row.client_id,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    grantedAt: Number(row.granted_at),
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
    expiresAt: Number(row.expires_at),
  }
}

/** Granted and not rejected, as oidc-provider's Grant reckons it. */
function scopesOf(payload: AdapterPayload): string[] {
  const { openid, rejected } = payload as { openid?: { scope?: string }; rejected?: { openid?: { scope?: string } } }
  const refused = new Set(rejected?.openid?.scope?.split(' ') ?? [])
  return (openid?.scope?.split(' ') ?? []).filter((scope) => scope !== '' && (scope === 'openid' || !refused.has(scope)))
}
