import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import type { Settings } from './config/settings.ts'
import type { ConnectorDeclaration } from './core/contract/types.ts'
import auth from './plugins/access/index.ts'
import addressLimit from './plugins/address-limit.ts'
import { type Loaded, without } from './plugins/admission.ts'
import accounts, { type AccountsPluginOptions } from './plugins/agency-accounts/index.ts'
import agencyFiles from './plugins/agency-files/index.ts'
import evidence from './plugins/audit/evidence.ts'
import audit from './plugins/audit/index.ts'
import calendar, { type CalendarOptions } from './plugins/calendar/index.ts'
import capabilities from './plugins/catalogue/capabilities/index.ts'
import habits from './plugins/catalogue/habits/index.ts'
import catalogue, { type CatalogueOptions } from './plugins/catalogue/index.ts'
import charts from './plugins/charts/index.ts'
import confirmations from './plugins/confirmations/index.ts'
import { connectionOptions } from './plugins/connections.ts'
import { readPackageList } from './plugins/connector-package.ts'
import connectors from './plugins/connectors.ts'
import database from './plugins/database.ts'
import draining from './plugins/draining.ts'
import faceVerification from './plugins/face/index.ts'
import type { FilePace } from './plugins/files/check.ts'
import files from './plugins/files/index.ts'
import hall from './plugins/hall/index.ts'
import layouts from './plugins/hall/layouts/index.ts'
import searching from './plugins/hall/searching/index.ts'
import headers from './plugins/headers.ts'
import jobsPlugin from './plugins/jobs.ts'
import type { BookingsPluginOptions } from './plugins/kinds/booking/index.ts'
import type { DocumentsPluginOptions } from './plugins/kinds/document/index.ts'
import type { SubmissionsPluginOptions } from './plugins/kinds/filing/index.ts'
import { kinds } from './plugins/kinds/index.ts'
import type { OrdersPluginOptions } from './plugins/kinds/order/index.ts'
import { readConnectors, type Sources } from './plugins/load-connectors.ts'
import { childWhenNeeded, logging } from './plugins/logging.ts'
import messages, { type MessagesPluginOptions } from './plugins/messages/index.ts'
import authorizationServer from './plugins/oauth/server.ts'
import authorizationStore from './plugins/oauth/store.ts'
import openapi from './plugins/openapi.ts'
import alerts, { type AlertsPluginOptions } from './plugins/operations/alerts/index.ts'
import candidates, { type CandidatesOptions } from './plugins/operations/candidates/index.ts'
import credentials from './plugins/operations/credentials/index.ts'
import deregistration from './plugins/operations/deregistration.ts'
import events from './plugins/operations/events/index.ts'
import healthHistory from './plugins/operations/health-history/index.ts'
import ledger from './plugins/operations/ledger/index.ts'
import metrics from './plugins/operations/metrics/index.ts'
import { movedAlong } from './plugins/operations/personal-data.ts'
import processes from './plugins/operations/process-states.ts'
import statistics from './plugins/operations/statistics/index.ts'
import tiers from './plugins/operations/tiers/index.ts'
import traces from './plugins/operations/traces/index.ts'
import overload from './plugins/overload.ts'
import partners from './plugins/partners/index.ts'
import webhooks, { type WebhooksPluginOptions } from './plugins/partners/webhooks/index.ts'
import problems from './plugins/problems.ts'
import rateLimit from './plugins/rate-limit/index.ts'
import refusedTrail from './plugins/refused-trail.ts'
import { routes } from './plugins/routes/index.ts'
import sandbox from './plugins/sandbox/index.ts'
import type { Timing } from './plugins/sandbox/timing.ts'
import schedules, { type SchedulesPluginOptions } from './plugins/schedules.ts'
import seen from './plugins/seen.ts'
import settingsPlugin from './plugins/settings.ts'
import signOn from './plugins/sign-on/index.ts'
import strayErrors from './plugins/stray-errors.ts'
import { traceId } from './plugins/trace-id.ts'
import upstreams from './plugins/upstreams.ts'
import identity from './plugins/users/index.ts'
import lockOut from './plugins/users/lock-out-plugin.ts'
import security from './plugins/users/security/index.ts'
import validation from './plugins/validation.ts'
import workshop from './plugins/workshop/index.ts'
import type { WorkshopOptions } from './plugins/workshop/workshop.ts'

export interface AppOptions {
  settings: Settings
  /** Default: every folder of `connectors/` and the packages of the settings. A mistake in one that is given here stops the start. */
  declarations?: readonly ConnectorDeclaration[]
  /** Where connectors are looked for; for tests. */
  sources?: Sources
  /** Second versions of `declarations`; for tests. */
  candidates?: readonly ConnectorDeclaration[]
  /** What is asked of candidates; for tests. */
  candidateDemands?: CandidatesOptions['demands']
  logger?: FastifyServerOptions['logger']
  /** How fast jobs run; for tests. */
  jobs?: SubmissionsPluginOptions & OrdersPluginOptions & BookingsPluginOptions & DocumentsPluginOptions
  /** How fast users' tokens are renewed; for tests. */
  accountsPace?: Omit<AccountsPluginOptions, 'along'>
  /** How fast people are told, and by which clock; for tests. */
  messagesPace?: MessagesPluginOptions
  /** How fast alerts are told, and by which clock; for tests. */
  alertsPace?: AlertsPluginOptions
  /** How fast applications are told what moved, and by which clock; for tests. */
  webhooksPace?: WebhooksPluginOptions
  /** How fast files are checked and cleared away; for tests. */
  filePace?: Partial<FilePace>
  /** How soon what is done at set times is looked for; for tests. */
  schedules?: SchedulesPluginOptions
  /** How files are made; for tests, and where nobody calls. */
  workshopPace?: WorkshopOptions
  /** By which clock agencies are open; for tests, and for the conformance kit. */
  calendarClock?: CalendarOptions
  /** By which clock services are withdrawn; for tests. */
  catalogueClock?: CatalogueOptions
  /** How fast the sandbox's agencies work; for tests. */
  sandboxTiming?: Partial<Timing>
}

