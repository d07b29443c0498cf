import type { RawReply, SignedRequest } from '../../core/upstream/dialect.ts'
import { type Finding, finding, type Heading, skipped } from './finding.ts'
import { type Answered, type Client, createFlow, createProof, type Flow, type OAuthSide } from './oauth-side.ts'

const headings = {
  discovery: { id: 'oauth-discovery', title: 'OAuth：元数据齐全' },
  redirect: { id: 'oauth-redirect', title: 'OAuth：回调地址逐字核对' },
  pkce: { id: 'oauth-pkce', title: 'OAuth：没有 PKCE 的被拒绝' },
  client: { id: 'oauth-client', title: 'OAuth：错误的客户端密钥被拒绝' },
  state: { id: 'oauth-state', title: 'OAuth：state 原样带回' },
  verifier: { id: 'oauth-verifier', title: 'OAuth：错误的 code_verifier 被拒绝，授权码只用一次' },
  refresh: { id: 'oauth-refresh', title: 'OAuth：令牌可以续期' },
  revocation: { id: 'oauth-revocation', title: 'OAuth：撤销后令牌失效' },
} as const

/** An authorization server, as far as nobody has to sign on; with `approve`, or a refresh token, all of it. */
export async function checkOAuth(
  side: OAuthSide,
  client: Client,
  refreshToken: string | undefined,
  send: (request: SignedRequest) => Promise<RawReply>,
): Promise<Finding[]> {
  const flow = createFlow(side, client, send)
  const proof = { code_challenge: createProof().challenge, code_challenge_method: 'S256', state: createProof().state }
  const wrongPlace = await flow.authorize({ ...proof, redirect_uri: `${side.redirectUri}/other` })
  const bare = await flow.authorize({ state: proof.state })
  const wrongSecret = await flow.token({ grant_type: 'refresh_token', refresh_token: 'none' }, 'hub-verify-wrong-secret')
  return [
    await checkDiscovery(side, flow),
    finding(
      headings.redirect,
      wrongPlace.status >= 400 && wrongPlace.status < 500 ? 'passed' : 'failed',
      '授权请求，redirect_uri 末尾多了 /other',
      got(wrongPlace),
      '回调地址要与登记的逐字相同，不同的当场报错，不得跳转（RFC 9700 §2.1）。',
    ),
    finding(
      headings.pkce,
      bare.status >= 400 || bare.location?.searchParams.has('error') ? 'passed' : 'failed',
      '授权请求，没有 code_challenge',
      got(bare),
      '请要求 PKCE，只收 S256（RFC 7636、RFC 9700 §2.1.1）。',
    ),
    finding(
      headings.client,
      wrongSecret.status >= 400 && wrongSecret.json['error'] === 'invalid_client' ? 'passed' : 'failed',
      '令牌请求，客户端密钥是错的',
      got(wrongSecret),
      '请先核对客户端再看令牌，错误的密钥答 401 和 invalid_client（RFC 6749 §5.2）。',
    ),
    ...(await checkTokens(side, flow, refreshToken)),
  ]
}

const got = ({ status, location, json }: Answered) =>
  `HTTP ${status}${location ? `，跳转到 ${location.origin}${location.pathname}` : ''}${typeof json['error'] === 'string' ? `，error=${json['error']}` : ''}`

async function checkDiscovery({ discovery }: OAuthSide, flow: Flow): Promise<Finding> {
  if (discovery === undefined) return skipped(headings.discovery, '说明里没有写 discovery')
  const answer = await flow.get(discovery)
  const missing = ['issuer', 'authorization_endpoint', 'token_endpoint'].filter((name) => typeof answer.json[name] !== 'string')
  const methods = answer.json['code_challenge_methods_supported']
  const all = [...missing, ...(Array.isArray(methods) && methods.includes('S256') ? [] : ['code_challenge_methods_supported 里的 S256'])]
  const told = all.length === 0 ? got(answer) : `${got(answer)}；缺 ${all.join('、')}`
  return finding(headings.discovery, all.length === 0 ? 'passed' : 'failed', `GET ${discovery}`, told, '元数据照 RFC 8414 写全。')
}

