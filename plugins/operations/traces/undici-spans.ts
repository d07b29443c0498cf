import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'

/** As much of what undici says of a request as is anybody's business: no path, no header. */
interface Said {
  request: { origin: string | URL; method: string }
  response?: { statusCode: number }
}

/** A span for each request to an agency that a call of the hub brings about. → ends it. */
export function followUndici(tracer: Tracer): () => void {
  const spans = new WeakMap<object, Span>()

  const listeners: Readonly<Record<string, (said: Said) => void>> = {
    'undici:request:create'({ request }) {
      if (!trace.getSpan(context.active())) return
      const { hostname, port, protocol } = new URL(request.origin)
      const attributes = {
        'http.request.method': request.method,
        'server.address': hostname,
        'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      }
      spans.set(request, tracer.startSpan(request.method, { kind: SpanKind.CLIENT, attributes }))
    },
    'undici:request:headers'({ request, response }) {
      const status = response?.statusCode ?? 0
      const span = spans.get(request)?.setAttribute('http.response.status_code', status)
      if (status >= 400) span?.setStatus({ code: SpanStatusCode.ERROR })
    },
    'undici:request:trailers'({ request }) {
      spans.get(request)?.end()
    },
    'undici:request:error'({ request }) {
      spans.get(request)?.setStatus({ code: SpanStatusCode.ERROR }).end()
    },
  }

  const entries = Object.entries(listeners).map(([name, listener]) => [name, (said: unknown) => listener(said as Said)] as const)
  for (const [name, listener] of entries) subscribe(name, listener)
  return () => {
    for (const [name, listener] of entries) unsubscribe(name, listener)
  }
}
