import { createHash, randomBytes } from 'node:crypto'
import { escapeHtml, page } from '../web/page.ts'
import type { Active } from './faults.ts'
import { people } from './people.ts'
import { type Platform, type PlatformAnswer, type PlatformCall, readObject, refusal } from './platform.ts'

export const SIGN_ON_APP_ID = 'sandbox-hub'

/** A ticket or code made without the page, and what is to be unusual about it; for tests. */
export interface IssueOptions {
  person?: number
  appId?: string
  /** Epoch milliseconds. */
  issuedAt?: number
  /** PKCE challenge (S256) that the code is bound to. */
  challenge?: string | null
  /** Facts of the user to say otherwise: userId, authLevel, userName, idType, idNo, mobile, nickName, avatar. */
  user?: Partial<SimulatedUser>
}

export interface SignOnSimulator extends Platform {
  readonly appSecret: string
  issue(options?: IssueOptions): string
}

interface SimulatedUser {
  userId: string
  authLevel: string
  userName: string
  idType: string
  idNo: string
  mobile: string
  nickName: string
  avatar: string
}

interface Grant {
  user: SimulatedUser
  appId: string
  issuedAt: number
  challenge: string | null
  used: boolean
}

const LIFE_MS = 5 * 60_000
const PREFIX = '/sign-on'
const PATHS = {
  login: `${PREFIX}/uc/sso/login`,
  accessToken: `${PREFIX}/restapi/prod/IC33000020220329000007/uc/sso/access_token`,
  userInfo: `${PREFIX}/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo`,
  authorize: `${PREFIX}/oauth2/authorize`,
  token: `${PREFIX}/oauth2/token`,
  userinfo: `${PREFIX}/oauth2/userinfo`,
} as const

/**
 * The app's sign-on in both profiles of standards.md §6: pages that list the invented people, and the
 * interface behind them. `callbackUrl` is the one that the hub has registered.
 */
