import { createHash, randomBytes } from 'node:crypto'
import type { AgencyOAuth } from '../../core/contract/accounts.ts'
import type { ConnectorDeclaration, SandboxSubject } from '../../core/contract/types.ts'
import { escapeHtml, page } from '../web/page.ts'
import { accountsOf } from './accounts.ts'
import { people } from './people.ts'
import type { Platform, PlatformAnswer, PlatformCall } from './platform.ts'

/** The agencies' authorization servers, one for every connector that declares `accounts.oauth`, under `/agencies/<connector>`. */
export interface AgencyOAuthSimulator {
  readonly platforms: readonly Platform[]
  /** The hub's registration, the same at all of them. */
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  /** Whose account a living access token opens. */
  holderOf(accessToken: string): SandboxSubject | null
  /** Access and refresh tokens handed out so far. */
  issued(): readonly string[]
  /** How often tokens were handed out. */
  grants(): number
}

export const pathOf = (connectorId: string) => `/agencies/${connectorId}`

/** One user's consent; what hangs on it dies with it. */
interface Grant {
  connector: string
  person: SandboxSubject
  dead: boolean
}

interface Code {
  grant: Grant
  challenge: string
  endsAt: number
}

const CODE_LIFE_MS = 60_000
const TOKEN_LIFE_SECONDS = 600

