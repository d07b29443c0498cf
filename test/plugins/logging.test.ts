import type { InjectOptions } from 'fastify'
import t from 'tap'
import { logging, scrub } from '../../plugins/logging.ts'
import { build } from '../helper/hub.ts'
import { auditOf, trace } from '../helper/queries.ts'
import { targets } from '../helper/targets.ts'

/** An invented id number that must not get into any log. */
const NUMBER = '410101199001011234'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const
const BASES = ['/', '/v1/', '/v1/me/', '/v1/catalog/', '/problems/', '/admin/users/', '/oauth/interaction/', '/verify/', '/docs/']
const TAILS = [
  `:a(${NUMBER}`,
  ':a(',
  ':id(^[0-9]',
  `:${NUMBER}`,
  '(',
  '::',
  '*',
  '%',
  '%zz',
  '%00',
  '%0a',
  '%e4%b8',
  '..',
  'a'.repeat(17_000),
  '%e4'.repeat(6000),
  ';x',
  '%5c',
  '[',
  '{',
  '__proto__',
  '//',
  '?%',
  '?a=%',
  '?__proto__=1',
]

for (const target of targets) {
  t.test(target.name, async (t) => {
    t.test('the number in a path is in no log, and the call has its row', async (t) => {
      const hub = await build(t, { target })
      const { traceId, headers } = trace()
      const response = await hub.app.inject({ url: `/v1/:a(${NUMBER}`, headers })
      t.match(response.json(), { code: 'HUB_SERVICE_UNKNOWN' })
      t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_SERVICE_UNKNOWN', status: 404 }])
      t.notOk(hub.logged().includes(NUMBER))
    })

    t.test('errors are logged without the values that drivers and parsers repeat', async (t) => {
      const hub = await build(t, { target })
      const { app } = hub
      const failing: Record<string, () => unknown> = {
        missing: () => app.database('nothing').where({ id_number: NUMBER }).first(),
        twice: async () => {
          const row = { id: NUMBER, opened_at: 1, head_seq: 0, head_hash: '', seal: '', witness: '' }
          await app.database('audit_chains').insert([row, row])
        },
        json: () => JSON.parse(`{"idNumber":"${NUMBER}","name":"王小明"`),
        address: () => new URL(`http://[${NUMBER}`),
        caused: () => {
          throw new Error('outer', { cause: new Error(`no such record: '${NUMBER}'`) })
        },
      }
      for (const [name, fail] of Object.entries(failing)) {
        const before = hub.logged().length
        await t.rejects(async () => fail())
        try {
          await fail()
        } catch (err) {
          app.log.error({ err }, 'tried')
        }
        const line = hub.logged().slice(before)
        t.match(line, /"msg":"tried"/, name)
        t.match(line, /"stack":" {4}at /, `${name}: says where`)
        for (const value of [NUMBER, '王小明']) t.notOk(line.includes(value), `${name} without ${value}`)
      }
    })

    t.test('secrets and people in whatever is logged are hidden', async (t) => {
      const hub = await build(t, { target })
      const headers = { authorization: `Bearer ${NUMBER}`, cookie: `hub=${NUMBER}` }
      const deep = { headers, body: { client_secret: NUMBER, idNumber: NUMBER, person: { phone: NUMBER } }, 'set-cookie': NUMBER }
      hub.app.log.info({ deep, headers, ...headers, given: { access_token: NUMBER } }, 'seen')
      t.match(hub.logged(), /"msg":"seen"/)
      t.notOk(hub.logged().includes(NUMBER))
    })
  })
}

t.test('no path is an error of the hub, whatever is in it', async (t) => {
  const hub = await build(t)
  for (const base of BASES)
    for (const tail of TAILS)
      for (const method of METHODS) {
        const response = await hub.app.inject({ url: base + tail, method })
        if (response.statusCode >= 500) t.fail(`${method} ${base}${tail.slice(0, 40)} → ${response.statusCode}`)
      }
  t.notOk(hub.logged().includes(NUMBER))
})

t.test('a method that a path with an id does not know', async (t) => {
  const hub = await build(t)
  const ask = (options: InjectOptions) => hub.app.inject(options)
  const response = await ask({ url: '/admin/users/00000000-0000-4000-8000-000000000000', method: 'PUT' })
  t.match([response.statusCode, response.json().code], [405, 'HUB_METHOD_NOT_ALLOWED'])
  t.match(response.headers['allow'], /GET, HEAD/)
  t.equal((await ask({ url: '/v1/catalog/', method: 'DELETE' })).statusCode, 405)
  t.equal((await ask({ url: '/admin/users//x', method: 'PUT' })).statusCode, 404)
})

t.test('messages keep what names a place and lose what may be a value', async (t) => {
  t.equal(scrub("Duplicate entry '4101' for key 'users.subject'"), "Duplicate entry ‹…› for key 'users.subject'")
  t.equal(scrub("it can't open: 'x'"), 'it can’t open: ‹…›')
  t.equal(scrub('select * from `users` where `id` = ? - near "王"'), 'select * from `users` where `id` = ? - near ‹…›')
  t.equal(scrub('no row 123456'), 'no row ‹…›')
  t.equal(logging(false, 'info'), false, 'no log stays none')
})
