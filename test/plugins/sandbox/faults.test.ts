import t from 'tap'
import type { Fault } from '../../../plugins/sandbox/faults.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, clone, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const QUERY = 'personal-account'
const LIST = 'personal-transactions'
/** Time limits of the services: long enough for a busy machine to obtain a secret in, and short for an agency that hangs. */
const TIMEOUT_MS = 4000
const SLOW_MS = 400
/** What a busy machine may take on top; far less than the agency hangs. */
const SLACK_MS = 4000

interface Case {
  /** Also the id of the connector that suffers: each has a breaker of its own. */
  id: string
  fault: Omit<Fault, 'sid'>
  status: number
  code: string | null
  /** HTTP status that the agency gave, as the audit row has it. */
  upstream: number | null
  /** Where it differs for a list. */
  list?: [status: number, code: string | null]
}

const trouble = (id: string, fault: Omit<Fault, 'sid'>, status: number, code: string, upstream: number | null): Case => ({
  id,
  fault,
  status,
  code: `HUB_UPSTREAM_${code}`,
  upstream,
})

/** Every way in which the sandbox can misbehave towards a query, and what the hub promises then. */
const CASES: readonly Case[] = [
  trouble('slow', { kind: 'slow', ms: 30_000 }, 504, 'TIMEOUT', null),
  trouble('timeout', { kind: 'timeout' }, 504, 'TIMEOUT', null),
  trouble('slow-refresh', { kind: 'slow', ms: 30_000, on: 'refresh' }, 504, 'TIMEOUT', null),
  trouble('no-refresh', { kind: 'timeout', on: 'refresh' }, 504, 'TIMEOUT', null),
  trouble('reset', { kind: 'reset' }, 502, 'UNREACHABLE', null),
  trouble('reset-late', { kind: 'accepted-then-reset' }, 502, 'UNREACHABLE', null),
  trouble('reset-refresh', { kind: 'reset', on: 'refresh' }, 502, 'UNREACHABLE', null),
  trouble('internal', { kind: 'http-500' }, 502, 'INVALID', 500),
  trouble('unavailable', { kind: 'http-503' }, 503, 'UNAVAILABLE', 503),
  trouble('html', { kind: 'html' }, 502, 'INVALID', 200),
  trouble('truncated', { kind: 'truncated' }, 502, 'INVALID', 200),
  trouble('mojibake', { kind: 'gbk-undeclared' }, 502, 'INVALID', 200),
  trouble('html-refresh', { kind: 'html', on: 'refresh' }, 502, 'INVALID', null),
  trouble('truncated-refresh', { kind: 'truncated', on: 'refresh' }, 502, 'INVALID', null),
  trouble('bad-sign', { kind: 'bad-sign' }, 502, 'CREDENTIAL', 200),
  trouble('bad-sign-refresh', { kind: 'bad-sign', on: 'refresh' }, 502, 'CREDENTIAL', null),
  trouble('skewed', { kind: 'clock-skew' }, 502, 'CREDENTIAL', 200),
  trouble('skewed-refresh', { kind: 'clock-skew', on: 'refresh' }, 502, 'CREDENTIAL', null),
  trouble('expired', { kind: 'secret-expired' }, 502, 'CREDENTIAL', 200),
  trouble('rotated', { kind: 'secret-rotated' }, 502, 'CREDENTIAL', 200),
  trouble('error-code', { kind: 'error-code' }, 502, 'REFUSED', 200),
  trouble('error-text', { kind: 'error-text' }, 502, 'INVALID', 200),
  trouble('xml', { kind: 'xml-in-json' }, 502, 'INVALID', 200),
  trouble('wrong-types', { kind: 'wrong-types' }, 502, 'INVALID', 200),
  trouble('unknown-code', { kind: 'envelope', envelope: { code: 'E-1' } }, 502, 'REFUSED', 200),
  // A list of this service names no owner; a record does.
  { ...trouble('wrong-person', { kind: 'wrong-person' }, 502, 'WRONG_SUBJECT', 200), list: [200, null] },
  { id: 'nothing', fault: { kind: 'empty' }, status: 404, code: 'HUB_NO_RECORD', upstream: null, list: [200, null] },
  { id: 'no-such', fault: { kind: 'empty-as-error' }, status: 404, code: 'HUB_NO_RECORD', upstream: null, list: [200, null] },
  { id: 'several', fault: { kind: 'many' }, status: 409, code: 'HUB_SEVERAL_RECORDS', upstream: null, list: [200, null] },
]