async function checkTokens(side: OAuthSide, flow: Flow, given: string | undefined): Promise<Finding[]> {
  if (!side.approve) {
    const why = '要有人登录并同意：测试系统若能自动同意，请在说明里写 oauth.approve'
    const consent = [skipped(headings.state, why), skipped(headings.verifier, why)]
    return given === undefined
      ? [...consent, ...skippedTokens('没有刷新令牌（凭据里的 refreshToken）')]
      : [...consent, ...(await checkLife(side, flow, given))]
  }
  const first = await consent(side, flow)
  const wrong = await flow.token({ ...first.grant, code_verifier: createProof().verifier })
  const second = await consent(side, flow)
  const tokens = await flow.token(second.grant)
  const again = await flow.token(second.grant)
  const refused = wrong.status >= 400 && again.status >= 400
  const state = finding(
    headings.state,
    first.isKept ? 'passed' : 'failed',
    '授权请求，state 含 .~-_',
    got(first.answer),
    'state 请逐字带回，不要改、不要截断：应用靠它防止跨站请求伪造。',
  )
  const verifier = finding(
    headings.verifier,
    refused ? 'passed' : 'failed',
    '用错误的 code_verifier 换令牌；同一授权码再换一次',
    `${got(wrong)}；${got(again)}`,
    '请核对 code_verifier 与授权时的 code_challenge 相符，授权码用过即废（RFC 6749 §4.1.2）。',
  )
  // A code that came a second time may have ended all that it had brought (RFC 6749 §4.1.2), so another one is spent.
  const third = await consent(side, flow)
  const fresh = again.status >= 400 ? await flow.token(third.grant) : tokens
  const token = fresh.json['refresh_token']
  return [
    state,
    verifier,
    ...(typeof token === 'string' ? await checkLife(side, flow, token) : skippedTokens(`没有得到刷新令牌：${got(fresh)}`)),
  ]
}

async function consent(side: OAuthSide, flow: Flow) {
  const { verifier, challenge, state } = createProof()
  const answer = await flow.authorize({ code_challenge: challenge, code_challenge_method: 'S256', state, ...side.approve })
  const back = answer.location?.searchParams
  return {
    answer,
    isKept: back?.get('state') === state,
    grant: { grant_type: 'authorization_code', code: back?.get('code') ?? '', redirect_uri: side.redirectUri, code_verifier: verifier },
  }
}

const skippedTokens = (why: string): Finding[] => [headings.refresh, headings.revocation].map((heading: Heading) => skipped(heading, why))

async function checkLife(side: OAuthSide, flow: Flow, given: string): Promise<Finding[]> {
  const renewed = await flow.token({ grant_type: 'refresh_token', refresh_token: given })
  const isRenewed = renewed.status === 200 && typeof renewed.json['access_token'] === 'string'
  const refresh = finding(
    headings.refresh,
    isRenewed ? 'passed' : 'failed',
    '用刷新令牌换新令牌',
    got(renewed),
    '请答 200 和新的 access_token；换了刷新令牌的，一并给出（RFC 6749 §6）。',
  )
  if (!isRenewed || side.revokePath === undefined)
    return [refresh, skipped(headings.revocation, side.revokePath === undefined ? '说明里没有写 revokePath' : '没有续到令牌')]
  const token = String(renewed.json['refresh_token'] ?? given)
  const revoked = await flow.revoke(token)
  const after = await flow.token({ grant_type: 'refresh_token', refresh_token: token })
  const ended = revoked.status === 200 && after.status >= 400
  return [
    refresh,
    finding(
      headings.revocation,
      ended ? 'passed' : 'failed',
      '撤销刷新令牌，再用它续期',
      `${got(revoked)}；再续期：${got(after)}`,
      '撤销要立即生效，此后同一授权下的令牌都不能再用（RFC 7009）。',
    ),
  ]
}
