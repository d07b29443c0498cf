import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import housingFund from '../connectors/housing-fund/index.ts'
import { type FaultKind, faultKinds } from '../plugins/sandbox/faults.ts'
import { enterprises, people } from '../plugins/sandbox/people.ts'
import type { Sandbox } from '../plugins/sandbox/server.ts'
import { build, type Hub } from './helper/hub.ts'
import { keys, leaksIn, loanAccounts, maskedValues, overhear, redisText, storedText } from './helper/leaks.ts'
import { personal, queries, services } from './helper/queries.ts'
import { targets } from './helper/targets.ts'

const ACCOUNT = '/v1/housing-fund/personal-account'
const MASTER_KEY = randomBytes(32).toString('base64')
/** What citizens type into an application. */
const TYPED = { targetBankAccount: '9000888877776666', targetBankName: '泄漏检测银行', withdrawalAmount: 43210.98 }
/** Nobody waits for these, so that the test doesn't. */
const STALLING: readonly FaultKind[] = ['timeout', 'slow']
/** These come last: after several of them the hub renews no secret for some seconds. */
const CREDENTIAL: readonly FaultKind[] = ['bad-sign', 'clock-skew', 'secret-expired', 'secret-rotated']

const submissions = services.filter(({ kind }) => kind === 'submit').map(({ id }) => id)

/** Sends requests and keeps what came back, and every token that was used. */
function createClient(hub: Hub) {
  const answers: LightMyRequestResponse[] = []
  const tokens: string[] = []
  async function send(options: InjectOptions, token: Parameters<Hub['token']>[0] = {}): Promise<LightMyRequestResponse> {
    const bearer = await hub.token(token)
    tokens.push(bearer)
    const response = await hub.app.inject({ ...options, headers: { authorization: `Bearer ${bearer}`, ...options.headers } })
    answers.push(response)
    return response
  }
  return { send, answers, tokens }
}

type Client = ReturnType<typeof createClient>

async function driveQueries({ send }: Client): Promise<void> {
  for (const { index: person } of people) {
    const urls = queries.flatMap(({ id }) => ['', '?format=csv'].map((format) => `/v1/housing-fund/${id}${format}`))
    await Promise.all(urls.map((url) => send({ url }, { person, enterprise: person % 3 === 0 ? 3 : person % 3 })))
  }
}

async function driveSubmissions({ send }: Client, { faults }: Sandbox): Promise<void> {
  const troubles: FaultKind[] = ['refuse-submission', 'reject-submission', 'accepted-then-reset', 'error-code', 'http-500']
  for (const { index: person } of people) {
    const file = (id: string) => {
      faults.set({ kind: troubles[person % troubles.length] ?? 'reset', sid: `housing-fund.${id}`, times: 1 })
      const headers = { 'idempotency-key': `no-leaks-${person}-${id}` }
      return send({ method: 'POST', url: `/v1/housing-fund/${id}`, headers, payload: TYPED }, { person })
    }
    await Promise.all(submissions.map(file))
  }
}

async function followSubmissions(hub: Hub, { send }: Client): Promise<void> {
  const untried = () => hub.app.database('submissions').where({ attempts: 0, state: 'accepted' }).select('id')
  for (const end = Date.now() + 5000; (await untried()).length > 0 && Date.now() < end; ) await sleep(50)
  for (const { index: person } of people) {
    for (const id of submissions) {
      const { data = [] } = (await send({ url: `/v1/housing-fund/${id}` }, { person })).json<{ data?: { statusUrl: string }[] }>()
      for (const { statusUrl } of data) await send({ url: statusUrl }, { person })
    }
  }
}

async function driveTroubles({ send }: Client, { faults }: Sandbox): Promise<void> {
  const kinds = (Object.keys(faultKinds) as FaultKind[]).filter((kind) => !STALLING.includes(kind) && !CREDENTIAL.includes(kind))
  let turn = 0
  for (const kind of [...kinds, ...CREDENTIAL]) {
    for (const on of ['call', 'refresh'] as const) {
      faults.clear()
      faults.set({ kind, on })
      const person = 1 + (turn++ % people.length)
      await Promise.all(personal.slice(0, 3).map((id) => send({ url: `/v1/housing-fund/${id}` }, { person })))
    }
  }
  faults.clear()
}

