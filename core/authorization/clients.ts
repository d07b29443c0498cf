import type { AdapterPayload } from 'oidc-provider'
import type { Database } from '../database.ts'
import type { Vault } from '../vault.ts'
import type { SigningAlgorithm } from './keys.ts'

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
  kind: 'web' | 'native'
  redirectUris: readonly string[]
  scopes: readonly string[]
  grantTypes: readonly string[]
  sector: string
  idTokenAlg: SigningAlgorithm
  /** Belongs to the app itself and may exchange the app's tokens. */
  trusted: boolean
}

export interface Clients {
  /** null for one that is unknown or not active; read from the store on every call, so that a stop takes effect at once. */
  find(id: string): Promise<OAuthClient | null>
  /** Names and icons, of inactive ones too. */
  describe(ids: readonly string[]): Promise<ReadonlyMap<string, Pick<OAuthClient, 'name' | 'icon'>>>
  /** Registers one; an id that exists stays as it is. */
  register(client: OAuthClient): Promise<void>
}

interface ClientRow {
  id: string
  name: string
  purpose: string
  icon: string | null
  secret_sealed: string | null
  kind: 'web' | 'native'
  redirect_uris: string
  scopes: string
  grant_types: string
  sector: string
  id_token_alg: SigningAlgorithm
  trusted: number
}

const sealContext = (id: string) => `oauth_clients.secret:${id}`
const list = (text: string) => text.split(' ').filter((word) => word !== '')

export function createClients(database: Database, vault: Vault): Clients {
  return {
    async find(id) {
      const row: ClientRow | undefined = await database('oauth_clients').where({ id, status: 'active' }).first()
      // MySQL takes no notice of spaces at the end.
      if (row?.id !== id) return null
      const { secret_sealed: secret, redirect_uris, scopes, grant_types, sector, id_token_alg, trusted, name, purpose, icon, kind } = row
      return {
        id,
        name,
        purpose,
        icon,
        kind,
        sector,
        secret: secret === null ? null : vault.open(secret, sealContext(id)),
        redirectUris: list(redirect_uris),
        scopes: list(scopes),
        grantTypes: list(grant_types),
        idTokenAlg: id_token_alg,
        trusted: trusted === 1,
      }
    },
    async describe(ids) {
      const rows: Pick<ClientRow, 'id' | 'name' | 'icon'>[] = await database('oauth_clients')
        .whereIn('id', ids)
        .select('id', 'name', 'icon')
      return new Map(rows.map(({ id, name, icon }) => [id, { name, icon }]))
    },
    async register(client) {
      const now = Date.now()
      const { id, name, purpose, icon, secret, kind, redirectUris, scopes, grantTypes, sector, idTokenAlg, trusted } = client
      const row = {
        id,
        name,
        purpose,
        icon,
        kind,
        sector,
        secret_sealed: secret === null ? null : vault.seal(secret, sealContext(id)),
        redirect_uris: redirectUris.join(' '),
        scopes: scopes.join(' '),
        grant_types: grantTypes.join(' '),
        id_token_alg: idTokenAlg,
        trusted: trusted ? 1 : 0,
        status: 'active',
        created_at: now,
        updated_at: now,
      }
      await database('oauth_clients').insert(row).onConflict('id').ignore()
    },
  }
}

/** → the client in the words of RFC 7591, as oidc-provider reads it. */
export function toMetadata(client: OAuthClient): AdapterPayload {
  const { id, name, secret, kind, redirectUris, scopes, grantTypes, sector, idTokenAlg } = client
  const metadata = {
    client_id: id,
    client_name: name,
    ...(secret === null ? { token_endpoint_auth_method: 'none' as const } : { client_secret: secret }),
    application_type: kind,
    redirect_uris: [...redirectUris],
    response_types: grantTypes.includes('authorization_code') ? (['code'] as const) : [],
    grant_types: [...grantTypes],
    scope: scopes.join(' '),
    id_token_signed_response_alg: idTokenAlg,
    [SECTOR]: sector,
  }
  return metadata
}

/** Client metadata beyond RFC 7591: clients of one sector see the same subject for a user. */
export const SECTOR = 'hub_sector'
