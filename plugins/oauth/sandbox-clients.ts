import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { clientOfAgency } from './agency-clients.ts'
import { type ClientRow, type Clients, type OAuthClient, openSecret, TOKEN_EXCHANGE } from './clients.ts'

const REDIRECT_URI = 'http://127.0.0.1:4000/callback'
const ABOUT_USER = ['openid', 'offline_access', 'profile', 'phone', 'real-name', 'id-number', 'enterprise']

/** Applications for development: docs/authorization.md names them. The secret of one is {@link sandboxSecret}. */
function sandboxClients(vault: Vault, connectors: readonly string[]): OAuthClient[] {
  const common = { redirectUris: [REDIRECT_URI], idTokenAlg: 'ES256', trusted: false, kind: 'web' } as const
  return [
    {
      ...common,
      id: 'sandbox-public',
      name: '沙箱停车',
      purpose: '办理停车月卡时核对车主身份',
      icon: icon('停', '#0a6'),
      secret: null,
      kind: 'native',
      scopes: ABOUT_USER,
      grantTypes: ['authorization_code', 'refresh_token'],
      sector: 'sandbox-parking',
    },
    {
      ...common,
      id: 'sandbox-web',
      name: '沙箱租房',
      purpose: '租房提取时核对身份并查询公积金',
      icon: icon('租', '#06c'),
      secret: sandboxSecret(vault, 'sandbox-web'),
      scopes: [...ABOUT_USER, ...connectors],
      grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', TOKEN_EXCHANGE],
      sector: 'sandbox-renting',
    },
    {
      ...common,
      id: 'sandbox-backend',
      name: '我的许昌（沙箱）',
      purpose: '为用户调用各部门服务',
      icon: null,
      secret: sandboxSecret(vault, 'sandbox-backend'),
      redirectUris: [],
      scopes: [...connectors],
      grantTypes: [TOKEN_EXCHANGE],
      sector: 'sandbox-app',
      trusted: true,
    },
  ]
}

/** The secret of a sandbox client: made from the master key, so it differs from hub to hub and is in no file. */
export function sandboxSecret(vault: Vault, clientId: string): string {
  return vault.fingerprint(clientId, 'oauth.sandbox-secret')
}

/** → the secret of a client that the sandbox registered, as long as it is the one from then; null for everybody else. */
export async function seededSecret(database: Database, vault: Vault, clientId: string): Promise<string | null> {
  const row: Pick<ClientRow, 'secret_sealed'> | undefined = await database('oauth_clients').where({ id: clientId }).first('secret_sealed')
  const secret = row?.secret_sealed ? openSecret(vault, clientId, row.secret_sealed) : null
  return secret === sandboxSecret(vault, clientId) ? secret : null
}

export async function seedSandboxClients(clients: Clients, vault: Vault, connectors: readonly ConnectorDeclaration[]): Promise<void> {
  const own = sandboxClients(
    vault,
    connectors.map(({ id }) => id),
  )
  for (const client of [...own, ...connectors.flatMap(platformOf)]) await clients.register(client)
}

/** An agency's platform, as the sandbox plays it: on a port of this machine's, whichever (RFC 8252 §7.3). */
function platformOf(connector: ConnectorDeclaration): OAuthClient[] {
  const client = clientOfAgency(connector)
  if (!client) return []
  return [
    {
      ...client,
      icon: null,
      secret: null,
      kind: 'native',
      redirectUris: [`http://127.0.0.1/pages/${connector.id}/sign-in/callback`],
      grantTypes: ['authorization_code', 'refresh_token'],
      sector: client.id,
      idTokenAlg: 'ES256',
      trusted: false,
    },
  ]
}

function icon(letter: string, colour: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="${colour}"/><text x="32" y="43" font-size="32" text-anchor="middle" fill="#fff">${letter}</text></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}
