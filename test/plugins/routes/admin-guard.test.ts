import type { InjectOptions } from 'fastify'
import t from 'tap'
import { readSettings } from '../../../config/settings.ts'
import { codeOf, stepNow } from '../../helper/authenticator.ts'
import { cli } from '../../helper/cli.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND] = [1, 2, 3, 4, 7] as const
const URL = '/admin/enterprises'

t.test('a token counts at /admin only when it names that audience, and elsewhere only when it names the other', async (t) => {
  const hub = await build(t)
  const [HUB, DESK] = ['xuchang-hub', 'xuchang-hub-admin']
  const verdicts = async (aud: string | string[] | undefined) => {
    const given = { person: OPERATOR, claims: { aud } }
    return [verdict(await call(hub, 'GET', URL, given)), verdict(await call(hub, 'GET', '/v1/me', given))]
  }
  const fine = [200, null]
  const invalid = [401, 'HUB_TOKEN_INVALID']
  t.same(await verdicts(HUB), [[403, 'HUB_ADMIN_AUDIENCE'], fine])
  t.same(await verdicts(DESK), [fine, invalid])
  t.same(await verdicts([HUB, DESK]), [fine, fine])
  for (const aud of [undefined, [], 'other', `${HUB}-admins`, ['other', 'xuchang']]) t.same(await verdicts(aud), [invalid, invalid])

  const { traceId, headers } = trace()
  await call(hub, 'GET', URL, { person: OPERATOR, headers, claims: { aud: HUB } })
  t.match(await auditOf(hub, traceId), [{ connector: 'admin', service: 'enterprises.list', outcome: 'HUB_ADMIN_AUDIENCE', status: 403 }])

  // Verified once, it is remembered: what it is for is asked each time.
  const authorization = `Bearer ${await hub.token({ person: OPERATOR, claims: { aud: DESK } })}`
  const ask = async (url: string) => verdict(await hub.app.inject({ url, headers: { authorization } }))
  t.same([await ask(URL), await ask('/v1/me'), await ask(URL)], [fine, invalid, fine])
})

t.test('the audience has a name of its own where the operator gives one', async (t) => {
  const hub = await build(t, { env: { ADMIN_AUDIENCE: 'urn:desk' } })
  t.same(verdict(await call(hub, 'GET', URL, { person: OPERATOR })), [200, null])
  const former = { person: OPERATOR, claims: { aud: ['xuchang-hub', 'xuchang-hub-admin'] } }
  t.same(verdict(await call(hub, 'GET', URL, former)), [403, 'HUB_ADMIN_AUDIENCE'])
})

t.test('a token of the hub’s own exchange is none for /admin', async (t) => {
  const hub = await build(t)
  const { issuer } = hub.app.authorizationStore
  const token = await hub.token({ person: OPERATOR, claims: { iss: issuer } })
  const response = await hub.app.inject({ url: URL, headers: { authorization: `Bearer ${token}` } })
  t.same(verdict(response), [401, 'HUB_TOKEN_INVALID'])
})

t.test('/admin is called from the addresses on the list', async (t) => {
  const hub = await build(t, { env: { ADMIN_ADDRESSES: '10.1.0.0/16, 192.0.2.7,fd00:1::/32', TRUST_PROXY: '127.0.0.1' } })
  const authorization = `Bearer ${await hub.token({ person: OPERATOR })}`
  const from = async (address: string, url = URL, remoteAddress = '127.0.0.1') => {
    const response = await hub.app.inject({ url, remoteAddress, headers: { authorization, 'x-forwarded-for': address } })
    return verdict(response)
  }
  const refused = [403, 'HUB_ADMIN_ADDRESS']
  for (const address of ['10.1.0.1', '10.1.255.255', '192.0.2.7', '::ffff:10.1.2.3', 'fd00:1::7', 'fd00:1:ffff::1'])
    t.same(await from(address), [200, null], address)
  for (const address of ['10.2.0.1', '192.0.2.8', '::ffff:10.2.0.1', 'fd00:2::1', '::1', '127.0.0.1', 'fe80::1%eth0'])
    t.same(await from(address), refused, address)
  t.same(await from('10.2.0.1', '/v1/me'), [200, null], 'what citizens use is open')
  t.same(await from('10.1.0.1', URL, '203.0.113.9'), refused, 'what a stranger forwards is not believed')
  const { headers, traceId } = trace()
  await hub.app.inject({ url: URL, headers: { authorization, ...headers } })
  t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_ADMIN_ADDRESS', status: 403 }])
})

