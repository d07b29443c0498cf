import { HubError } from '../../core/base/errors.ts'
import type { Clients, OAuthClient } from './clients.ts'

/**
 * → the registered client that sent an `Authorization` header with its id and secret, as it would at the token
 * endpoint (`client_secret_basic`, RFC 6749 §2.3.1). Throws HUB_TOKEN_MISSING, or HUB_TOKEN_INVALID alike for a
 * client that is unknown, stopped or public and for a wrong secret.
 */
export async function authenticateClient(clients: Pick<Clients, 'find' | 'opens'>, header: string | undefined): Promise<OAuthClient> {
  if (!header) throw new HubError('HUB_TOKEN_MISSING', { detail: '须以应用自己的编号和密钥访问（HTTP Basic）。' })
  const [id, secret] = credentialsOf(header)
  const client = id === '' || id.length > 64 ? null : await clients.find(id)
  if (!client || !(await clients.opens(client, secret))) throw refused()
  return client
}

function credentialsOf(header: string): [id: string, secret: string] {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? []
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return [decode(id), decode(secret)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw refused()
  }
}

function refused(): HubError {
  return new HubError('HUB_TOKEN_INVALID', { detail: '应用编号或密钥不对。' })
}