export function createSignOnSimulator(callbackUrl: string): SignOnSimulator {
  const appSecret = randomBytes(24).toString('base64url')
  const account = { appId: SIGN_ON_APP_ID, appSecret }
  const grants = new Map<string, Grant>()
  const tokens = new Map<string, Grant>()

  function issue({ person = 1, appId = SIGN_ON_APP_ID, issuedAt = Date.now(), challenge = null, user = {} }: IssueOptions = {}): string {
    const ticket = randomBytes(24).toString('base64url')
    grants.set(ticket, { user: { ...userOf(person), ...user }, appId, issuedAt, challenge, used: false })
    return ticket
  }

  /** → an access token for a good ticket or code, null for any other. */
  function redeem(ticket: unknown, appId: unknown, fits: (grant: Grant) => boolean = () => true): { token: string; grant: Grant } | null {
    const grant = grants.get(String(ticket))
    const age = Date.now() - (grant?.issuedAt ?? 0)
    if (!grant || grant.used || grant.appId !== appId || age < 0 || age > LIFE_MS || !fits(grant)) return null
    grant.used = true
    const token = randomBytes(24).toString('base64url')
    tokens.set(token, grant)
    return { token, grant }
  }

  /** The list of people, or – once one is chosen – the way back to the hub. */
  function choose({ path, query }: PlatformCall, parameter: string, state: string, challenge: string | null): PlatformAnswer {
    const chosen = query.get('person')
    if (chosen === null) return { status: 200, html: peoplePage(`${path}?${query}`) }
    const back = new URL(callbackUrl)
    if (chosen === 'none') back.searchParams.set('error', 'access_denied')
    else if (!people[Number(chosen) - 1]) return notice(400, '没有这个人')
    else back.searchParams.set(parameter, issue({ person: Number(chosen), challenge }))
    back.searchParams.set(parameter === 'code' ? 'state' : 'sp', state)
    return { status: 302, location: back.href }
  }

  function login(call: PlatformCall): PlatformAnswer {
    if (call.query.get('appId') !== SIGN_ON_APP_ID) return notice(400, '应用没有登记')
    return choose(call, 'ticketId', call.query.get('sp') ?? '', null)
  }

  function authorize(call: PlatformCall): PlatformAnswer {
    const { query } = call
    if (query.get('client_id') !== SIGN_ON_APP_ID || query.get('response_type') !== 'code') return notice(400, '应用没有登记')
    if (query.get('redirect_uri') !== callbackUrl) return notice(400, '回调地址没有登记')
    const challenge = query.get('code_challenge')
    if (challenge !== null && query.get('code_challenge_method') !== 'S256') return notice(400, '只支持 S256')
    return choose(call, 'code', query.get('state') ?? '', challenge)
  }

  function accessToken(call: PlatformCall, faults: Active): PlatformAnswer {
    const { ticketId, appId } = readObject(call.body)
    const refused = refusal(call, account, faults)
    if (refused) return refused
    const redeemed = redeem(ticketId, appId)
    if (!redeemed) return failure('票据无效')
    const { token, grant } = redeemed
    return success({ accessToken: token, appId: grant.appId, ticketIssuedAt: grant.issuedAt, expiresIn: 600 })
  }

  function userInfo(call: PlatformCall, faults: Active): PlatformAnswer {
    const refused = refusal(call, account, faults)
    if (refused) return refused
    const grant = tokens.get(String(readObject(call.body)['token']))
    return grant ? success(grant.user) : failure('令牌无效')
  }

  function token({ headers, body }: PlatformCall): PlatformAnswer {
    const form = new URLSearchParams(body)
    const basic = `Basic ${Buffer.from(`${SIGN_ON_APP_ID}:${appSecret}`).toString('base64')}`
    if (headers.authorization !== basic) return { status: 401, json: { error: 'invalid_client' } }
    if (form.get('grant_type') !== 'authorization_code') return { status: 400, json: { error: 'unsupported_grant_type' } }
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const fits = ({ challenge }: Grant) =>
      form.get('redirect_uri') === callbackUrl && (challenge === null ? !form.has('code_verifier') : challenge === proof)
    const redeemed = redeem(form.get('code'), SIGN_ON_APP_ID, fits)
    if (!redeemed) return { status: 400, json: { error: 'invalid_grant' } }
    return { status: 200, json: { access_token: redeemed.token, token_type: 'Bearer', expires_in: 600 } }
  }

  function oauthUser({ headers }: PlatformCall): PlatformAnswer {
    const grant = tokens.get(String(headers.authorization).replace(/^Bearer /, ''))
    if (!grant) return { status: 401, json: { error: 'invalid_token' } }
    const { userId, authLevel, userName, idType, idNo, mobile, nickName, avatar } = grant.user
    const verified = { name: userName, auth_level: authLevel, id_type: idType, id_number: idNo, phone_number: mobile }
    return { status: 200, json: { sub: userId, ...verified, nickname: nickName, picture: avatar } }
  }

  const routes: Readonly<Record<string, (call: PlatformCall, faults: Active) => PlatformAnswer>> = {
    [`GET ${PATHS.login}`]: login,
    [`GET ${PATHS.authorize}`]: authorize,
    [`POST ${PATHS.accessToken}`]: accessToken,
    [`POST ${PATHS.userInfo}`]: userInfo,
    [`POST ${PATHS.token}`]: token,
    [`GET ${PATHS.userinfo}`]: oauthUser,
  }

  return {
    name: 'sign-on',
    prefix: PREFIX,
    api: new Set([PATHS.accessToken, PATHS.userInfo, PATHS.token, PATHS.userinfo]),
    appSecret,
    issue,
    answer: (call, faults) => routes[`${call.method} ${call.path}`]?.(call, faults) ?? notice(404, '没有这个页面'),
  }
}

function userOf(index: number): SimulatedUser {
  const person = people[index - 1]
  if (!person) throw new RangeError(`沙箱没有编号为 ${index} 的人（1 至 ${people.length}）`)
  return {
    userId: person.subject,
    authLevel: '3',
    userName: person.name,
    idType: '1',
    idNo: person.number,
    mobile: `1380000000${index}`,
    nickName: `沙箱市民${index}`,
    avatar: `https://avatars.invalid/${index}.png`,
  }
}

const success = (data: object): PlatformAnswer => ({ status: 200, json: { success: true, data } })
const failure = (errorMsg: string): PlatformAnswer => ({ status: 200, json: { success: false, errorCode: '-1', errorMsg } })
const notice = (status: number, text: string): PlatformAnswer => ({ status, html: page('沙箱登录', `<p>${escapeHtml(text)}</p>`) })

function peoplePage(here: string): string {
  const link = (value: string | number, text: string) =>
    `<li><a class="button" href="${escapeHtml(`${here}&person=${value}`)}">${escapeHtml(text)}</a></li>`
  const list = people.map(({ index, name }) => link(index, name)).join('')
  return page('沙箱登录', `<p>这些人都是虚构的，选择一位登录。</p><ul>${list}${link('none', '取消')}</ul>`)
}