const patient = (status: number) => (status === 504 ? SLOW_MS : TIMEOUT_MS)

/** What must never leave the hub: the agency's words, its address, and everything that signs a request. */
function confidential({ origin, exchange: { appKey, requesterId } }: Sandbox): string[] {
  const { host, port } = new URL(origin)
  const words = ['NullPointer', 'java', 'QueryController', '10.0.0.1', 'DOCTYPE', '系统维护中', '系统异常', '签名', '密钥', '服务未订阅']
  return [host, port, appKey, requesterId, 'httpproxy', 'gjgxjhpt', ...words, ...people.map(({ number }) => number)]
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const declarations = CASES.map(({ id, status }) => clone(id, [QUERY, LIST], () => ({ timeoutMs: patient(status) })))
    const hub = await build(t, { target, declarations: [clone('healthy', [QUERY, LIST]), ...declarations] })
    const { faults } = hub.app.sandbox as Sandbox
    const secrets = confidential(hub.app.sandbox as Sandbox)
    // Everything at once: a connector's trouble is its own.
    for (const { id, fault } of CASES) for (const service of [QUERY, LIST]) faults.set({ ...fault, sid: `${id}.${service}` })

    async function call(id: string, service: string) {
      const { traceId, headers } = trace()
      const start = performance.now()
      const response = await hub.get(`/v1/${id}/${service}`, { headers })
      return { response, ms: performance.now() - start, audit: await auditOf(hub, traceId) }
    }

    t.test('every trouble has its answer, in time, and tells nothing of the agency but its name', async (t) => {
      // Those that wait wait together.
      const early = new Map<string, ReturnType<typeof call>>()
      for (const { id } of CASES.filter(({ status }) => status === 504))
        for (const service of [QUERY, LIST]) early.set(`${id}.${service}`, call(id, service))
      for (const one of CASES) {
        const { id, status, code } = one
        for (const [service, expected] of [
          [QUERY, [status, code]],
          [LIST, one.list ?? [status, code]],
        ] as const) {
          const place = `${id}.${service}`
          const { response, ms, audit } = await (early.get(place) ?? call(id, service))
          t.strictSame(verdict(response), expected, place)
          t.ok(ms < patient(status) + SLACK_MS, `${place}: ${Math.round(ms)} ms`)
          const told = secrets.filter((secret) => (response.body + JSON.stringify(response.headers)).includes(secret))
          t.strictSame(told, [], `${place} tells`)

          const outcome = expected[1] ?? 'ok'
          t.equal(audit.length, 1, `${place}: one audit row`)
          t.match(audit[0], { connector: id, service, outcome, status: expected[0] }, place)
          if (outcome.startsWith('HUB_UPSTREAM_')) {
            t.equal(response.json().agency, '许昌市住房公积金管理中心', place)
            t.equal(audit[0]?.upstreamStatus, one.upstream, `${place}: upstream status`)
            t.strictSame(audit[0]?.fields, [])
          }
        }
      }
    })

    t.test('meanwhile every other agency answers', async (t) => {
      for (const service of [QUERY, LIST]) t.equal((await call('healthy', service)).response.statusCode, 200)
      t.equal(hub.app.upstreams.get('healthy')?.summary().successRate, 1)
    })

    t.test('a required value that cannot be read is named, and somebody else’s record is withheld', async (t) => {
      const { response } = await call('wrong-types', QUERY)
      t.match(response.json(), { field: 'personalAccountNumber', detail: /personalAccountNumber/ })
      const { response: withheld } = await call('wrong-person', QUERY)
      t.notOk(withheld.body.includes('甄'), 'nothing of the other person')
      t.notOk(JSON.stringify(withheld.json()).includes('data'))
    })

    t.test('an agency that recovers is believed at once', async (t) => {
      faults.clear()
      for (const { id } of CASES) {
        // A refresh that failed is not tried again for a second.
        if (id.endsWith('refresh')) continue
        t.equal((await call(id, QUERY)).response.statusCode, 200, id)
      }
    })
  })
}