t.test('any address is on the list that says so', async (t) => {
  const hub = await build(t, { env: { ADMIN_ADDRESSES: '0.0.0.0/0,::/0' } })
  const authorization = `Bearer ${await hub.token({ person: OPERATOR })}`
  for (const remoteAddress of ['203.0.113.9', '2001:db8::9', '::ffff:203.0.113.9', 'fe80::1%eth0'])
    t.same(verdict(await hub.app.inject({ url: URL, remoteAddress, headers: { authorization } })), [200, null], remoteAddress)
})

t.test('the description of /admin says that it may turn a caller away', async (t) => {
  const hub = await build(t)
  const text = (await hub.app.inject('/openapi-admin.json')).body
  for (const code of ['HUB_ADMIN_AUDIENCE', 'HUB_ADMIN_ADDRESS']) t.ok(text.includes(code), code)
})

const REQUIRED = [403, 'HUB_SECOND_FACTOR_REQUIRED']
const WRONG = [403, 'HUB_SECOND_FACTOR_WRONG']
const LOCKED = [403, 'HUB_SECOND_FACTOR_LOCKED']
const STATE = [409, 'HUB_SECOND_FACTOR_STATE']
const MINUTE = 60_000

type Method = NonNullable<InjectOptions['method']>

/** One administrator with one access token, who may ask at either of two hubs on one store. */
async function desk(hub: Hub, person: number, options: Parameters<Hub['token']>[0] = {}) {
  const authorization = `Bearer ${await hub.token({ person, ...options })}`
  const ask = (method: Method, url: string, payload?: object, { app }: Hub = hub, headers: object = {}) =>
    app.inject({ method, url, headers: { authorization, ...headers }, ...(payload ? { payload } : {}) })
  const given = async () => ({ enrolmentCode: (await hub.app.secondFactor.issueCode(userId(person))).code })
  const enrol = async () => (await ask('POST', '/admin/second-factor', await given())).json().data.secret as string
  const open = async (code: string, at: Hub = hub) => verdict(await ask('POST', '/admin/session', { code }, at))
  const confirmBy = async (code: string) => verdict(await ask('POST', '/admin/second-factor/confirmation', { code }))
  const enters = async (at: Hub = hub) => verdict(await ask('GET', URL, undefined, at))
  return { ask, given, enrol, open, confirm: confirmBy, enters }
}

const fine = [200, null]
const opened = [201, null]