/** `hubUrl`: where the hub says browsers find it; its callback there is the registered one. */
export function createAgencyOAuth(connectors: readonly ConnectorDeclaration[], hubUrl: string): AgencyOAuthSimulator {
  const client = { clientId: 'sandbox-hub', clientSecret: random() }
  const codes = new Map<string, Code>()
  const accessTokens = new Map<string, { grant: Grant; endsAt: number }>()
  /** A refresh token is good for one use: a second one is a theft, and ends the grant (RFC 9700 §4.14.2). */
  const refreshTokens = new Map<string, { grant: Grant; used: boolean }>()
  let grants = 0

  const living = (token: string, connector?: string): Grant | null => {
    const { grant, endsAt = 0 } = accessTokens.get(token) ?? {}
    return grant && !grant.dead && endsAt > Date.now() && (connector === undefined || grant.connector === connector) ? grant : null
  }

  function handOut(grant: Grant): PlatformAnswer {
    grants++
    const [access_token, refresh_token] = [random(), random()]
    accessTokens.set(access_token, { grant, endsAt: Date.now() + TOKEN_LIFE_SECONDS * 1000 })
    refreshTokens.set(refresh_token, { grant, used: false })
    return { status: 200, json: { access_token, refresh_token, token_type: 'Bearer', expires_in: TOKEN_LIFE_SECONDS } }
  }

  function serverOf(connector: ConnectorDeclaration, oauth: AgencyOAuth): Platform {
    const prefix = pathOf(connector.id)
    const callback = `${hubUrl}/oauth/agencies/${connector.id}/callback`

    /** Whether the request shows the hub's secret, in the header or in the body (RFC 6749 §2.3.1). */
    function isClient({ headers }: PlatformCall, form: URLSearchParams): boolean {
      const basic = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`
      if (oauth.clientAuthentication !== 'body') return headers.authorization === basic
      return form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret
    }

    /** The page of signing on and consent, or – once somebody is chosen – the way back. */
    function authorize({ path, query }: PlatformCall): PlatformAnswer {
      if (query.get('client_id') !== client.clientId || query.get('response_type') !== 'code') return notice('应用没有登记')
      if (query.get('redirect_uri') !== callback) return notice('回调地址没有登记')
      const challenge = query.get('code_challenge')
      if (!challenge || query.get('code_challenge_method') !== 'S256') return notice('须用 PKCE（S256）')
      const chosen = query.get('person')
      if (chosen === null) return { status: 200, html: consentPage(connector, `${path}?${query}`, query.get('scope') ?? '') }
      const person = people[Number(chosen) - 1]
      if (chosen !== 'none' && !person) return notice('没有这个人')
      const back = new URL(callback)
      back.searchParams.set('state', query.get('state') ?? '')
      if (person) {
        const code = random()
        codes.set(code, { grant: { connector: connector.id, person, dead: false }, challenge, endsAt: Date.now() + CODE_LIFE_MS })
        back.searchParams.set('code', code)
      } else back.searchParams.set('error', 'access_denied')
      return { status: 302, location: back.href }
    }

    function token(call: PlatformCall): PlatformAnswer {
      const form = new URLSearchParams(call.body)
      if (!isClient(call, form)) return { status: 401, json: { error: 'invalid_client' } }
      if (form.get('grant_type') === 'authorization_code') return redeem(form)
      if (form.get('grant_type') === 'refresh_token') return refresh(form.get('refresh_token') ?? '')
      return refuse('unsupported_grant_type')
    }

    function redeem(form: URLSearchParams): PlatformAnswer {
      const code = form.get('code') ?? ''
      const found = codes.get(code)
      codes.delete(code)
      const proof = createHash('sha256').update(form.get('code_verifier') ?? '')
      const fits = found?.challenge === proof.digest('base64url') && form.get('redirect_uri') === callback
      if (!found || !fits || found.endsAt < Date.now() || found.grant.connector !== connector.id) return refuse('invalid_grant')
      return handOut(found.grant)
    }

    function refresh(given: string): PlatformAnswer {
      const found = refreshTokens.get(given)
      if (!found || found.grant.connector !== connector.id || found.grant.dead) return refuse('invalid_grant')
      if (found.used) {
        found.grant.dead = true
        return refuse('invalid_grant')
      }
      found.used = true
      return handOut(found.grant)
    }

    /** RFC 7009: the answer is the same whether there was such a token. */
    function revoke(call: PlatformCall): PlatformAnswer {
      const form = new URLSearchParams(call.body)
      if (!isClient(call, form)) return { status: 401, json: { error: 'invalid_client' } }
      const given = form.get('token') ?? ''
      const grant = (refreshTokens.get(given) ?? accessTokens.get(given))?.grant
      if (grant?.connector === connector.id) grant.dead = true
      return { status: 200, json: {} }
    }

    function userInfo({ headers }: PlatformCall): PlatformAnswer {
      const grant = living(String(headers.authorization).replace(/^Bearer /, ''), connector.id)
      if (!grant) return { status: 401, json: { error: 'invalid_token' } }
      const [account = ''] = accountsOf(connector, grant.person)
      const info: Record<string, unknown> = {}
      setAt(info, oauth.externalId, account)
      if (oauth.unionId !== undefined) setAt(info, oauth.unionId, `union-${account}`)
      if (oauth.idNumber !== undefined) setAt(info, oauth.idNumber, grant.person.number)
      return { status: 200, json: info }
    }

    const routes: Readonly<Record<string, (call: PlatformCall) => PlatformAnswer>> = {
      [`GET ${prefix}${oauth.authorizePath}`]: authorize,
      [`POST ${prefix}${oauth.tokenPath}`]: token,
      [`GET ${prefix}${oauth.userInfoPath}`]: userInfo,
      ...(oauth.revokePath === undefined ? {} : { [`POST ${prefix}${oauth.revokePath}`]: revoke }),
    }
    const api = [oauth.tokenPath, oauth.userInfoPath, oauth.revokePath].flatMap((path) => (path === undefined ? [] : [prefix + path]))
    return {
      name: `oauth:${connector.id}`,
      prefix,
      api: new Set(api),
      answer: (call) => routes[`${call.method} ${call.path}`]?.(call) ?? notice('没有这个页面', 404),
    }
  }

  return {
    client,
    platforms: connectors.flatMap((connector) => (connector.accounts?.oauth ? [serverOf(connector, connector.accounts.oauth)] : [])),
    holderOf: (token) => living(token)?.person ?? null,
    issued: () => [...accessTokens.keys(), ...refreshTokens.keys()],
    grants: () => grants,
  }
}

function random(): string {
  return randomBytes(24).toString('base64url')
}

/** Puts a value where a JSON pointer (RFC 6901) points, with the objects that it leads through. */
function setAt(document: Record<string, unknown>, pointer: string, value: string): void {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop() ?? ''
  let place = document
  for (const name of names) {
    const inner = (place[name] ?? {}) as Record<string, unknown>
    place[name] = inner
    place = inner
  }
  place[last] = value
}

const refuse = (error: string): PlatformAnswer => ({ status: 400, json: { error } })
const notice = (text: string, status = 400): PlatformAnswer => ({ status, html: page('沙箱授权', `<p>${escapeHtml(text)}</p>`) })

function consentPage({ agency }: ConnectorDeclaration, here: string, scope: string): string {
  const link = (value: string | number, text: string) =>
    `<li><a class="button" href="${escapeHtml(`${here}&person=${value}`)}">${escapeHtml(text)}</a></li>`
  const list = people.map(({ index, name }) => link(index, `${name} 登录并同意`)).join('')
  const asks = `<p>“我的许昌”请求访问您在${escapeHtml(agency)}的账户（${escapeHtml(scope)}）。</p>`
  return page(`${agency}（沙箱）`, `${asks}<p>这些人都是虚构的，选择一位。</p><ul>${list}${link('none', '不同意')}</ul>`)
}
