import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, propagation, type TextMapPropagator, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { type ExportResult, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { FastifyInstance } from 'fastify'
import { version } from '../../../config/version.ts'
import { traceparent } from './carry.ts'
import { followUndici } from './undici-spans.ts'

export interface Telemetry {
  /** Of the span that is under way. */
  spanId(): string | undefined
}

/** Spans of calls and of requests to agencies, by OpenTelemetry, to a collector that speaks OTLP over HTTP. */
export async function openTelemetry(app: FastifyInstance): Promise<Telemetry> {
  const { TRACES_URL: url, TRACES_SHARE: share } = app.settings
  const exporter = quiet(new OTLPTraceExporter({ url, timeoutMillis: 5000 }))
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'xuchang-hub', 'service.version': version }),
    // Whatever the caller's flag says: how much is kept is the operator's choice.
    sampler: new TraceIdRatioBasedSampler(share),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 2000 })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(readOnly)
  const instrumentation = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => url.startsWith('/health'),
    requestHook(span, { method, routeOptions }) {
      // Paths and queries are the caller's words.
      const route = routeOptions.url ?? '-'
      span.setAttribute('url.path', route).updateName(`${method} ${route}`)
    },
  })
  instrumentation.setTracerProvider(provider)
  // The span belongs to the trace that the audit row and the log name, whether the caller brought one or not.
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, id } = request
    if (!String(headers['traceparent']).includes(id)) headers['traceparent'] = traceparent(id)
    done()
  })
  await app.register(instrumentation.plugin())
  const unfollow = followUndici(provider.getTracer('hub'))
  app.addHook('onClose', async () => {
    unfollow()
    await provider.shutdown().catch(() => undefined)
    context.disable()
    propagation.disable()
  })
  return { spanId: () => trace.getSpanContext(context.active())?.spanId }
}

const w3c = new W3CTraceContextPropagator()

/** What a call brings is read; what goes out says something only where an agency takes it (carry.ts). */
const readOnly: TextMapPropagator = {
  inject: () => undefined,
  extract: (into, carrier, getter) => w3c.extract(into, carrier, getter),
  fields: () => w3c.fields(),
}

/** Spans without messages of errors, which repeat what they were given. */
function quiet(exporter: SpanExporter): SpanExporter {
  const outline = (span: ReadableSpan): ReadableSpan =>
    Object.create(span, { status: { value: { code: span.status.code } }, events: { value: [] } })
  return {
    export: (spans, done: (result: ExportResult) => void) => exporter.export(spans.map(outline), done),
    shutdown: () => exporter.shutdown(),
  }
}
