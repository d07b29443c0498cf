import type { AdapterPayload } from 'oidc-provider'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { createClientKeys, isSameSecret, type LivingKey } from './client-keys.ts'
import type { SigningAlgorithm } from './keys.ts'
import type { Scope } from './scopes.ts'

/** An application that was registered with the hub. */
export interface OAuthClient {
  id: string
  name: string
  /** What it wants the data for, in words for citizens. */
  purpose: string
  /** A `data:` URI. */
  icon: string | null
  /** null: public, with nothing but PKCE. */
  secret: string | null
  kind: ClientKind
  redirectUris: readonly string[]
  scopes: readonly string[]
  grantTypes: readonly string[]
  sector: string
  idTokenAlg: SigningAlgorithm
  /** Belongs to the app itself and may exchange the app's tokens. */
  trusted: boolean
}

/** As its requests are checked by: with every key that opens now, beside the secret of its own row. */
export interface FoundClient extends OAuthClient {
  keys: readonly LivingKey[]
}

export const clientKinds = { web: '网站（有密钥）', native: '本机应用（无密钥，凭 PKCE）' } as const
export type ClientKind = keyof typeof clientKinds

export const clientStatuses = { active: '正常', disabled: '已停用' } as const
export type ClientStatus = keyof typeof clientStatuses

/** RFC 8693. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** What the authorization server needs of its clients; operators change them through plugins/oauth/client-registry.ts. */
export interface Clients {
  /**
   * null for one that is unknown or not active, or that should have a secret and has none left; read from the store on every
   * call, so that a stop takes effect at once.
   */
  find(id: string): Promise<FoundClient | null>
  /** Whether a secret is one of the client's that open now; that it was used is noted. */
  opens(client: FoundClient, secret: string): Promise<boolean>
  /** Names and icons, of inactive ones too. */
  describe(ids: readonly string[]): Promise<ReadonlyMap<string, Pick<OAuthClient, 'name' | 'icon'>>>
  /** Origins of the web addresses to which active clients have users come back: where their pages stand. */
  origins(): Promise<Set<string>>
  /** Writes one down as it is given, for the sandbox; an id that exists stays as it is. */
  register(client: OAuthClient): Promise<void>
}

/** A row of `oauth_clients`; lists are space-separated. */
export interface ClientRow {
  id: string
  name: string
  purpose: string
  icon: string | null
  secret_sealed: string | null
  kind: ClientKind
  redirect_uris: string
  scopes: string
  grant_types: string
  sector: string
  id_token_alg: SigningAlgorithm
  trusted: number
  status: ClientStatus
  created_at: number | string
  updated_at: number | string
}

const sealContext = (id: string) => `oauth_clients.secret:${id}`
const list = (text: string) => text.split(' ').filter((word) => word !== '')

export function createClients(database: Database, vault: Vault): Clients {
  const keysOf = createClientKeys(database, vault)

  return {
    async find(id) {
      const row: ClientRow | undefined = await database('oauth_clients').where({ id, status: 'active' }).first()
      // MySQL takes no notice of spaces at the end.
      if (row?.id !== id) return null
      const secret = row.secret_sealed === null ? null : openSecret(vault, id, row.secret_sealed)
      const keys = row.kind === 'web' ? await keysOf.living(id) : []
      return row.kind === 'web' && secret === null && keys.length === 0 ? null : { ...readRow(row), secret, keys }
    },
    async opens({ secret, keys }, given) {
      if (secret !== null && isSameSecret(secret, given)) return true
      const key = keys.find((each) => isSameSecret(each.secret, given))
      if (key) await keysOf.noteUse(key.id)
      return key !== undefined
    },
    async describe(ids) {
      const rows: Pick<ClientRow, 'id' | 'name' | 'icon'>[] = await database('oauth_clients')
        .whereIn('id', ids)
        .select('id', 'name', 'icon')
      return new Map(rows.map(({ id, name, icon }) => [id, { name, icon }]))
    },
    async origins() {
      const texts: string[] = await database('oauth_clients').where({ status: 'active' }).pluck('redirect_uris')
      const uris = texts.flatMap(list).filter((uri) => /^https?:/.test(uri) && URL.canParse(uri))
      return new Set(uris.map((uri) => new URL(uri).origin))
    },
    async register(client) {
      await database('oauth_clients').insert(newRow(vault, client)).onConflict('id').ignore()
    },
  }
}

export function readRow(row: ClientRow): Omit<OAuthClient, 'secret'> {
  const { id, name, purpose, icon, kind, sector, redirect_uris, scopes, grant_types, id_token_alg, trusted } = row
  return {
    id,
    name,
    purpose,
    icon,
    kind,
    sector,
    redirectUris: list(redirect_uris),
    scopes: list(scopes),
    grantTypes: list(grant_types),
    idTokenAlg: id_token_alg,
    trusted: trusted === 1,
  }
}

export function newRow(vault: Vault, client: OAuthClient): ClientRow {
  const { id, name, purpose, icon, secret, kind, redirectUris, scopes, grantTypes, sector, idTokenAlg, trusted } = client
  const now = Date.now()
  return {
    id,
    name,
    purpose,
    icon,
    kind,
    sector,
    secret_sealed: secret === null ? null : sealSecret(vault, id, secret),
    redirect_uris: redirectUris.join(' '),
    scopes: scopes.join(' '),
    grant_types: grantTypes.join(' '),
    id_token_alg: idTokenAlg,
    trusted: trusted ? 1 : 0,
    status: 'active',
    created_at: now,
    updated_at: now,
  }
}

export function sealSecret(vault: Vault, id: string, secret: string): string {
  return vault.seal(secret, sealContext(id))
}

export function openSecret(vault: Vault, id: string, sealed: string): string {
  return vault.open(sealed, sealContext(id))
}

/** → the client in the words of RFC 7591, as oidc-provider reads it. `known`: the scopes of this hub. */
export function toMetadata(client: FoundClient, known: ReadonlyMap<string, Scope>): AdapterPayload {
  const { id, name, kind, redirectUris, scopes, grantTypes, sector, idTokenAlg } = client
  // The one that oidc-provider would compare with; it asks {@link Clients.opens} instead.
  const secret = client.secret ?? client.keys[0]?.secret ?? null
  const metadata = {
    client_id: id,
    client_name: name,
    ...(secret === null ? { token_endpoint_auth_method: 'none' as const } : { client_secret: secret }),
    application_type: kind,
    redirect_uris: [...redirectUris],
    response_types: grantTypes.includes('authorization_code') ? (['code'] as const) : [],
    grant_types: [...grantTypes],
    // A connector that was taken away since takes its scopes along, and not the whole client.
    scope: scopes.filter((scope) => known.has(scope)).join(' '),
    id_token_signed_response_alg: idTokenAlg,
    // Only so that redirect URIs may have several hosts: subjects are made from SECTOR, and nothing is fetched.
    sector_identifier_uri: 'https://sector.invalid/',
    [SECTOR]: sector,
  }
  return metadata
}

/** Client metadata beyond RFC 7591: clients of one sector see the same subject for a user. */
export const SECTOR = 'hub_sector'
