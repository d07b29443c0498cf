import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { newSecret } from './client-keys.ts'
import { AT, type ClientDraft, clientFields, violationsOf } from './client-rules.ts'
import { type ClientRow, type ClientStatus, newRow, type OAuthClient, readRow, sealSecret } from './clients.ts'
import type { Scope } from './scopes.ts'

/** A client as operators see it; its secret is nowhere in it. Times are epoch milliseconds. */
export type RegisteredClient = Omit<OAuthClient, 'secret'> & { status: ClientStatus; createdAt: number; updatedAt: number }

/** What is left out gets a default: an authorization code for `openid`, signed with ES256, in a sector of its own. */
export type NewClient = Pick<ClientDraft, 'id' | 'name' | 'purpose'> & Partial<ClientDraft>

export type ClientChanges = Partial<Pick<ClientDraft, 'name' | 'purpose' | 'icon' | 'redirectUris' | 'scopes'>>

export interface ClientFilter {
  status?: ClientStatus
  /** Part of the id or the name. */
  text?: string
  page: number
  pageSize: number
}

/** Acts of an operator. Each counts in the next request of the client, in every process. */
export interface ClientRegistry {
  list(filter: ClientFilter): Promise<{ rows: RegisteredClient[]; total: number }>
  /** Throws HUB_NO_RECORD, as all that follow do for an unknown id. */
  get(id: string): Promise<RegisteredClient>
  /** → the client, and the secret that nobody will ever be shown again (null: native). Throws HUB_VALIDATION with every violation, HUB_CLIENT_EXISTS. */
  register(client: NewClient): Promise<{ client: RegisteredClient; secret: string | null }>
  /** The same without a secret: the application opens nothing before it has its first key. */
  registerKeyless(client: NewClient): Promise<RegisteredClient>
  /** Throws HUB_VALIDATION. Kind, grant types and sector stay: another of those is another application. */
  change(id: string, changes: ClientChanges): Promise<RegisteredClient>
  /** Stopping keeps the grants, so that starting again goes on where it was; what was revoked meanwhile stays so. */
  setStatus(id: string, status: ClientStatus): Promise<RegisteredClient>
  /** A trusted client may exchange the app's tokens. Throws HUB_VALIDATION for a native client. */
  setTrusted(id: string, trusted: boolean): Promise<RegisteredClient>
  /** → a new secret; the old one is over. Throws HUB_VALIDATION for a native client, and for one whose keys are its partner's own. */
  rotate(id: string): Promise<{ client: RegisteredClient; secret: string }>
}

export interface ClientRegistryOptions {
  database: Knex
  vault: Vault
  scopes: ReadonlyMap<string, Scope>
  /** Takes loopback redirect URIs of every kind of client: for the sandbox, never outside it. */
  desk?: boolean
  /** Puts an act on record before it is done, once nothing speaks against it; for those who have no request that does. */
  witness?: (act: 'register' | 'change' | 'enable' | 'disable' | 'rotate', id: string) => Promise<void>
}

export function createClientRegistry({
  database,
  vault,
  scopes,
  desk = false,
  witness = async () => {},
}: ClientRegistryOptions): ClientRegistry {
  async function find(id: string): Promise<ClientRow> {
    const row: ClientRow | undefined = await database('oauth_clients').where({ id }).first()
    if (row?.id !== id) throw new HubError('HUB_NO_RECORD', { detail: '没有这个应用。' })
    return row
  }

  async function get(id: string): Promise<RegisteredClient> {
    return present(await find(id))
  }

  async function update(id: string, changes: Partial<ClientRow>): Promise<RegisteredClient> {
    await database('oauth_clients')
      .where({ id })
      .update({ ...changes, updated_at: Date.now() })
    return get(id)
  }

  function assertValid(draft: ClientDraft, fields: readonly string[]): asserts draft is Omit<OAuthClient, 'secret'> {
    const errors = violationsOf(draft, { scopes, desk }, fields)
    if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
  }

  async function insert(client: NewClient, secret: string | null): Promise<RegisteredClient> {
    const draft = { ...DEFAULTS, sector: client.id, ...client }
    // A sector that follows from the id is as right or wrong as that is.
    assertValid(
      draft,
      clientFields.filter((field) => field !== 'sector' || client.sector !== undefined),
    )
    const exists = new HubError('HUB_CLIENT_EXISTS')
    if (await database('oauth_clients').where({ id: draft.id }).first('id')) throw exists
    await witness('register', draft.id)
    const row = newRow(vault, { ...draft, secret })
    try {
      await database('oauth_clients').insert(row)
    } catch (error) {
      throw isDuplicate(error) ? exists : error
    }
    return present(row)
  }

  return {
    get,
    async list({ status, text, page, pageSize }) {
      const part = `%${(text ?? '').replace(/[!%_]/g, '!$&')}%`
      const matching = () =>
        database('oauth_clients').modify((query) => {
          if (status !== undefined) query.where({ status })
          if (text !== undefined)
            query.where((either) => either.whereRaw("id like ? escape '!'", part.toLowerCase()).orWhereRaw("name like ? escape '!'", part))
        })
      const rows: ClientRow[] = await matching()
        .orderBy('id')
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await matching().count({ n: '*' }).first()
      return { rows: rows.map(present), total: Number(counted?.['n'] ?? 0) }
    },
    async register(client) {
      const secret = client.kind === 'native' ? null : newSecret()
      return { client: await insert(client, secret), secret }
    },
    registerKeyless: (client) => insert(client, null),
    async change(id, changes) {
      const draft: ClientDraft = { ...(await get(id)), ...changes }
      assertValid(draft, Object.keys(changes))
      await witness('change', id)
      const { redirectUris, scopes: wanted, ...plain } = changes
      return update(id, {
        ...plain,
        ...(redirectUris === undefined ? {} : { redirect_uris: redirectUris.join(' ') }),
        ...(wanted === undefined ? {} : { scopes: wanted.join(' ') }),
      })
    },
    async setStatus(id, status) {
      await get(id)
      await witness(status === 'active' ? 'enable' : 'disable', id)
      return update(id, { status })
    },
    async setTrusted(id, trusted) {
      assertValid({ ...(await get(id)), trusted }, ['trusted'])
      await witness('change', id)
      return update(id, { trusted: trusted ? 1 : 0 })
    },
    async rotate(id) {
      const { kind, secret_sealed } = await find(id)
      if (kind === 'native')
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `${AT}/kind`, detail: '本机应用没有密钥，不能更换' }] })
      if (secret_sealed === null)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `${AT}/id`, detail: '这个应用的密钥由接入方自己更换' }] })
      await witness('rotate', id)
      const secret = newSecret()
      return { client: await update(id, { secret_sealed: sealSecret(vault, id, secret) }), secret }
    },
  }
}

const DEFAULTS = {
  icon: null,
  kind: 'web',
  redirectUris: [],
  scopes: ['openid'],
  grantTypes: ['authorization_code'],
  idTokenAlg: 'ES256',
  trusted: false,
} as const

function present(row: ClientRow): RegisteredClient {
  return { ...readRow(row), status: row.status, createdAt: Number(row.created_at), updatedAt: Number(row.updated_at) }
}