for (const target of targets) {
  t.test(`the second factor on ${target.name}`, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const options = { store: created.settings, declarations: [], env: { ADMIN_SECOND_FACTOR: 'on' } }
    const [hub, other] = [await build(t, options), await build(t, options)]
    const { database } = hub.app
    await inOffice(hub, SECOND)
    const factor = (person: number) => database('second_factors').where({ user_id: userId(person) })
    const sessions = (person: number) => database('admin_sessions').where({ user_id: userId(person) })
    /** Codes that counted count again: so that a test need not wait for half a minute. */
    const anew = (person: number) => factor(person).update({ last_step: 0, failures: 0, locked_until: null })
    /** Enrolled, and nothing open. */
    async function enrolled(person: number): Promise<string> {
      await sessions(person).delete()
      await factor(person).delete()
      const { enrol, confirm } = await desk(hub, person)
      const secret = await enrol()
      t.same(await confirm(codeOf(secret, stepNow())), fine)
      await sessions(person).delete()
      await anew(person)
      return secret
    }
    /** A code that no step near now has. */
    const wrong = (secret: string) => {
      const near = [-2, -1, 0, 1, 2, 3].map((off) => codeOf(secret, stepNow() + off))
      return ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !near.includes(code)) ?? ''
    }

    t.test('nobody gets in without it; enrolled, confirmed, shown, ended', async (t) => {
      const { ask, given, enrol, open, confirm, enters } = await desk(hub, OPERATOR)
      const asked = await ask('GET', URL)
      t.same(verdict(asked), REQUIRED)
      t.same(asked.json().stepUp, { method: 'second-factor' })
      t.same(await open('123456'), STATE, 'nothing to show yet')
      t.same(await confirm('123456'), STATE)

      const first = await ask('POST', '/admin/second-factor', await given())
      t.equal(first.statusCode, 201)
      t.equal(first.headers['cache-control'], 'no-store')
      const { uri, secret: former } = first.json().data
      t.match(uri, /^otpauth:\/\/totp\/.+secret=[A-Z2-7]{32}/)
      t.same(await open(codeOf(former, stepNow())), STATE, 'it counts once it is confirmed')
      const secret = await enrol()
      t.not(secret, former, 'unconfirmed, it may be begun again')
      t.same(await confirm(codeOf(former, stepNow())), WRONG)
      const step = stepNow()
      t.same(await confirm(codeOf(secret, step)), fine)
      t.same([await enters(), await enters(other)], [fine, fine], 'that was showing it')
      t.same(verdict(await ask('POST', '/admin/second-factor', { enrolmentCode: 'x' })), STATE, 'confirmed, it stays')
      t.same(await confirm(codeOf(secret, step + 1)), STATE)
      const [row] = await factor(OPERATOR)
      t.notOk(JSON.stringify(row).includes(secret), 'sealed')

      t.same(await (await desk(hub, OPERATOR)).enters(), REQUIRED, 'another token shows it for itself')
      t.equal((await ask('DELETE', '/admin/session')).statusCode, 204)
      t.same(await enters(), REQUIRED)
      await anew(OPERATOR)
      t.same(await open(codeOf(secret, stepNow())), opened)
      t.same(await enters(other), fine)
      t.same(verdict(await hub.get('/v1/me', { person: OPERATOR })), fine, 'what citizens use asks for none')
    })

    t.test(
      'what one logs in with alone enrols nothing: it takes the code that was handed over, of this person, in time, once',
      async (t) => {
        await factor(OPERATOR).delete()
        await inOffice(hub, AUDITOR, 'auditor')
        const { ask, given, confirm } = await desk(hub, OPERATOR)
        const enrolBy = async (enrolmentCode: unknown) => verdict(await ask('POST', '/admin/second-factor', { enrolmentCode }))
        const CODE = [403, 'HUB_ENROLMENT_CODE']
        await database('enrolment_codes').delete()
        t.same(verdict(await ask('POST', '/admin/second-factor')), [400, 'HUB_VALIDATION'])
        for (const typed of ['', 'x', '0000-0000-0000-0000-0000', '0'.repeat(40)]) t.same(await enrolBy(typed), CODE, typed)
        t.same(await enrolBy('0'.repeat(41)), [400, 'HUB_VALIDATION'])
        t.equal((await factor(OPERATOR)).length, 0)

        const [former, theirs] = [(await given()).enrolmentCode, (await hub.app.secondFactor.issueCode(userId(AUDITOR))).code]
        const { enrolmentCode: code } = await given()
        t.same([await enrolBy(former), await enrolBy(theirs)], [CODE, CODE], 'one that was replaced, another person’s')
        await database('enrolment_codes').update({ expires_at: Date.now() })
        t.same(await enrolBy(code), CODE, 'a late one')
        await database('enrolment_codes').update({ expires_at: Date.now() + MINUTE })
        t.same(await enrolBy(code.toLowerCase().replaceAll('-', ' ')), opened, 'as people type')
        const answer = await ask('POST', '/admin/second-factor', { enrolmentCode: code }, other)
        t.equal(answer.statusCode, 201, 'again, until it is confirmed')
        t.same(await enrolBy('x'), CODE, 'and by nobody without it meanwhile')
        t.same(await confirm(codeOf(answer.json().data.secret, stepNow())), fine)
        await factor(OPERATOR).delete()
        t.same(await enrolBy(code), CODE, 'confirmed, it is used up')
        const kept = JSON.stringify(await database('enrolment_codes').select())
        t.notOk(kept.includes(theirs) || kept.includes(theirs.replaceAll('-', '')), 'only its hash is kept')
        t.notOk(hub.logged().includes(theirs))
      },
    )

    t.test('another admin gives the code out, shown once and on record; nobody for himself, and not for who has a factor', async (t) => {
      await factor(OPERATOR).delete()
      const [admin, auditor, operator] = [await desk(hub, ADMIN), await desk(hub, AUDITOR), await desk(hub, OPERATOR)]
      await enrolled(ADMIN)
      const secret = await enrolled(AUDITOR)
      t.same(await auditor.open(codeOf(secret, stepNow())), opened)
      const url = (person: number) => `/admin/administrators/${userId(person)}/enrolment-code`
      const [purpose, { headers, traceId }] = ['当面发放', trace()]
      t.same(verdict(await admin.ask('POST', url(OPERATOR), { purpose })), REQUIRED)
      await enrolled(ADMIN).then(async (own) => t.same(await admin.open(codeOf(own, stepNow())), opened))
      const answer = await admin.ask('POST', url(OPERATOR), { purpose }, hub, headers)
      t.equal(answer.statusCode, 201, answer.body)
      t.equal(answer.headers['cache-control'], 'no-store')
      const { code, expiresAt } = answer.json().data
      t.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/)
      t.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 24 * 60 * MINUTE) < MINUTE)
      t.match(await auditOf(hub, traceId), [{ service: 'administrators.enrolment-code', purpose, target: /^[0-9a-f]{32}$/ }])
      t.notOk(JSON.stringify(await auditOf(hub, traceId)).includes(code))
      const made = await operator.ask('POST', '/admin/second-factor', { enrolmentCode: code })
      t.equal(made.statusCode, 201)
      t.same(await operator.confirm(codeOf(made.json().data.secret, stepNow())), fine)
      t.same(verdict(await admin.ask('POST', url(OPERATOR), { purpose })), STATE, 'a lost phone takes two persons')
      t.same(verdict(await admin.ask('POST', url(ADMIN), { purpose })), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await admin.ask('POST', url(CITIZEN), { purpose })), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await auditor.ask('POST', url(OPERATOR), { purpose })), [403, 'HUB_ROLE_REQUIRED'])
    })

    t.test('role, audience and address come before it; each asks for its own', async (t) => {
      for (const [method, url] of [
        ['POST', '/admin/second-factor'],
        ['DELETE', '/admin/session'],
        ['GET', URL],
      ] as const) {
        t.same(verdict(await (await desk(hub, CITIZEN)).ask(method, url)), [403, 'HUB_ROLE_REQUIRED'])
        const given = { claims: { aud: 'xuchang-hub' } }
        t.same(verdict(await (await desk(hub, OPERATOR, given)).ask(method, url)), [403, 'HUB_ADMIN_AUDIENCE'])
      }
    })

    t.test('a session is of one token and one user', async (t) => {
      const secret = await enrolled(OPERATOR)
      const mine = await desk(hub, OPERATOR)
      t.same(await mine.open(codeOf(secret, stepNow())), opened)
      await sessions(OPERATOR).update({ user_id: userId(ADMIN) })
      t.same(await mine.enters(), REQUIRED)
      await sessions(ADMIN).delete()
    })

    t.test('a code counts once, whoever shows it where', async (t) => {
      const secret = await enrolled(OPERATOR)
      const [one, two] = [await desk(hub, OPERATOR), await desk(hub, OPERATOR)]
      const step = stepNow()
      const both = await Promise.all([one.open(codeOf(secret, step)), two.open(codeOf(secret, step), other)])
      t.same(both.sort(), [opened, WRONG], 'at once, in two processes')
      t.same(await one.open(codeOf(secret, step)), WRONG)
      t.same(await one.open(codeOf(secret, step - 1)), WRONG, 'nor an earlier one')
      t.same(await one.open(codeOf(secret, step + 1)), opened)
      await anew(OPERATOR)
      for (const off of [-50, -3, 3, 50]) t.same(await one.open(codeOf(secret, stepNow() + off)), WRONG, `${off} steps off`)
    })

    t.test('five wrong codes lock it for a quarter of an hour, the right one too', async (t) => {
      const secret = await enrolled(OPERATOR)
      const { open, ask } = await desk(hub, OPERATOR)
      for (let turn = 0; turn < 4; turn++) t.same(await open(wrong(secret)), WRONG)
      t.same(await open(codeOf(secret, stepNow() - 1)), opened, 'a right one in between begins the count anew')
      await anew(OPERATOR)
      const tries = await Promise.all(Array.from({ length: 8 }, (_, turn) => open(wrong(secret), turn % 2 ? other : hub)))
      t.same(tries.filter(([, code]) => code === 'HUB_SECOND_FACTOR_WRONG').length, 4, 'counted together, at once, in two processes')
      const refused = await ask('POST', '/admin/session', { code: codeOf(secret, stepNow()) })
      t.same(verdict(refused), LOCKED)
      t.ok(refused.json().retryAfter > 14 * 60 && refused.json().retryAfter <= 15 * 60)
      t.equal(refused.headers['retry-after'], String(refused.json().retryAfter))
      await factor(OPERATOR).update({ locked_until: Date.now() - 1 })
      t.same(await open(wrong(secret)), WRONG, 'after it, the count is at its beginning')
      t.same(await open(codeOf(secret, stepNow())), opened)
      t.same(verdict(await ask('POST', '/admin/session', { code: '12345' })), [400, 'HUB_VALIDATION'], 'no code at all is none of them')
    })

    t.test('a new secret is no way round a lock', async (t) => {
      await factor(AUDITOR).delete()
      const { enrol, confirm } = await desk(hub, AUDITOR)
      const secret = await enrol()
      for (let turn = 0; turn < 5; turn++) await confirm(wrong(secret))
      t.same(await confirm(codeOf(await enrol(), stepNow())), LOCKED)
    })

    t.test('it is good for half an hour unused, eight hours, and never longer than its token', async (t) => {
      const secret = await enrolled(OPERATOR)
      const mine = await desk(hub, OPERATOR, { claims: { exp: Math.floor(Date.now() / 1000) + 12 * 3600 } })
      const answer = await mine.ask('POST', '/admin/session', { code: codeOf(secret, stepNow()) })
      const { verifiedAt, expiresAt } = answer.json().data
      t.equal(Date.parse(expiresAt) - Date.parse(verifiedAt), 8 * 60 * MINUTE)
      await sessions(OPERATOR).update({ last_used_at: Date.now() - 29 * MINUTE })
      t.same(await mine.enters(), fine)
      await sessions(OPERATOR).update({ last_used_at: Date.now() - 29 * MINUTE, verified_at: Date.now() - 7 * 60 * MINUTE })
      t.same(await mine.enters(), fine, 'each use begins the half hour anew')
      await sessions(OPERATOR).update({ last_used_at: Date.now() - 30 * MINUTE })
      t.same(await mine.enters(), REQUIRED)
      await sessions(OPERATOR).update({ last_used_at: Date.now(), expires_at: Date.now() })
      t.same(await mine.enters(), REQUIRED)

      await anew(OPERATOR)
      const exp = Math.floor(Date.now() / 1000) + 600
      const short = await desk(hub, OPERATOR, { claims: { exp } })
      const until = (await short.ask('POST', '/admin/session', { code: codeOf(secret, stepNow()) })).json().data.expiresAt
      t.equal(Date.parse(until), exp * 1000)
      t.same((await sessions(OPERATOR)).length, 1, 'what had ended is gone')
    })

    t.test('dismissed, appointed anew or shut, one begins anew', async (t) => {
      const run = cli({ ...created.settings, SANDBOX: 'on' }, { answer: true })
      const left = async (person: number) => [(await factor(person)).length, (await sessions(person)).length]
      const inside = async (person: number) => {
        const secret = await enrolled(person)
        const one = await desk(hub, person)
        t.same(await one.open(codeOf(secret, stepNow())), opened)
        return one
      }
      await inside(OPERATOR)
      const appointed = await run('administrators', userId(OPERATOR), 'operator', '--reason', '换了手机', '--yes')
      t.equal(appointed.code, 0, appointed.err)
      t.same(await left(OPERATOR), [0, 0], 'by the command line')
      const shown = /登记码[^\n]*：([0-9A-Z-]{24})/.exec(appointed.out)?.[1] ?? ''
      const anewAt = await desk(hub, OPERATOR)
      t.equal((await anewAt.ask('POST', '/admin/second-factor', { enrolmentCode: shown })).statusCode, 201, 'which shows his code')
      const json = JSON.parse((await run('administrators', userId(OPERATOR), 'operator', '--reason', '码丢了', '--yes', '--json')).out)
      t.match(json, { role: 'operator', enrolmentCode: /^[0-9A-Z-]{24}$/, expiresAt: String })
      t.same(verdict(await anewAt.ask('POST', '/admin/second-factor', { enrolmentCode: shown })), [403, 'HUB_ENROLMENT_CODE'])
      for (const { record } of await database('audit_rows').where({ service: 'administrators.change' }).select('record'))
        t.notOk(record.includes(shown) || record.includes(json.enrolmentCode))

      await inside(OPERATOR)
      const admin = await inside(ADMIN)
      const second = await inside(SECOND)
      const url = `/admin/administrators/${userId(OPERATOR)}`
      const asked = await admin.ask('PUT', url, { role: 'operator', purpose: '换了手机' })
      t.equal(asked.statusCode, 202, asked.body)
      t.same(await left(OPERATOR), [1, 1], 'one person alone changes nothing')
      const location = String(asked.headers.location)
      t.same(verdict(await second.ask('POST', `${location}/confirmation`, { purpose: '已核对' })), fine)
      t.same(await left(OPERATOR), [0, 0], 'by two persons')

      await inside(OPERATOR)
      t.same(verdict(await admin.ask('PUT', url, { role: null, purpose: '调岗' })), fine)
      t.same(await left(OPERATOR), [0, 0], 'dismissed')

      await inOffice(hub, OPERATOR, 'operator')
      await inside(OPERATOR)
      t.same(verdict(await admin.ask('POST', `/admin/users/${userId(OPERATOR)}/disable`, { purpose: '停用' })), fine)
      t.same(await left(OPERATOR), [1, 0], 'shut, the factor is still his and no session is')
      t.same(verdict(await admin.ask('POST', `/admin/users/${userId(OPERATOR)}/enable`, { purpose: '启用' })), fine)
    })

    t.test('each step is one audit row, without code or secret', async (t) => {
      await factor(OPERATOR).delete()
      const one = await desk(hub, OPERATOR)
      const rows = async (method: Method, url: string, payload?: object) => {
        const { traceId, headers } = trace()
        const body = (await one.ask(method, url, payload, hub, headers)).json()
        return { body, rows: await auditOf(hub, traceId) }
      }
      const enrolment = await rows('POST', '/admin/second-factor', await one.given())
      const { secret } = enrolment.body.data
      const code = codeOf(secret, stepNow())
      const bad = wrong(secret)
      const steps: [Awaited<ReturnType<typeof rows>>, string, string | null][] = [
        [enrolment, 'second-factor.enrol', null],
        [await rows('POST', '/admin/second-factor/confirmation', { code: bad }), 'second-factor.confirm', 'HUB_SECOND_FACTOR_WRONG'],
        [await rows('POST', '/admin/second-factor/confirmation', { code }), 'second-factor.confirm', null],
        [await rows('POST', '/admin/session', { code }), 'session.open', 'HUB_SECOND_FACTOR_WRONG'],
      ]
      for (const [{ rows: found }, service, refusal] of steps) {
        t.equal(found.length, 1, service)
        t.match(found, [{ connector: 'admin', service, ...(refusal ? { outcome: refusal } : { status: /20[01]/ }) }])
        for (const hidden of [secret, code, bad]) t.notOk(JSON.stringify(found).includes(hidden))
      }
      t.notOk(hub.logged().includes(secret), 'nor in the log')
    })
  })
}

