import type { IncomingMessage, ServerResponse } from 'node:http'
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import helmet from 'helmet'

const HALF_A_YEAR = 15_552_000
const MINUTE_MS = 60_000

/**
 * What every answer tells a browser: show it in no frame, guess no type, keep to TLS, and say nowhere where one
 * came from; a page of the hub loosens the policy for itself. Answers under `/v1` stay in no cache unless a route
 * says otherwise, and scripts of registered apps may read them.
 */
export default fp(
  async (app) => {
    const headers = headersOf(app.settings.PUBLIC_URL.startsWith('https:'))
    app.addHook('onRequest', (request, reply, done) => {
      for (const [name, value] of headers) reply.header(name, value)
      if (request.audit.due) reply.header('cache-control', 'no-store')
      // A browser asks by itself whether a script may; nobody calls yet.
      if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) request.audit.due = false
      done()
    })

    const own = new Set(app.settings.APP_ORIGINS.split(',').filter((origin) => origin !== ''))
    let registered = { origins: new Set<string>(), until: 0 }

    async function isRegistered(origin: string): Promise<boolean> {
      if (registered.until <= Date.now()) {
        registered = { origins: await app.authorizationStore.clients.origins(), until: Date.now() + MINUTE_MS }
      }
      return registered.origins.has(origin)
    }

    await app.register(cors, {
      delegator: ({ url, headers: { origin } }: FastifyRequest, done: (error: Error | null, options?: FastifyCorsOptions) => void) => {
        if (origin === undefined || !url.startsWith('/v1/')) done(null, CLOSED)
        else if (own.has(origin)) done(null, OPEN)
        else
          isRegistered(origin).then(
            (known) => done(null, known ? OPEN : CLOSED),
            // Without the store nobody knows; the call itself says what is wrong.
            () => done(null, CLOSED),
          )
      },
    })
  },
  { name: 'headers', dependencies: ['settings', 'audit', 'authorization-store'] },
)

/** Helmet's headers, asked for once: its Fastify plugin asks anew, and waits three times, at each call. */
function headersOf(isHttps: boolean): [string, string][] {
  const headers: [string, string][] = []
  const response = { setHeader: (name: string, value: string) => headers.push([name.toLowerCase(), value]), removeHeader: () => undefined }
  const write = helmet({
    // For what is no page: nothing in it is to be run or loaded.
    contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
    strictTransportSecurity: isHttps && { maxAge: HALF_A_YEAR, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    // Apps of other origins read the interface; which of them, CORS says.
    crossOriginResourcePolicy: false,
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
  write({} as IncomingMessage, response as unknown as ServerResponse, (error) => {
    if (error) throw error
  })
  return headers
}

const CLOSED: FastifyCorsOptions = { origin: false, strictPreflight: false }

const OPEN: FastifyCorsOptions = {
  origin: true,
  strictPreflight: false,
  // A bearer token says who asks; no cookie counts here, so browsers are not let to send any.
  credentials: false,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    ...['authorization', 'content-type', 'idempotency-key', 'face-verification', 'traceparent'],
    ...['tus-resumable', 'upload-length', 'upload-metadata', 'upload-offset'],
  ],
  exposedHeaders: [
    ...['location', 'retry-after', 'content-disposition', 'etag', 'x-watermark', 'deprecation', 'sunset', 'link'],
    ...['tus-resumable', 'upload-expires', 'upload-length', 'upload-offset'],
  ],
  maxAge: 600,
}
