import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type AppOptions, buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import type { ConnectorDeclaration } from '../../core/connector.ts'
import { issueSandboxToken } from '../../plugins/sandbox/issuer.ts'
import { type Target, targets } from './targets.ts'

type TokenOptions = Omit<Parameters<typeof issueSandboxToken>[0], 'dataDir' | 'audience'>

export interface Hub {
  app: FastifyInstance
  /** A sandbox access token, by default of person 1 with a fresh face verification, for /admin too. */
  token(options?: TokenOptions): Promise<string>
  /** GET as that person. */
  get(url: string, options?: TokenOptions & { headers?: Record<string, string> }): Promise<LightMyRequestResponse>
  post(url: string, options?: TokenOptions & { headers?: Record<string, string>; body?: unknown }): Promise<LightMyRequestResponse>
  /** Everything that was logged so far. */
  logged(): string
}

export interface HubOptions {
  target?: Target
  env?: Record<string, string>
  declarations?: readonly ConnectorDeclaration[]
  /** Second versions of them. */
  candidates?: AppOptions['candidates']
  candidateDemands?: AppOptions['candidateDemands']
  /** A store shared with another hub; the caller drops it. */
  store?: Record<string, string>
  jobs?: AppOptions['jobs']
  accountsPace?: AppOptions['accountsPace']
  messagesPace?: AppOptions['messagesPace']
  alertsPace?: AppOptions['alertsPace']
  webhooksPace?: AppOptions['webhooksPace']
  filePace?: AppOptions['filePace']
  sandboxTiming?: AppOptions['sandboxTiming']
  /** Default: agencies are open, whatever the hour. */
  calendarClock?: AppOptions['calendarClock']
  catalogueClock?: AppOptions['catalogueClock']
  /** Default: nothing is done by the clock while a test looks. */
  schedules?: AppOptions['schedules']
}

/** What tests need of tap's `t`. */
interface Teardown {
  teardown(work: () => Promise<unknown>): void
}

/** A whole hub with the sandbox behind it, gone when the test ends. */
export async function build(
  t: Teardown,
  {
    target = targets[0] as Target,
    env = {},
    declarations,
    candidates,
    candidateDemands,
    store,
    jobs,
    accountsPace,
    messagesPace,
    alertsPace,
    webhooksPace,
    filePace,
    sandboxTiming,
    calendarClock = { at: () => null },
    catalogueClock,
    schedules = { sweepMs: 0 },
  }: HubOptions = {},
): Promise<Hub> {
  const created = store ? null : await target.create()
  const settings = readSettings({ NODE_ENV: 'test', LOG_LEVEL: 'debug', SANDBOX: 'on', ...(created?.settings ?? {}), ...store, ...env })
  const lines: string[] = []
  if (created) t.teardown(() => created.drop())
  const app = await buildApp({
    settings,
    schedules,
    calendarClock,
    ...(declarations ? { declarations } : {}),
    ...(candidates ? { candidates } : {}),
    ...(candidateDemands ? { candidateDemands } : {}),
    ...(jobs ? { jobs } : {}),
    ...(accountsPace ? { accountsPace } : {}),
    ...(messagesPace ? { messagesPace } : {}),
    ...(alertsPace ? { alertsPace } : {}),
    ...(catalogueClock ? { catalogueClock } : {}),
    ...(webhooksPace ? { webhooksPace } : {}),
    ...(filePace ? { filePace } : {}),
    ...(sandboxTiming ? { sandboxTiming } : {}),
    // Whoever steps back for the other tests would wait for their end.
    workshopPace: { niceness: 0 },
    logger: { level: settings.LOG_LEVEL, stream: { write: (line: string) => void lines.push(line) } },
  })
  t.teardown(() => app.close())
  await app.ready()

  const token = (options: TokenOptions = {}) =>
    issueSandboxToken({ face: true, ...options, dataDir: settings.DATA_DIR, audience: [settings.TOKEN_AUDIENCE, settings.ADMIN_AUDIENCE] })
  return {
    app,
    token,
    get: async (url, { headers = {}, ...options } = {}) =>
      app.inject({ url, headers: { authorization: `Bearer ${await token(options)}`, ...headers } }),
    post: async (url, { headers = {}, body, ...options } = {}) =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization: `Bearer ${await token(options)}`, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      }),
    logged: () => lines.join(''),
  }
}
