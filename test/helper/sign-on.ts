import type { FastifyRequest } from 'fastify'
import housingFund from '../../connectors/housing-fund/index.ts'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import type { IssueOptions } from '../../plugins/sandbox/sign-on.ts'
import { type Browser, createBrowser, type Page } from './browser.ts'
import { build, type Hub, type HubOptions } from './hub.ts'
import { auditOf, trace } from './queries.ts'

export const HOME = 'http://hub.invalid'

export interface Site extends Hub {
  readonly sandbox: Sandbox
  browser(): Browser
  /** → a browser that has begun to sign on, and the state that the hub gave it. */
  begin(returnTo?: string): Promise<{ browser: Browser; state: string; page: URL }>
  /** Comes back with a ticket or code, as the sign-on's page would send one. */
  back(browser: Browser, query: Record<string, string>): Promise<Page & { code: string | null; audited: string[] }>
  /** From the start to the session, without the page. → the hub's id of the user, or the code of the refusal. */
  signOn(options?: IssueOptions): Promise<{ browser: Browser; outcome: string }>
  /** → a ticket or code that fits the state's sign-on. */
  issue(begun: { page: URL }, options?: IssueOptions): string
  readSession(browser: Browser): Promise<{ userId: string; authTime: number } | null>
}

/** A hub that listens, under a name that only its browsers know. */
export async function site(t: Parameters<typeof build>[0], options: HubOptions = {}): Promise<Site> {
  const env: Record<string, string> & { PUBLIC_URL: string } = { PUBLIC_URL: HOME, ...options.env }
  const hub = await build(t, { declarations: [housingFund], ...options, env })
  const address = await hub.app.listen({ host: '127.0.0.1', port: 0 })
  const { sandbox } = hub.app
  if (!sandbox) throw new Error('no sandbox')
  const parameter = env['SIGN_ON_PROFILE'] === 'oauth2' ? 'code' : 'ticketId'

  const self: Site = {
    ...hub,
    sandbox,
    browser: () => createBrowser({ [env.PUBLIC_URL]: address }),
    async begin(returnTo = '/somewhere?a=1') {
      const browser = self.browser()
      const { status, location, text } = await browser.open(`/sign-on/start?return=${encodeURIComponent(returnTo)}`)
      if (status !== 302 || location === null) throw new Error(`sign-on did not start: ${status} ${text}`)
      const page = new URL(location)
      return { browser, page, state: page.searchParams.get('sp') ?? page.searchParams.get('state') ?? '' }
    },
    async back(browser, query) {
      const { traceId, headers } = trace()
      const page = await browser.open(`/sign-on/callback?${new URLSearchParams(query)}`, { headers })
      const audited = (await auditOf(hub, traceId)).map(({ outcome }) => outcome)
      const code = page.status < 400 ? null : (JSON.parse(page.text) as { code: string }).code
      return { ...page, code, audited }
    },
    issue: ({ page }, issue = {}) => sandbox.signOn.issue({ challenge: page.searchParams.get('code_challenge'), ...issue }),
    async signOn(issue = {}) {
      const begun = await self.begin()
      const page = await self.back(begun.browser, { state: begun.state, [parameter]: self.issue(begun, issue) })
      const session = await self.readSession(begun.browser)
      return { browser: begun.browser, outcome: page.code ?? session?.userId ?? 'nobody' }
    },
    readSession: (browser) =>
      hub.app.sessions.read({ headers: { cookie: `hub_session=${browser.cookie('hub_session') ?? ''}` } } as FastifyRequest),
  }
  return self
}
