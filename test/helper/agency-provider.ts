import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Provider } from 'oidc-provider'

/**
 * An agency as a process of its own: a certified authorization server (oidc-provider) whose refresh tokens
 * are good for one use, and an API behind it that wants the user's token. Started with fork; says its
 * address in a message. `/control/…` is the test's own way in.
 */
export interface TokenCall {
  grantType: string
  /** Epoch milliseconds of the answer. */
  at: number
  /** `error` of a refusal. */
  error: string | null
}

export interface AgencyLog {
  tokens: TokenCall[]
  /** Calls to the API by status. */
  api: Record<string, number>
  /** Revocations that were taken (RFC 7009). */
  revocations: number
}

/** Clients by the life of their access tokens; the secret is `<id>-secret`. */
export const CLIENTS = { 'hub-second': 1, 'hub-hour': 3600 } as const
export const HUB_URL = 'http://127.0.0.1:39999'

let log: AgencyLog = { tokens: [], api: {}, revocations: 0 }
let downUntil = 0
let holdAnswers = false

const server = createServer((request, response) => void route(request, response))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const provider = new Provider(origin, {
  clients: Object.keys(CLIENTS).map((id) => ({
    client_id: id,
    client_secret: `${id}-secret`,
    redirect_uris: [`${HUB_URL}/oauth/agencies/science-museum/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  })),
  ttl: {
    AccessToken: (_context, _token, client) => CLIENTS[client.clientId as keyof typeof CLIENTS],
    RefreshToken: 86_400,
    Interaction: 600,
    Session: 3600,
    Grant: 86_400,
    IdToken: 600,
  },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  pkce: { required: () => true },
  claims: { openid: ['sub', 'union_id', 'id_number'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, union_id: `union-of-${id}`, ...(/^\d/.test(id) ? { id_number: id } : {}) }),
  }),
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  cookies: { keys: ['test'] },
})
const handle = provider.callback()

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin)
  if (url.pathname.startsWith('/control/')) return control(url, response)
  if (Date.now() < downUntil) return void request.socket.destroy()
  if (url.pathname.startsWith('/interaction/')) return interact(request, response, url)
  if (url.pathname.startsWith('/api/')) return api(request, response)
  if (url.pathname === '/token' && holdAnswers) hold(response)
  await handle(request, response)
  if (url.pathname === '/token/revocation' && response.statusCode === 200) log.revocations++
}

/** Holds the token endpoint's answers back where the test wants the asker to die first. */
function hold(response: ServerResponse): void {
  const end = response.end.bind(response)
  const late = (...args: unknown[]) => {
    setTimeout(() => end(...(args as [string])), 10_000).unref()
    return response
  }
  response.end = late as typeof response.end
}

provider.on('grant.success', ({ oidc }) => note(oidc.params?.['grant_type'], null))
provider.on('grant.error', ({ oidc }, { error }) => note(oidc?.params?.['grant_type'], error))

function note(grantType: unknown, error: string | null): void {
  log.tokens.push({ grantType: String(grantType), at: Date.now(), error })
}

/** Signs in and consents at once, as whom the browser says (`as`), or declines (`deny`). */
async function interact(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  if (url.searchParams.has('deny')) return provider.interactionFinished(request, response, { error: 'access_denied' })
  const { params } = await provider.interactionDetails(request, response)
  const accountId = url.searchParams.get('as') ?? 'nobody'
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
  grant.addOIDCScope('openid offline_access')
  const result = { login: { accountId }, consent: { grantId: await grant.save() } }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function api(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = await provider.AccessToken.find(String(request.headers.authorization).replace('Bearer ', ''))
  const valid = token?.isValid === true
  const status = valid ? 200 : 401
  log.api[status] = (log.api[status] ?? 0) + 1
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(valid ? { code: '0', data: [{ yyr: token?.accountId, ps: 2 }] } : { code: '401' }))
}

async function control(url: URL, response: ServerResponse): Promise<void> {
  const [action, argument = ''] = url.pathname.split('/').slice(2)
  if (action === 'down') downUntil = Date.now() + Number(argument)
  if (action === 'hold') holdAnswers = argument === 'on'
  if (action === 'reset') log = { tokens: [], api: {}, revocations: 0 }
  if (action === 'revoke') {
    const token = await provider.RefreshToken.find(url.searchParams.get('token') ?? '')
    await provider.RefreshToken.revokeByGrantId(token?.grantId ?? '')
  }
  response.setHeader('connection', 'close').end(JSON.stringify(log))
}

process.send?.(origin)
process.once('disconnect', () => process.exit(0))
await sleep(0)
