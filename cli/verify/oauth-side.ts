import { createHash, randomBytes } from 'node:crypto'
import { decodeText, parseObject } from '../../core/dialects/exchange-reply.ts'
import { clientAuthorization } from '../../core/dialects/oauth2-client-credentials.ts'
import { prefixOf } from '../../core/upstream/address.ts'
import type { RawReply, SignedRequest } from '../../core/upstream/dialect.ts'

/** An authorization server at which citizens let the hub see their account (RFC 6749 §4.1 with PKCE, RFC 7636). */
export interface OAuthSide {
  readonly baseUrl: string
  readonly authorizePath: string
  readonly tokenPath: string
  readonly revokePath?: string
  /** Path of the metadata (RFC 8414). */
  readonly discovery?: string
  readonly redirectUri: string
  readonly scope?: string
  readonly clientAuthentication: 'header' | 'body'
  /** Parameters with which the test system consents at once, as a test person. */
  readonly approve?: Readonly<Record<string, string>>
}

export interface Client {
  readonly clientId: string
  readonly clientSecret: string
}

export type Answered = { readonly status: number; readonly location: URL | null; readonly json: Readonly<Record<string, unknown>> }

/** The hub's side of the flow, request by request. */
export function createFlow(side: OAuthSide, client: Client, send: (request: SignedRequest) => Promise<RawReply>) {
  const base = prefixOf(side.baseUrl)

  async function ask(request: Omit<SignedRequest, 'path'> & { path: string }): Promise<Answered> {
    const reply = await send({ ...request, path: base + request.path })
    const location = reply.headers?.['location']
    return {
      status: reply.status,
      location: typeof location === 'string' && URL.canParse(location, side.baseUrl) ? new URL(location, side.baseUrl) : null,
      json: parseObject(decodeText(reply)) ?? {},
    }
  }

  function post(path: string, members: Readonly<Record<string, string>>, secret = client.clientSecret): Promise<Answered> {
    const form = new URLSearchParams(members)
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    if (side.clientAuthentication === 'header') headers['authorization'] = clientAuthorization(client.clientId, secret)
    else {
      form.set('client_id', client.clientId)
      form.set('client_secret', secret)
    }
    return ask({ method: 'POST', path, headers, body: form.toString() })
  }

  return {
    get: (path: string) => ask({ method: 'GET', path, headers: { accept: 'application/json' }, body: null }),
    /** The request that a browser makes; null leaves a parameter out. */
    authorize(changes: Readonly<Record<string, string | null>>): Promise<Answered> {
      const members = {
        response_type: 'code',
        client_id: client.clientId,
        redirect_uri: side.redirectUri,
        ...(side.scope === undefined ? {} : { scope: side.scope }),
        ...changes,
      }
      const query = new URLSearchParams(
        Object.entries(members).flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
      )
      return ask({ method: 'GET', path: `${side.authorizePath}?${query}`, headers: { accept: 'text/html' }, body: null })
    },
    token: (members: Readonly<Record<string, string>>, secret?: string) => post(side.tokenPath, members, secret),
    revoke: (token: string) => post(side.revokePath ?? '', { token, token_type_hint: 'refresh_token' }),
  }
}

export type Flow = ReturnType<typeof createFlow>

export function createProof(): { verifier: string; challenge: string; state: string } {
  const verifier = randomBytes(32).toString('base64url')
  return {
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
    state: `${randomBytes(12).toString('base64url')}.~-_`,
  }
}
