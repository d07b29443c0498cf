import * as client from 'openid-client'
import { freePort } from '../../bench/haproxy.ts'
import { sandboxSecret } from '../../plugins/oauth/sandbox-clients.ts'
import { build, type Hub, type HubOptions } from './hub.ts'

export const REDIRECT_URI = 'http://127.0.0.1:4000/callback'

export interface Served extends Hub {
  origin: string
}

/** A hub that listens under the address that it gives itself as issuer. */
export async function serve(t: Parameters<typeof build>[0], options: HubOptions): Promise<Served> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const hub = await build(t, { ...options, env: { ...options.env, PUBLIC_URL: origin, PORT: String(port) } })
  await hub.app.listen({ port, host: '127.0.0.1' })
  return { ...hub, origin }
}

/** A real client library, as a third party would set it up: discovery, then everything from there. */
export async function application({ origin, app }: Served, id: 'sandbox-web' | 'sandbox-public' | 'sandbox-backend') {
  const authentication = id === 'sandbox-public' ? client.None() : client.ClientSecretBasic(sandboxSecret(app.vault, id))
  return client.discovery(new URL(origin), id, undefined, authentication, { execute: [client.allowInsecureRequests] })
}

export interface Browser {
  /** One request, no redirect followed. */
  go(url: string, init?: RequestInit): Promise<Response>
  /** Follows redirects within the hub. → the answer of the last one, or the address outside to which it sends. */
  follow(url: string, init?: RequestInit): Promise<{ response: Response; url: string; left: URL | null }>
  signOn(person: number): Promise<void>
  forget(): void
}

/** A browser as far as the hub needs one: cookies by path, redirects. */
export function browse({ origin }: Served): Browser {
  const jar = new Map<string, { value: string; path: string }>()

  async function go(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url, origin)
    const cookie = [...jar.entries()]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie ? { cookie } : {}), accept: 'text/html' }
    const response = await fetch(new URL(url, origin), { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/'
      const gone = attributes.some((each) => /^max-age=0$/i.test(each) || /1970/.test(each)) || pair.slice(at + 1) === ''
      if (gone) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), { value: pair.slice(at + 1), path })
    }
    return response
  }

  async function follow(url: string, init?: RequestInit): Promise<{ response: Response; url: string; left: URL | null }> {
    let at = url
    let response = await go(url, init)
    for (let hop = 0; hop < 10; hop++) {
      const location = response.headers.get('location')
      if (location === null) return { response, url: at, left: null }
      const next = new URL(location, origin)
      if (next.origin !== origin) return { response, url: at, left: next }
      at = next.href
      response = await go(at)
    }
    throw new Error(`too many redirects at ${at}`)
  }

  return {
    go,
    follow,
    forget: () => jar.clear(),
    async signOn(person) {
      const { left } = await follow('/sign-on/start?return=/sign-on/end%3Freturn=/health/live')
      if (!left) throw new Error('no sign-on page')
      left.searchParams.set('person', String(person))
      const chosen = await fetch(left, { redirect: 'manual' })
      // The callback alone: what it returns to would end the session.
      await go(chosen.headers.get('location') ?? '')
    },
  }
}

export interface Flow {
  url: URL
  verifier: string
  state: string
  nonce: string
}

/** An authorization request with PKCE, state and nonce. */
export async function request(config: client.Configuration, scope: string, more: Record<string, string> = {}): Promise<Flow> {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()]
  const challenge = await client.calculatePKCECodeChallenge(verifier)
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope,
    state,
    nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(scope.includes('offline_access') ? { prompt: 'consent' } : {}),
    ...more,
  })
  return { url, verifier, state, nonce }
}

/** What the consent page offers. */
export function readForm(html: string): { seal: string; scopes: string[] } {
  const seal = /name="seal" value="([^"]*)"/.exec(html)?.[1] ?? ''
  const scopes = [...html.matchAll(/name="scope" value="([^"]*)"/g)].map(([, scope = '']) => scope)
  return { seal, scopes }
}

export function formBody(fields: [string, string][]): RequestInit {
  return { method: 'POST', body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
}

/** Signed on, on through the consent page. → the address at the application to which the user is sent. */
export async function consent(browser: Browser, flow: Flow, untick: string[] = [], decision = 'allow'): Promise<URL> {
  const { response, url, left } = await browser.follow(flow.url.href)
  if (left) return left
  const { seal, scopes } = readForm(await response.text())
  const ticked = scopes.filter((scope) => !untick.includes(scope)).map((scope): [string, string] => ['scope', scope])
  const answer = await browser.follow(url, formBody([['seal', seal], ['decision', decision], ...ticked]))
  if (!answer.left) throw new Error(`consent ended at ${answer.url} with ${answer.response.status}`)
  return answer.left
}

/** The whole of the code flow. */
export async function authorise(config: client.Configuration, browser: Browser, scope: string, untick: string[] = []) {
  const flow = await request(config, scope)
  const callback = await consent(browser, flow, untick)
  const tokens = await redeem(config, flow, callback)
  return { flow, callback, tokens }
}

export function redeem(config: client.Configuration, { verifier, state, nonce }: Flow, callback: URL) {
  return client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce })
}

/** → the OAuth error with which a request of the client library was refused. */
export async function errorOf(refused: Promise<unknown>): Promise<string> {
  return refused.then(
    () => 'none',
    (problem: { error?: string; code?: string }) => problem.error ?? problem.code ?? 'unknown',
  )
}