/** Requests that carry personal data where none belongs. */
async function driveErrors(hub: Hub, { send }: Client): Promise<void> {
  const [person] = people
  const [enterprise] = enterprises
  const number = person?.number ?? ''
  const filing = `/v1/housing-fund/${submissions[0]}`
  const json = { 'content-type': 'application/json', 'idempotency-key': 'no-leaks-errors' }
  for (const value of [number, person?.name ?? '', enterprise?.number ?? '', TYPED.targetBankAccount]) {
    const text = encodeURIComponent(value)
    for (const url of [
      `${ACCOUNT}?idNumber=${text}`,
      `${ACCOUNT}?queryScope=${text}`,
      `${ACCOUNT}?timeRange=${text}`,
      `${ACCOUNT}?fields=${text}`,
    ])
      await send({ url })
    for (const url of [`/v1/${text}`, `${ACCOUNT}/${text}`, `/health/connectors/${text}`, `/problems/${text}`]) await send({ url })
    await send({ url: ACCOUNT, headers: { authorization: `Bearer ${text}.${text}.${text}` } })
    await send({ url: ACCOUNT, headers: { traceparent: value, 'x-request-id': value, cookie: value } })
    await send({ url: ACCOUNT }, { claims: { sub: text } })
    await send({ url: filing, method: 'POST', headers: json, payload: `{"${value}` })
    await send({ url: filing, method: 'POST', headers: json, payload: { targetBankAccount: `x${value}`, idNumber: value } })
    await send({ url: filing, method: 'POST', headers: { 'content-type': 'text/xml' }, payload: value })
  }
  await send({ url: ACCOUNT }, { face: false })
  await send({ url: ACCOUNT }, { expiresInSeconds: -60 })
  // A table that is gone: the hub's own failure, which it logs in full.
  await hub.app.database.schema.renameTable('mandates', 'mandates_away')
  const failed = await send({ url: '/v1/housing-fund/employer-account' }, { enterprise: 1 })
  await hub.app.database.schema.renameTable('mandates_away', 'mandates')
  if (failed.statusCode !== 500) throw new Error(`the hub was to fail, and answered ${failed.statusCode}`)
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const streams = overhear()
    t.teardown(async () => streams.stop())
    const hub = await build(t, {
      target,
      declarations: [housingFund],
      env: { LOG_LEVEL: 'trace', MASTER_KEY },
      sandboxTiming: { progressStepMs: 0 },
      jobs: { sweepMs: 100 },
    })
    const sandbox = hub.app.sandbox as Sandbox
    const client = createClient(hub)
    await driveQueries(client)
    await driveErrors(hub, client)
    await driveSubmissions(client, sandbox)
    await followSubmissions(hub, client)
    await driveTroubles(client, sandbox)

    const secrets = await keys(hub)
    for (const token of client.tokens) for (const part of [token, token.split('.')[2] ?? '']) secrets.set(part, 'token')
    const typed = new Map(Object.entries(TYPED).map(([name, value]) => [String(value), name]))
    const everything = new Map([...maskedValues(true), ...loanAccounts(), ...typed, ...secrets])

    t.test('the search finds what is there', async (t) => {
      t.ok(secrets.size > 20 && maskedValues(true).size > 30, `${secrets.size} secrets, ${maskedValues(true).size} values`)
      const text = [...everything.keys()].join()
      t.equal(leaksIn(text, everything).length, everything.size)
      t.match(hub.logged(), /"level":50/, 'the hub failed once and logged it')
      const states: { state: string }[] = await hub.app.database('submissions').distinct('state')
      t.ok(states.length >= 3, `submissions ended in ${states.map(({ state }) => state).join()}`)
      const statuses = new Set(client.answers.map(({ statusCode }) => statusCode))
      for (const status of [200, 202, 400, 401, 403, 404, 409, 415, 500, 502, 503]) t.ok(statuses.has(status), `an answer with ${status}`)
    })

    t.test('no log line holds personal data or a key', async (t) => {
      for (const output of [hub.logged(), streams.text()]) {
        t.strictSame(leaksIn(output, everything), [])
        t.notMatch(output, /(?<![0-9A-Za-z])\d{17}[\dX](?![0-9A-Za-z])/, 'an id number of anybody')
        t.notMatch(output, /(?<![0-9A-Za-z])1\d{10}(?![0-9A-Za-z])/, 'a phone number of anybody')
        t.notMatch(output, /eyJ[\w-]+\.[\w-]+\.[\w-]+/, 'a token of anybody')
      }
    })

    t.test('no error answer holds personal data, a key, or words of the agency', async (t) => {
      const errors = client.answers.filter(({ statusCode }) => statusCode >= 400)
      t.ok(errors.length > 100)
      const words = [
        'NullPointer',
        'QueryController',
        'DOCTYPE',
        '系统异常',
        '不予受理',
        'select ',
        'mandates',
        sandbox.origin,
        'node_modules',
      ]
      for (const { body, headers, statusCode } of errors) {
        // Whoever has several loans is told their own accounts, to choose one.
        const marks = statusCode === 409 ? new Map([...everything].filter(([, name]) => name !== 'loan account')) : everything
        const text = body + JSON.stringify(headers)
        t.strictSame(leaksIn(text, marks), [], `${statusCode}`)
        for (const word of words) if (text.includes(word)) t.fail(`${statusCode} says ${word}`)
      }
    })

    t.test('no answer holds in full what the declaration masks, nor a key', async (t) => {
      const marks = new Map([...maskedValues(false), [TYPED.targetBankAccount, 'bank account'] as const, ...secrets])
      const shown = new Set(client.answers.flatMap(({ body, headers }) => leaksIn(body + JSON.stringify(headers), marks)))
      t.strictSame([...shown], [])
    })

    t.test('neither audit rows nor jobs nor tables hold any of it in the clear', async (t) => {
      const audit = await storedText(hub, ['audit_rows', 'audit_chains'])
      t.match(audit, /personal-account/)
      t.strictSame(leaksIn(audit, everything), [])
      const tables = ['users', 'mandates', 'upstream_secrets', 'submissions', 'submission_events', 'spent_face_verifications']
      const stored = await storedText(hub, tables)
      t.match(stored, /sandbox-person-1/)
      t.strictSame(leaksIn(stored, everything), [])
      const redis = await redisText(hub)
      t.equal(redis.length > 2, target.name === 'servers', 'jobs are in Redis, where there is one')
      t.strictSame(leaksIn(redis, everything), [])
    })
  })
}
