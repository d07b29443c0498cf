import type { FastifyError, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, HubError, type ProblemExtras, toProblem } from '../core/base/errors.ts'
import { ID_PATTERN, ID_PROBLEM } from '../core/base/ids.ts'
import { UpstreamError } from '../core/upstream/error.ts'
import { REQUIRED_ANY } from './openapi/query-schema.ts'
import { problemOf } from './web/formats.ts'

/** Every error leaves as RFC 9457 `application/problem+json`; plugins/routes/portal/problems.ts explains each type. */
export default fp(
  async (app: FastifyInstance) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const known = toHubError(error)
      if (known.code === 'HUB_INTERNAL') request.log.error({ err: error }, 'unexpected error')
      if (request.audit) {
        request.audit.outcome = known.code
        if (known.code === 'HUB_UPSTREAM_BUSY') request.audit.waits = false
        if (known instanceof UpstreamError) request.audit.upstreamStatus = known.upstreamStatus
      }
      if (known.status === 401)
        reply.header('www-authenticate', known.code === 'HUB_TOKEN_MISSING' ? 'Bearer' : 'Bearer error="invalid_token"')
      if (known.extras.retryAfter) reply.header('retry-after', known.extras.retryAfter)
      return reply
        .code(known.status)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .send(JSON.stringify(toProblem(known, request.id)))
    })

    const offered: Offered[] = []
    app.addHook('onRoute', ({ url, method }) => void offered.push({ parts: partsOf(url), methods: [method].flat() }))

    app.setNotFoundHandler((request, reply) => {
      const allowed = methodsAt(request.url, offered)
      if (allowed.length === 0) throw new HubError('HUB_SERVICE_UNKNOWN')
      reply.header('allow', allowed.join(', '))
      throw new HubError('HUB_METHOD_NOT_ALLOWED')
    })
  },
  { name: 'problems', dependencies: ['audit'] },
)

interface Offered {
  parts: string[]
  methods: string[]
}

const partsOf = (path: string) => path.replace(/\/$/, '').split('/')

/** What may be asked at a path. Compared part by part: Fastify's `hasRoute` reads a path as a pattern and fails on some. */
function methodsAt(url: string, offered: readonly Offered[]): string[] {
  const asked = partsOf(url.split('?', 1)[0] ?? '')
  const fits = ({ parts }: Offered) => parts.length === asked.length && parts.every((part, at) => part === asked[at] || part[0] === ':')
  return [...new Set(offered.filter(fits).flatMap(({ methods }) => methods))].sort()
}

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'HUB_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'HUB_BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'HUB_VALIDATION',
  FST_ERR_CTP_INVALID_JSON_BODY: 'HUB_VALIDATION',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'HUB_VALIDATION',
}

function toHubError(error: FastifyError): HubError {
  if (error instanceof HubError) return error
  if (error.validation) return new HubError('HUB_VALIDATION', validationExtras(error))
  const code = FASTIFY_CODES[error.code] ?? (error.statusCode && error.statusCode < 500 ? 'HUB_VALIDATION' : 'HUB_INTERNAL')
  const unreadable = error.code?.startsWith('FST_ERR_CTP_') && code === 'HUB_VALIDATION'
  return new HubError(code, unreadable ? { errors: [{ pointer: '/body', detail: '不是完整的 JSON' }] } : {}, error)
}

/** A member's name that may be somebody's number or name, where a client mixed up names and values: not repeated. */
const PERSONAL = /\d{6}|[^\x20-\x7e]/

/** The fault's place (RFC 6901) and a Chinese word about it; never the value itself. */
export function validationExtras({
  validation = [],
  validationContext = 'body',
}: Pick<FastifyError, 'validation' | 'validationContext'>): ProblemExtras {
  const part = validationContext === 'querystring' ? 'query' : validationContext
  return {
    errors: validation.slice(0, 20).map(({ instancePath, keyword, params, ...error }) => {
      const named = params['missingProperty'] ?? params['additionalProperty']
      const isTold = named !== undefined && !PERSONAL.test(String(named))
      const pointer = `/${part}${instancePath}${isTold ? `/${String(named).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}` : ''}`
      // Where it is a choice of named codes; see plugins/validation.ts.
      const names = (error as { parentSchema?: Readonly<Record<string, unknown>> }).parentSchema?.['x-enumNames']
      return { pointer, detail: describe(keyword, params, names as readonly string[] | undefined) }
    }),
  }
}

function describe(keyword: string, params: Record<string, unknown>, names: readonly string[] = []): string {
  switch (keyword) {
    case 'required':
      return '缺少必填项'
    case REQUIRED_ANY:
      return '这几项至少填写一项'
    case 'additionalProperties':
      return '不接受这一项'
    case 'type':
      return '类型不对'
    case 'enum':
      return `只能是：${(params['allowedValues'] as unknown[])
        .map((value, at) => [value, names[at]].join(' ').trim())
        .slice(0, 30)
        .join('、')}`
    case 'pattern':
      return params['pattern'] === ID_PATTERN ? ID_PROBLEM : '格式不对'
    case 'format':
      return problemOf(String(params['format'])) ?? '格式不对'
    case 'minimum':
    case 'exclusiveMinimum':
      return `不能小于 ${String(params['limit'])}`
    case 'maximum':
      return `不能大于 ${String(params['limit'])}`
    case 'minLength':
      return '不能为空'
    case 'maxLength':
      return `不能超过 ${String(params['limit'])} 个字符`
    default:
      return '填写有误'
  }
}