t.test('auto asks for it where the sandbox is off; off never does', async (t) => {
  const exchange = { EXCHANGE_BASE_URL: 'http://127.0.0.1:9000', EXCHANGE_REQUESTER_ID: 'hub', EXCHANGE_APP_KEY: 'key' }
  const factor = (env: Record<string, string>) =>
    readSettings({ NODE_ENV: 'test', DATA_DIR: hub.app.settings.DATA_DIR, ...env }).secondFactor
  const hub = await build(t)
  t.equal(factor({ SANDBOX: 'on' }), false)
  t.equal(factor({ SANDBOX: 'off', ...exchange }), true)
  t.equal(factor({ SANDBOX: 'off', ADMIN_SECOND_FACTOR: 'off', ...exchange }), false)
  t.equal(factor({ SANDBOX: 'on', ADMIN_SECOND_FACTOR: 'on' }), true)
})

t.test('the description of /admin says how one gets in', async (t) => {
  const hub = await build(t)
  const { paths, components } = (await hub.app.inject('/openapi-admin.json')).json()
  const said = (path: string, method: string) => {
    const responses: { $ref?: string }[] = Object.values(paths[path][method].responses)
    return JSON.stringify(responses.map(({ $ref, ...own }) => ($ref ? components.responses[$ref.split('/').at(-1) ?? ''] : own)))
  }
  t.match(said(URL, 'get'), /HUB_SECOND_FACTOR_REQUIRED/)
  for (const path of ['/admin/session', '/admin/second-factor/confirmation']) {
    t.match(said(path, 'post'), /HUB_SECOND_FACTOR_WRONG/)
    t.match(said(path, 'post'), /HUB_SECOND_FACTOR_LOCKED/)
    t.notMatch(said(path, 'post'), /HUB_SECOND_FACTOR_REQUIRED/)
  }
  t.match(said('/admin/second-factor', 'post'), /HUB_SECOND_FACTOR_STATE/)
})