/** Builds the hub. A loaded connector with which it cannot start is left out, and shows in its health. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { declarations, sources, settings } = options
  if (declarations) return start(options, { declarations, candidates: options.candidates ?? [] })
  const configured = {
    packages: readPackageList(settings.CONNECTOR_PACKAGES),
    candidates: readPackageList(settings.CONNECTOR_CANDIDATES),
  }
  let loaded = await readConnectors({ ...configured, ...sources })
  for (;;) {
    try {
      return await start(options, loaded)
    } catch (error) {
      const rest = without(loaded, error)
      if (!rest) throw error
      loaded = rest
    }
  }
}

type Given = Pick<Loaded, 'declarations'> & Partial<Loaded>

/** What a failed start had opened is closed again. */
async function start(options: AppOptions, loaded: Given): Promise<FastifyInstance> {
  const { settings, logger } = options
  const app = Fastify({
    logger: logging(logger, settings.LOG_LEVEL),
    childLoggerFactory: childWhenNeeded,
    // A request line would show query strings; the audit row says who called what.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: traceId,
    rewriteUrl: ({ url = '/' }) => (isReadable(url) ? url : UNREADABLE),
    requestIdHeader: false,
    // A migration of a store that holds much takes its time, and must not be cut off half-way.
    pluginTimeout: 600_000,
    trustProxy: settings.TRUST_PROXY ? settings.TRUST_PROXY.split(',') : false,
    bodyLimit: 64 * 1024,
    ...connectionOptions(settings),
    // As long as a URL can get in Node: a longer part would be refused by the router, past the audit.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    forceCloseConnections: true,
  })
  app.server.maxConnections = settings.MAX_CONNECTIONS
  try {
    await compose(app, options, loaded)
    return app
  } catch (error) {
    await app.close().catch(() => undefined)
    throw error
  }
}

/** The whole hub, in the order in which its parts stand on each other. */
async function compose(
  app: FastifyInstance,
  {
    settings,
    jobs = {},
    accountsPace = {},
    messagesPace = {},
    alertsPace = {},
    webhooksPace = {},
    filePace = {},
    workshopPace = {},
    sandboxTiming = {},
    calendarClock = {},
    catalogueClock = {},
    schedules: pace = {},
    candidateDemands = {},
  }: AppOptions,
  loaded: Given,
): Promise<void> {
  await app.register(settingsPlugin, { settings })
  await app.register(seen)
  await app.register(connectors, loaded)
  await app.register(strayErrors)
  await app.register(draining)
  await app.register(traces)
  await app.register(database)
  await app.register(schedules, pace)
  await app.register(jobsPlugin)
  await app.register(calendar, calendarClock)
  await app.register(catalogue, catalogueClock)
  await app.register(capabilities, catalogueClock)
  await app.register(habits)
  await app.register(sandbox, { timing: sandboxTiming })
  await app.register(evidence)
  await app.register(audit)
  await app.register(refusedTrail, { candidates: loaded.refusedCandidates ?? [] })
  await app.register(problems)
  await app.register(addressLimit)
  await app.register(validation)
  await app.register(authorizationStore)
  await app.register(headers)
  await app.register(security)
  await app.register(auth)
  await app.register(rateLimit)
  await app.register(accounts, { ...accountsPace, along: movedAlong })
  await app.register(upstreams)
  await app.register(overload)
  await app.register(openapi)
  await app.register(lockOut)
  await app.register(signOn)
  await app.register(faceVerification)
  await app.register(identity)
  await app.register(confirmations)
  await app.register(workshop, workshopPace)
  await app.register(charts)
  await app.register(files, { pace: filePace })
  await app.register(agencyFiles)
  for (const { plugin } of kinds) if (plugin) await app.register(plugin, jobs)
  await app.register(messages, messagesPace)
  await app.register(partners)
  await app.register(searching)
  await app.register(webhooks, webhooksPace)
  await app.register(hall)
  await app.register(layouts)
  await app.register(processes)
  await app.register(healthHistory)
  await app.register(metrics)
  await app.register(credentials)
  await app.register(alerts, alertsPace)
  await app.register(statistics)
  await app.register(events)
  await app.register(tiers)
  await app.register(candidates, {
    found: loaded.candidates ?? [],
    refused: loaded.refusedCandidates ?? [],
    demands: candidateDemands,
  })
  await app.register(ledger)
  await app.register(authorizationServer)
  await app.register(deregistration)
  for (const route of routes) await app.register(route)
}

/** A route that nobody has: what stands in for a URL that cannot be decoded, so that it is refused and audited like any other. */
const UNREADABLE = '/v1/-'

function isReadable(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}
