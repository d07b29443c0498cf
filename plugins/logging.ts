import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'

type ChildOptions = Parameters<FastifyBaseLogger['child']>[1]
type Given = NonNullable<FastifyServerOptions['logger']>

/** Names under which secrets and people stand in objects: whoever logs such an object shows none of them. */
const HIDDEN = [
  'authorization',
  'cookie',
  'set-cookie',
  'face-verification',
  'client_secret',
  'client_assertion',
  'access_token',
  'refresh_token',
  'id_token',
  'subject_token',
  'actor_token',
  'code_verifier',
  'token',
  'password',
  'secret',
  'idNumber',
  'id_number',
  'idCard',
  'phone',
  'mobile',
]
const DEPTHS = ['', '*', '*.*', '*.*.*']

/** The options of the log: errors, requests and answers lose what callers and agencies wrote into them. */
export function logging(given: Given | undefined, level: string): Given {
  const options = given ?? { level }
  if (typeof options !== 'object') return options
  return {
    ...options,
    redact: { paths: HIDDEN.flatMap((name) => DEPTHS.map((depth) => `${depth}["${name}"]`)), censor: '[隐去]' },
    serializers: { err: (error: unknown) => outline(error), req: requestLine, res: ({ statusCode }) => ({ statusCode }) },
  }
}

/**
 * A request's log, made when something is logged: nearly no request logs, and looking through its bindings for what must
 * not show would cost each a tenth of a call.
 */
export function childWhenNeeded(logger: FastifyBaseLogger, bindings: object, options: ChildOptions): FastifyBaseLogger {
  let made: FastifyBaseLogger | null = null
  const own = () => {
    made ??= logger.child(bindings, options)
    return made
  }
  const write =
    (level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent') =>
    (...words: unknown[]) =>
      (own()[level] as (...words: unknown[]) => void)(...words)
  return {
    level: logger.level,
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
    silent: write('silent'),
    child: (...given: Parameters<FastifyBaseLogger['child']>) => own().child(...given),
  }
}

/** By its route: path and query are the caller's own words. */
function requestLine({ method, routeOptions }: { method?: string; routeOptions?: { url?: string | undefined } }) {
  return { method: method ?? '', route: routeOptions?.url }
}

interface Outline {
  type: string
  code?: unknown
  message: string
  /** Places in the code. */
  stack: string
  cause?: Outline
  [more: string]: unknown
}

const DEEPEST = 4

/** What an operator needs of an error. Drivers and parsers repeat in it what they were given. */
function outline(error: unknown, depth = 0): Outline {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)), stack: '' }
  const { name, code, message, stack, cause } = error as Error & { code?: unknown }
  const places = (stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
  return {
    type: name,
    ...(code === undefined ? {} : { code }),
    message: scrub(message),
    stack: places.join('\n'),
    ...(cause instanceof Error && depth < DEEPEST ? { cause: outline(cause, depth + 1) } : {}),
  }
}

/** What stands in quotes are values, except after the words that name a part of a table; numbers are cut from six digits on. */
export function scrub(message: string): string {
  // The parser quotes the text it could not read, quotes in it included.
  if (/\bJSON\b/.test(message)) return '不是有效的 JSON'
  return (
    message
      .slice(0, 2000)
      // An apostrophe begins no quotation.
      .replace(/([a-z])'(?=[a-z])/gi, '$1’')
      .replace(/(column |key |table |index |constraint )?(?:'[^']*'?|"[^"]*"?)/gi, (all, kept?: string) => (kept ? all : '‹…›'))
      .replace(/\d{6,}/g, '‹…›')
  )
}
