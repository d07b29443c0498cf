import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose'
import * as client from 'openid-client'
import t from 'tap'
import fund from '../../../connectors/housing-fund/index.ts'
import { transact } from '../../../core/base/transact.ts'
import { holds, meet } from '../../../plugins/oauth/scopes.ts'
import { enterprises, people } from '../../../plugins/sandbox/people.ts'
import { writeSecurity } from '../../../plugins/users/security/store.ts'
import { auditOf, clone, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { application, authorise, type Browser, browse, consent, request, serve } from '../../helper/third-party.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const ENTERPRISE = 'urn:xuchang-hub:token-type:enterprise'
const WARD = 'urn:xuchang-hub:token-type:ward'
const ACCOUNT = '/v1/housing-fund/personal-account'
const EMPLOYER = '/v1/housing-fund/employer-account'
const DAY = 86_400_000

/** The fund, and a copy of part of it that asks for no face verification. */
const plain = clone(
  'plain-fund',
  ['personal-account', 'loan-contract', 'employer-account'],
  ({ id }) => ({ identity: 'real-name', face: undefined, dependants: id === 'personal-account' }) as never,
)

t.test('scopes only shrink', (t) => {
  const scope = fc.constantFrom('a', 'a.x', 'a.y', 'b', 'b.x', 'ab', 'a.xy')
  const scopes = fc.uniqueArray(scope)
  fc.assert(
    fc.property(scopes, scopes, scope, (one, other, wanted) => {
      const both = meet(one, other)
      return holds(both, wanted) === (holds(one, wanted) && holds(other, wanted))
    }),
  )
  t.same(meet(['fund', 'water.bill'], ['fund.loans', 'water']), ['water.bill', 'fund.loans'])
  t.end()
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await serve(t, { target, declarations: [fund, plain] })
    const { database } = hub.app
    const backend = await application(hub, 'sandbox-backend')
    const web = await application(hub, 'sandbox-web')
    const parking = await application(hub, 'sandbox-public')

    const exchange = (config: client.Configuration, fields: Record<string, string>) => client.genericGrantRequest(config, GRANT, fields)
    // The client library's requests carry the trace id by which their audit rows are found.
    let traced: Record<string, string> = {}
    for (const config of [backend, web, parking])
      config[client.customFetch] = (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...traced } } as RequestInit)

    /** → the error, and the outcomes on record: one. */
    async function attempt(fields: Record<string, string>, config = backend): Promise<string[]> {
      const { traceId, headers } = trace()
      traced = headers
      const error = await exchange(config, fields).then(
        () => 'none',
        (problem: { error: string }) => problem.error,
      )
      return [error, ...(await auditOf(hub, traceId)).map(({ outcome }) => outcome)]
    }
    const call = (url: string, token: string, headers: Record<string, string> = {}) =>
      hub.app.inject({ url, headers: { authorization: `Bearer ${token}`, ...headers } })
    const subject = async (options: Parameters<typeof hub.token>[0] = {}) => ({
      subject_token: await hub.token(options),
      subject_token_type: JWT,
    })
    const actor = async (options: Parameters<typeof hub.token>[0] = {}) => ({
      actor_token: await hub.token(options),
      actor_token_type: JWT,
    })
    const fundToken = async (fields: Record<string, string> = {}, options = {}) =>
      exchange(backend, { ...(await subject(options)), audience: 'housing-fund', ...fields })

    const browsers = new Map<number, Browser>()
    async function signedOn(person: number): Promise<Browser> {
      const browser = browsers.get(person) ?? browse(hub)
      if (!browsers.has(person)) await browser.signOn(person)
      browsers.set(person, browser)
      return browser
    }

    t.test('a token of the app becomes one for a connector, with purpose, for five minutes at most', async (t) => {
      const original = await hub.token({ person: 2, claims: { face_verification_id: 'face-1' } })
      const { traceId, headers } = trace()
      traced = headers
      const answer = await exchange(backend, {
        subject_token: original,
        subject_token_type: JWT,
        audience: 'housing-fund',
        purpose: '租房提取',
        requested_token_type: TOKEN,
      })
      t.match(answer, { issued_token_type: TOKEN, token_type: 'bearer', expires_in: 300, scope: 'housing-fund' })
      t.notOk(answer.refresh_token)
      const claims = decodeJwt(answer.access_token)
      t.match(decodeProtectedHeader(answer.access_token), { typ: 'at+jwt', alg: 'ES256', kid: String })
      t.match(claims, {
        iss: hub.origin,
        aud: 'housing-fund',
        client_id: 'sandbox-backend',
        purpose: '租房提取',
        face_verification_id: 'face-1',
      })
      t.equal(claims['face_verified_at'], decodeJwt(original)['face_verified_at'])
      t.ok((claims.exp ?? 0) - (claims.iat ?? 0) <= 300)
      t.notMatch(JSON.stringify(claims), new RegExp(`${people[1]?.id}|${people[1]?.subject}|${people[1]?.number}`), 'it names nobody')
      t.match(await auditOf(hub, traceId), [
        { app: 'sandbox-backend', connector: 'housing-fund', service: 'oauth.token', purpose: '租房提取', outcome: 'ok' },
      ])

      const next = trace()
      const response = await call(ACCOUNT, answer.access_token, next.headers)
      t.equal(response.statusCode, 200)
      const direct = await hub.get(ACCOUNT, { person: 2 })
      t.same(response.json().data, direct.json().data, 'the verified person’s own account')
      const [row] = await auditOf(hub, next.traceId)
      t.match(row, { app: 'sandbox-backend', connector: 'housing-fund', service: 'personal-account', purpose: '租房提取', outcome: 'ok' })
      t.equal(row?.user, (await auditOf(hub, direct.json().meta.traceId))[0]?.user)
    })

    t.test('it lives no longer than the subject token', async (t) => {
      const { access_token, expires_in } = await fundToken({}, { expiresInSeconds: 60 })
      t.ok((expires_in ?? 0) <= 60 && (expires_in ?? 0) > 50)
      t.ok((decodeJwt(access_token).exp ?? 0) <= Date.now() / 1000 + 60)
      t.same(await attempt({ ...(await subject({ expiresInSeconds: -2 })), audience: 'housing-fund' }), [
        'invalid_request',
        'invalid_request',
      ])
      const [{ n } = { n: 0 }]: { n: number }[] = await database('oidc_entities').where({ model: 'ExchangedToken' }).count({ n: '*' })
      await database('oidc_entities').where({ model: 'ExchangedToken' }).delete()
      t.ok(n > 0)
      t.same(verdict(await call(ACCOUNT, access_token)), [401, 'HUB_TOKEN_INVALID'], 'and not without the hub’s own record of it')
    })

    t.test('a token for another audience is none', async (t) => {
      const { access_token } = await fundToken()
      t.equal((await call(ACCOUNT, access_token)).statusCode, 200)
      for (const url of ['/v1/plain-fund/personal-account', '/v1/me/authorizations'])
        t.same(verdict(await call(url, access_token)), [401, 'HUB_TOKEN_INVALID'], url)
      t.same(await attempt({ subject_token: access_token, subject_token_type: TOKEN, audience: 'plain-fund' }), [
        'invalid_request',
        'invalid_request',
      ])
      t.same(await attempt({ ...(await subject({ claims: { aud: 'another' } })), audience: 'housing-fund' }), [
        'invalid_request',
        'invalid_request',
      ])
      const { tokens } = await authorise(web, await signedOn(3), 'openid')
      t.same(verdict(await call(ACCOUNT, tokens.id_token ?? '')), [401, 'HUB_TOKEN_INVALID'], 'an ID token')
      t.same(verdict(await call(ACCOUNT, tokens.access_token)), [401, 'HUB_TOKEN_INVALID'], 'a token for userinfo')
    })

    t.test('targets that are none', async (t) => {
      const target = async (fields: Record<string, string>) => attempt({ ...(await subject()), ...fields })
      const invalid = ['invalid_target', 'invalid_target']
      t.same(await target({}), invalid, 'no audience')
      for (const audience of ['', 'unknown', 'housing-fund.personal-account', 'Housing-Fund', 'housing-fund ', 'xuchang-hub'])
        t.same(await target({ audience }), invalid, audience)
      t.same(await target({ audience: 'housing-fund', resource: 'https://fund.example' }), invalid, 'resource')
    })

    t.test('scope shrinks only', async (t) => {
      const narrow = await fundToken({ scope: 'housing-fund.loan-contract' })
      t.equal(narrow.scope, 'housing-fund.loan-contract')
      t.same(verdict(await call(ACCOUNT, narrow.access_token)), [403, 'HUB_SCOPE_INSUFFICIENT'])
      t.not((await call('/v1/housing-fund/loan-contract', narrow.access_token)).statusCode, 401)
      for (const scope of ['plain-fund', 'openid', 'housing-fund.unknown', 'housing-fund plain-fund', '*'])
        t.same(await attempt({ ...(await subject()), audience: 'housing-fund', scope }), ['invalid_scope', 'invalid_scope'], scope)

      const own = async (person: number, scope: string, fields: Record<string, string> = {}, untick: string[] = []) => {
        const { tokens } = await authorise(web, await signedOn(person), scope, untick)
        return attempt({ subject_token: tokens.access_token, subject_token_type: TOKEN, audience: 'plain-fund', ...fields }, web)
      }
      const beyond = ['invalid_scope', 'invalid_scope']
      t.same(await own(4, 'openid plain-fund'), ['none', 'ok'])
      t.same(await own(4, 'openid plain-fund', { scope: 'plain-fund.loan-contract' }), ['none', 'ok'])
      t.same(await own(5, 'openid plain-fund', {}, ['plain-fund']), beyond, 'what the user refused')
      t.same(await own(5, 'openid housing-fund'), beyond, 'what the user granted for another')
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ scopes: 'openid plain-fund.loan-contract' })
      t.same(await own(4, 'openid plain-fund.loan-contract', { scope: 'plain-fund' }), beyond, 'more than was registered')
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ scopes: 'openid real-name housing-fund plain-fund' })
    })

    t.test('a third party calls a connector for its user, and for nobody else', async (t) => {
      const { tokens } = await authorise(web, await signedOn(2), 'openid plain-fund')
      const own = { subject_token: tokens.access_token, subject_token_type: TOKEN, audience: 'plain-fund' }
      const { access_token } = await exchange(web, own)
      const response = await call('/v1/plain-fund/personal-account', access_token)
      t.equal(response.statusCode, 200)
      t.same(response.json().data, (await hub.get('/v1/plain-fund/personal-account', { person: 2 })).json().data)
      t.equal(decodeJwt(access_token).sub, tokens.claims()?.sub, 'under the subject that it knows')
      const [grant]: { last_used_at: number | null }[] = await database('oauth_grants').where({
        client_id: 'sandbox-web',
        user_id: people[1]?.id,
      })
      t.ok(grant?.last_used_at, 'noted as used')

      const refused = ['invalid_request', 'invalid_request']
      t.same(await attempt(own, backend), refused, 'another client’s token')
      t.same(await attempt({ ...own, subject_token: `${tokens.access_token}x` }, web), refused, 'an unknown token')
      const { access_token: nobody } = await client.clientCredentialsGrant(web)
      t.same(await attempt({ ...own, subject_token: nobody }, web), refused, 'a token without a user')
      const unauthorised = ['unauthorized_client', 'unauthorized_client']
      t.same(await attempt({ ...(await subject()), audience: 'plain-fund' }, web), unauthorised, 'the app’s own token')
      t.same(await attempt({ ...own, ...(await actor({ person: 3 })) }, web), unauthorised, 'delegation')
      t.same(await attempt({ ...own, audience: 'plain-fund' }, parking), refused, 'a public client')
    })

    t.test('an agent for an enterprise, by mandate', async (t) => {
      const fields = async (person: number, enterprise: number) => ({
        subject_token: enterprises[enterprise - 1]?.id ?? '',
        subject_token_type: ENTERPRISE,
        ...(await actor({ person })),
        audience: 'housing-fund',
        purpose: '单位缴存核对',
      })
      const { access_token } = await exchange(backend, await fields(2, 2))
      const claims = decodeJwt(access_token)
      t.match(claims, { act: { sub: String, role: 'agent' } })
      t.not((claims['act'] as JWTPayload).sub, claims.sub)
      const { traceId, headers } = trace()
      const response = await call(EMPLOYER, access_token, headers)
      t.equal(response.statusCode, 200)
      t.equal(response.json().data.employerName, enterprises[1]?.name)
      t.match(await auditOf(hub, traceId), [{ enterprise: enterprises[1]?.id, purpose: '单位缴存核对' }])
      t.same(verdict(await call(ACCOUNT, access_token)), [403, 'HUB_SCOPE_INSUFFICIENT'], 'not for the agent himself')

      const refused = ['invalid_request', 'invalid_request']
      t.same(await attempt(await fields(2, 1)), refused, 'no mandate')
      t.same(await attempt(await fields(4, 2)), refused, 'nobody’s agent')
      t.same(await attempt({ ...(await fields(2, 2)), subject_token: 'unknown' }), refused)
      t.same(await attempt({ ...(await fields(2, 2)), subject_token: enterprises[1]?.id.toUpperCase() ?? '' }), refused, 'in capitals')
      const { actor_token, actor_token_type, ...alone } = await fields(2, 2)
      t.same(await attempt(alone), refused, 'no actor')
      t.same(await attempt({ ...alone, actor_token }), refused, 'an actor token without its type')
      t.same(await attempt({ ...alone, actor_token_type }), refused, 'a type without its token')

      const mandate = database('mandates').where({ user_id: people[1]?.id, enterprise_id: enterprises[1]?.id })
      await mandate.clone().update({ status: 'revoked' })
      t.same(verdict(await call(EMPLOYER, access_token)), [403, 'HUB_MANDATE_REQUIRED'], 'withdrawn: dead in the next request')
      t.same(await attempt(await fields(2, 2)), refused)
      await mandate.clone().update({ status: 'active', scope: 'housing-fund.loan-contract' })
      t.same(await attempt(await fields(2, 2)), refused, 'a mandate for something else')
      await mandate.clone().update({ scope: 'housing-fund.employer-account housing-fund.employer-contributors' })
      t.same(await attempt(await fields(2, 2)), ['none', 'ok'], 'for all that is for enterprises')
      t.same(await attempt({ ...(await fields(2, 2)), scope: 'housing-fund.employer-account' }), ['none', 'ok'])
      await mandate.clone().update({ scope: '*' })
    })

    t.test('a guardian for a child, an operator for a citizen at the counter', async (t) => {
      const mandate = (role: string, person: number, child: number | null) => ({
        id: `mandate-${role}`,
        user_id: people[person - 1]?.id,
        subject_user_id: child === null ? null : people[child - 1]?.id,
        enterprise_id: null,
        role,
        scope: 'plain-fund',
        status: 'active',
        granted_by: 'test',
        starts_at: 0,
        ends_at: Date.now() + DAY,
      })
      const ward = async (person: number, child: number, audience = 'plain-fund') => ({
        subject_token: people[child - 1]?.id ?? '',
        subject_token_type: WARD,
        ...(await actor({ person })),
        audience,
      })
      const counter = async (operator: number, citizen: number) => ({
        ...(await subject({ person: citizen })),
        ...(await actor({ person: operator })),
        audience: 'plain-fund',
      })
      const refused = ['invalid_request', 'invalid_request']
      t.same(await attempt(await ward(3, 6)), refused, 'nobody’s guardian')
      const beyond = ['invalid_scope', 'invalid_scope']
      t.same(await attempt(await ward(3, 6, 'housing-fund')), beyond, 'a connector at which nobody asks for a child')
      t.same(await attempt(await counter(5, 6)), refused, 'nobody’s operator')
      await database('mandates').insert([mandate('guardian', 3, 6), mandate('operator', 5, null)])

      for (const [role, fields] of [
        ['guardian', await ward(3, 6)],
        ['operator', await counter(5, 6)],
      ] as const) {
        const { access_token } = await exchange(backend, fields)
        t.match(decodeJwt(access_token), { act: { role } })
        const { traceId, headers } = trace()
        const response = await call('/v1/plain-fund/personal-account', access_token, headers)
        t.same(
          response.json().data,
          (await hub.get('/v1/plain-fund/personal-account', { person: 6 })).json().data,
          `${role}: the represented person’s data`,
        )
        const [row] = (await auditOf(hub, traceId)) as unknown as { user: string; actor: string }[]
        t.ok(row?.actor && row.user && row.actor !== row.user, 'both on record')
        await database('mandates')
          .where({ id: `mandate-${role}` })
          .update({ ends_at: Date.now() - 1 })
        t.same(verdict(await call('/v1/plain-fund/personal-account', access_token)), [403, 'HUB_MANDATE_REQUIRED'], 'over')
        t.same(await attempt(fields), refused)
        await database('mandates')
          .where({ id: `mandate-${role}` })
          .update({ ends_at: Date.now() + DAY })
      }
      t.same(await attempt(await ward(3, 7)), refused, 'another child')
      t.same(await attempt(await ward(4, 6)), refused, 'another guardian')
      t.same(await attempt({ ...(await ward(3, 6)), scope: 'plain-fund.loan-contract' }), beyond, 'a service that is for oneself')
      t.same(await attempt(await counter(6, 5)), refused, 'the other way round')
      t.same(
        await attempt({ ...(await ward(3, 6)), actor_token: await hub.token({ person: 3, expiresInSeconds: -60 }) }),
        refused,
        'an expired actor token',
      )
    })

    t.test('what an actor got for somebody’s grant dies with his own log-in', async (t) => {
      const { tokens } = await authorise(web, await signedOn(6), 'openid plain-fund')
      await database('oauth_clients').where({ id: 'sandbox-web' }).update({ trusted: 1 })
      t.teardown(() => database('oauth_clients').where({ id: 'sandbox-web' }).update({ trusted: 0 }))
      const acting = await actor({ person: 5, claims: { sid: 'counter' } })
      const { access_token } = await exchange(web, {
        subject_token: tokens.access_token,
        subject_token_type: TOKEN,
        ...acting,
        audience: 'plain-fund',
      })
      t.equal((await call('/v1/plain-fund/personal-account', access_token)).statusCode, 200)
      const own = await call('/v1/me/sessions', acting.actor_token)
      const { id } = own.json().data.find(({ current }: { current: boolean }) => current)
      const ended = await hub.app.inject({
        method: 'DELETE',
        url: `/v1/me/sessions/${id}`,
        headers: { authorization: `Bearer ${acting.actor_token}` },
      })
      t.equal(ended.statusCode, 204)
      t.same(verdict(await call('/v1/plain-fund/personal-account', access_token)), [401, 'HUB_TOKEN_INVALID'])
    })

    t.test('on a device that its user never trusted a token is exchanged once his face was shown', async (t) => {
      const { security } = hub.app
      const heed = async (newDevice: 'off' | 'face') => {
        const by = { userId: people[0]?.id ?? '', reason: '试验' }
        const { version, settings } = security.now
        const changed = { ...settings, highRisk: { ...settings.highRisk, newDevice } }
        await transact(database, (transaction) => writeSecurity(transaction, { version, settings: changed }, by))
        await security.load()
      }
      const at = async (device: string, face: boolean) => ({
        ...(await subject({ person: 8, face, claims: { sid: device, device_id: device } })),
      })
      const exchanged = async (device: string, face = false) => attempt({ ...(await at(device, face)), audience: 'plain-fund' })
      for (const device of ['own', 'strange']) t.same(await exchanged(device), ['none', 'ok'], 'as long as nothing is said of it')
      await heed('face')
      t.same(await exchanged('own'), ['none', 'ok'], 'the first')
      t.same(await exchanged('strange'), ['invalid_request', 'invalid_request'])
      t.same(await exchanged('strange', true), ['none', 'ok'])
      await heed('off')
      t.same(await exchanged('strange'), ['none', 'ok'])
    })

    t.test('what the user unticks later is gone from what was exchanged before, at once', async (t) => {
      const { tokens } = await authorise(web, await signedOn(2), 'openid plain-fund')
      const { access_token } = await exchange(web, {
        subject_token: tokens.access_token,
        subject_token_type: TOKEN,
        audience: 'plain-fund',
      })
      t.equal((await call('/v1/plain-fund/personal-account', access_token)).statusCode, 200)
      const flow = await request(web, 'openid plain-fund', { prompt: 'consent' })
      await consent(await signedOn(2), flow, ['plain-fund'])
      t.same(verdict(await call('/v1/plain-fund/personal-account', access_token)), [403, 'HUB_SCOPE_INSUFFICIENT'])
      t.same(await client.tokenIntrospection(web, access_token), { active: false })
      await consent(await signedOn(2), await request(web, 'openid plain-fund', { prompt: 'consent' }))
    })

    t.test('introspection: the client that holds it learns how it stands, nobody else anything', async (t) => {
      const known = async (token: string, config = backend) => {
        const { traceId, headers } = trace()
        traced = headers
        const answer = await client.tokenIntrospection(config, token)
        t.match(await auditOf(hub, traceId), [{ service: 'oauth.introspection', outcome: 'ok', status: 200 }], 'one row')
        return answer
      }
      const DEAD = { active: false }
      const fields = async () => ({
        subject_token: enterprises[1]?.id ?? '',
        subject_token_type: ENTERPRISE,
        ...(await actor({ person: 2 })),
        audience: 'housing-fund',
        purpose: '单位缴存核对',
      })
      const { access_token, scope } = await exchange(backend, await fields())
      const claims = decodeJwt(access_token)
      const { iss, aud, sub, iat, exp, jti, act } = claims
      const alive = { active: true, client_id: 'sandbox-backend', token_type: 'Bearer', scope, iss, aud, sub, iat, exp, jti, act }
      t.strictSame(await known(access_token), { ...alive, purpose: '单位缴存核对' })
      t.match(act, { sub: String, role: 'agent' })

      for (const other of [web, parking]) t.strictSame(await known(access_token, other), DEAD, 'another client')
      t.strictSame(await known(await hub.token()), DEAD, 'a token of the app’s issuer')
      t.strictSame(await known(`${access_token.slice(0, -4)}AAAA`), DEAD, 'a forged one')
      const { tokens } = await authorise(web, await signedOn(4), 'openid plain-fund')
      t.strictSame(await known(tokens.id_token ?? '', web), DEAD, 'an ID token')
      const wrong = new URLSearchParams({ token: access_token, client_id: 'sandbox-backend', client_secret: 'x' })
      const refused = await fetch(`${hub.origin}/oauth/introspect`, { method: 'POST', body: wrong })
      t.match([refused.status, await refused.json()], [401, { error: 'invalid_client' }])

      const mandate = database('mandates').where({ user_id: people[1]?.id, enterprise_id: enterprises[1]?.id })
      await mandate.clone().update({ scope: 'housing-fund.employer-account' })
      t.match(await known(access_token), { active: true, scope: 'housing-fund.employer-account' }, 'what the mandate still covers')
      await mandate.clone().update({ status: 'revoked' })
      t.strictSame(await known(access_token), DEAD, 'a mandate that is over')
      await mandate.clone().update({ status: 'active', scope: '*' })
      t.equal((await known(access_token)).active, true)
      for (const [table, id, dead, living] of [
        ['enterprises', enterprises[1]?.id, { status: 'frozen' }, { status: 'active' }],
        ['users', people[1]?.id, { status: 'disabled' }, { status: 'active' }],
        ['oauth_clients', 'sandbox-backend', { scopes: 'plain-fund' }, { scopes: 'housing-fund plain-fund' }],
      ] as const) {
        await database(table).where({ id }).update(dead)
        hub.app.users.forget(people[1]?.id ?? '')
        t.strictSame(await known(access_token), DEAD, table)
        await database(table).where({ id }).update(living)
        hub.app.users.forget(people[1]?.id ?? '')
        t.equal((await known(access_token)).active, true, `${table}, and back`)
      }

      const own = await exchange(web, { subject_token: tokens.access_token, subject_token_type: TOKEN, audience: 'plain-fund' })
      t.match(await known(own.access_token, web), { active: true, sub: tokens.claims()?.sub, act: undefined })
      await client.tokenRevocation(web, tokens.access_token)
      t.strictSame(await known(own.access_token, web), DEAD, 'its grant was revoked')

      const ended = await exchange(backend, { ...(await subject()), audience: 'housing-fund' })
      const kept = await exchange(backend, { ...(await subject()), audience: 'housing-fund' })
      for (const other of [web, parking]) await client.tokenRevocation(other, ended.access_token)
      t.equal((await known(ended.access_token)).active, true, 'another client ends nothing')
      await client.tokenRevocation(backend, ended.access_token)
      t.strictSame(await known(ended.access_token), DEAD, 'revoked by its client')
      t.same(verdict(await call(ACCOUNT, ended.access_token)), [401, 'HUB_TOKEN_INVALID'])
      t.equal((await known(kept.access_token)).active, true, 'it alone')
      await client.tokenRevocation(backend, ended.access_token)

      const short = await exchange(backend, { ...(await subject({ expiresInSeconds: 2 })), audience: 'housing-fund' })
      t.equal((await known(short.access_token)).active, true)
      await database('oidc_entities').where({ model: 'ExchangedToken' }).delete()
      t.strictSame(await known(access_token), DEAD, 'of which the hub has no record')
    })

    t.test('a forged act', async (t) => {
      const refused = ['invalid_request', 'invalid_request']
      const act = { sub: people[2]?.subject }
      t.same(await attempt({ ...(await subject({ claims: { act } })), audience: 'housing-fund' }), refused, 'in a token of the app')
      t.same(verdict(await hub.get(ACCOUNT, { claims: { act } })), [401, 'HUB_TOKEN_INVALID'], 'used directly')
      t.notOk('act' in decodeJwt((await fundToken({ act: JSON.stringify(act) })).access_token), 'as a parameter')
      const { access_token } = await fundToken()
      const [head = '', , signature = ''] = access_token.split('.')
      const altered = Buffer.from(JSON.stringify({ ...decodeJwt(access_token), act })).toString('base64url')
      t.same(verdict(await call(ACCOUNT, `${head}.${altered}.${signature}`)), [401, 'HUB_TOKEN_INVALID'], 'in a token of the hub')
      const foreign = await new SignJWT({ ...decodeJwt(access_token), act })
        .setProtectedHeader({ ...decodeProtectedHeader(access_token), alg: 'HS256' })
        .sign(Buffer.alloc(32, 1))
      t.same(verdict(await call(ACCOUNT, foreign)), [401, 'HUB_TOKEN_INVALID'], 'signed by somebody else')
    })

    t.test('requests that make no sense', async (t) => {
      const refused = ['invalid_request', 'invalid_request']
      const good = { ...(await subject()), audience: 'housing-fund' }
      for (const name of ['subject_token', 'subject_token_type'] as const) {
        const { [name]: _left, ...rest } = good
        t.same(await attempt(rest as Record<string, string>), refused, `no ${name}`)
      }
      t.same(await attempt({ ...good, subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }), refused, 'SAML')
      t.same(await attempt({ ...good, requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }), refused, 'a refresh token')
      t.same(await attempt({ ...good, subject_token: 'a.b.c' }), refused, 'no JWT')
      t.same(await attempt({ ...good, subject_token: await hub.token({ claims: { sub: 'nobody' } }) }), refused, 'nobody')
      t.same(await attempt({ ...good, purpose: 'x'.repeat(101) }), refused, 'a long purpose')
      t.same(await attempt({ ...good, purpose: '查询\u202e' }), refused, 'a purpose that hides something')
      await database('users').where({ id: people[6]?.id }).update({ status: 'disabled' })
      t.same(await attempt({ ...good, ...(await subject({ person: 7 })) }), refused, 'an account that was shut')
      await database('users').where({ id: people[6]?.id }).update({ status: 'active' })
    })
  })
}
