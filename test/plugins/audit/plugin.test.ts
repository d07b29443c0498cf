import { Readable } from 'node:stream'
import Fastify, { type FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import t, { type Test } from 'tap'
import { HubError } from '../../../core/base/errors.ts'
import auditPlugin from '../../../plugins/audit/index.ts'
import { place, rowsOf, vault } from '../../helper/audit-log.ts'
import { targets } from '../../helper/targets.ts'

type Target = (typeof targets)[number]

async function build(t: Test, target: Target) {
  const { database } = await place(t, target)
  const app = Fastify({ exposeHeadRoutes: false })
  t.teardown(() => app.close())
  const store = fp(
    async (app) => {
      app.decorate('database', database)
      app.decorate('vault', vault)
    },
    { name: 'database' },
  )
  const stream = new Readable({ read() {} })
  await app.register(store)
  await app.register(auditPlugin)
  app.setErrorHandler((error: FastifyError | HubError, request, reply) => {
    if (error instanceof HubError) request.audit.outcome = error.code
    return reply.code(error instanceof HubError ? error.status : (error.statusCode ?? 500)).send({ refused: true })
  })
  app.get('/v1/housing-fund/accounts', async (request, reply) => {
    Object.assign(request.audit, { user: 'pseudonym', connector: 'housing-fund', service: 'accounts', fields: ['balance'], rows: 1 })
    reply.header('content-disposition', 'attachment; filename="balance.csv"').header('location', '/secret').header('etag', '"7"')
    reply.header('access-control-allow-origin', 'https://app.example').raw.setHeader('x-balance', '7')
    return reply.type('text/csv').send('balance\n7')
  })
  app.get('/v1/housing-fund/refused', async () => {
    throw new HubError('HUB_FACE_REQUIRED')
  })
  app.get('/v1/housing-fund/stream', async (_request, reply) => reply.type('text/csv').send(stream))
  app.get('/health/live', async () => 'well')
  const calls = async () => (await rowsOf(database)).map((row) => JSON.parse(row.record)).filter(({ action }) => action === 'call')
  return { app, database, calls, stream }
}

for (const target of targets) {
  t.test(`each call has one row before its answer (${target.name})`, async (t) => {
    const { app, calls } = await build(t, target)
    const answer = await app.inject({ url: '/v1/housing-fund/accounts', remoteAddress: '192.0.2.7' })
    t.equal(answer.body, 'balance\n7')
    t.match(await calls(), [
      {
        user: 'pseudonym',
        service: 'accounts',
        fields: ['balance'],
        rows: 1,
        outcome: 'ok',
        status: 200,
        clientIp: '192.0.2.7',
        method: 'GET',
      },
    ])
    const [{ at, durationMs, traceId }] = await calls()
    t.ok(Math.abs(Date.now() - at) < 5000 && durationMs >= 0 && traceId.startsWith('req-'))

    await app.inject('/v1/housing-fund/refused')
    await app.inject('/v1/nowhere')
    await app.inject({ method: 'POST', url: '/v1/nowhere', headers: { 'content-type': 'application/json' }, payload: '{' })
    await app.inject('/%76%31/housing-fund/accounts')
    await app.inject('/health/live')
    await app.inject('/nowhere')
    t.strictSame(
      (await calls()).map(({ status, outcome }) => [status, outcome]),
      [
        [200, 'ok'],
        [403, 'HUB_FACE_REQUIRED'],
        [404, 'HUB_SERVICE_UNKNOWN'],
        [400, 'HUB_VALIDATION'],
        [200, 'ok'],
      ],
      'none for what is not a call',
    )
  })

  t.test(`an answer that cannot be audited stays here (${target.name})`, async (t) => {
    const { app, database, calls, stream } = await build(t, target)
    await app.ready()
    await database.schema.renameTable('audit_rows', 'away')
    const answer = await app.inject('/v1/housing-fund/accounts')
    const streamed = await app.inject('/v1/housing-fund/stream')
    t.equal((await app.inject('/health/live')).body, 'well', 'what is no call goes on')
    await database.schema.renameTable('away', 'audit_rows')

    for (const { statusCode, headers, body } of [answer, streamed]) {
      t.equal(statusCode, 503)
      t.match(headers['content-type'], /^application\/problem\+json/)
      t.match(JSON.parse(body), { code: 'HUB_AUDIT_UNAVAILABLE', status: 503, traceId: /^req-/ })
      t.equal(headers['content-length'], String(Buffer.byteLength(body)))
    }
    t.notMatch(JSON.stringify([answer.headers, answer.body]), /balance|secret|"7|etag|disposition/)
    t.equal(answer.headers['access-control-allow-origin'], 'https://app.example')
    t.ok(stream.destroyed)
    t.equal((await calls()).length, 0)
    t.equal((await app.inject('/v1/housing-fund/accounts')).statusCode, 200, 'and the next call goes through')
    t.equal((await calls()).length, 1)
  })
}
