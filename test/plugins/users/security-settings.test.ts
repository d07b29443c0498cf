import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { transact } from '../../../core/base/transact.ts'
import { sandboxSecret } from '../../../plugins/oauth/sandbox-clients.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { presetSecurity, type SecuritySettings } from '../../../plugins/users/security/settings.ts'
import { writeSecurity } from '../../../plugins/users/security/store.ts'
import { codeOf, stepNow } from '../../helper/authenticator.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { verdict } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, OPERATOR, SECOND] = [1, 2, 7] as const
const URL = '/admin/security-settings'
const purpose = '按等保测评意见调整'
const declarations = [housingFund]
const DEFAULT = presetSecurity({ failures: 5, windowMinutes: 15, minutes: 15 })
const ALLOWED = [200, null]
const NOT_THIS_WAY = [403, 'HUB_SIGN_ON_DENIED']

const change = (hub: Hub, version: number, settings: object, person: number = ADMIN) =>
  call(hub, 'PUT', URL, { person, body: { version, settings, purpose } })
const inForce = async (hub: Hub) => (await call(hub, 'GET', URL, { person: OPERATOR })).json().data
const policyOf = async (hub: Hub) => (await hub.app.inject('/v1/security-policy')).json().data
const mine = async (hub: Hub, amr?: unknown) => verdict(await call(hub, 'GET', '/v1/me', { person: 4, claims: { amr } }))

/** Past the two persons, as they have left it. */
async function put(hub: Hub, settings: Partial<SecuritySettings>): Promise<void> {
  const by = { userId: userId(ADMIN), reason: purpose }
  const { version } = hub.app.security.now
  await transact(hub.app.database, (transaction) =>
    writeSecurity(transaction, { version, settings: { ...hub.app.security.now.settings, ...settings } }, by),
  )
  await hub.app.security.load()
}

async function fail(hub: Hub, person: number): Promise<void> {
  const secret = sandboxSecret(hub.app.vault, 'sandbox-backend')
  const authorization = `Basic ${Buffer.from(`sandbox-backend:${secret}`).toString('base64')}`
  const payload = { eventId: randomUUID(), subject: people[person - 1]?.subject, at: new Date().toISOString() }
  await hub.app.inject({ method: 'POST', url: '/v1/sign-on/failures', headers: { authorization }, payload })
}

for (const target of targets)
  t.test(target.name, async (t) => {
    const { settings: store, drop } = await target.create()
    t.teardown(drop)
    const [hub, other] = [await build(t, { store, declarations }), await build(t, { store, declarations })]
    await inOffice(hub, SECOND)

    t.test('until somebody says otherwise the settings of the process hold', async (t) => {
      t.same(await inForce(hub), { version: 0, settings: DEFAULT })
      t.same((await call(hub, 'GET', `${URL}/history`)).json().data, [])
    })

    t.test('two persons change them, and every process heeds it within five seconds', async (t) => {
      const settings = { ...DEFAULT, methods: ['password', 'sms'], lockOut: { failures: 2, windowMinutes: 5, minutes: 1 }, captchaAfter: 1 }
      const asked = await change(hub, 0, settings)
      t.equal(asked.statusCode, 202)
      t.same(await inForce(hub), { version: 0, settings: DEFAULT }, 'one person changes nothing')
      t.same(verdict(await confirm(hub, asked, ADMIN)), [403, 'HUB_SECOND_PERSON'])
      t.same(verdict(await confirm(hub, asked, OPERATOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
      t.same(hub.app.security.now, { version: 1, settings }, 'at once here')
      const lag = await heededAfter(async () => (await policyOf(other)).version === 0)
      t.ok(lag < 5000, `${Math.round(lag)} ms elsewhere`)
      t.match((await call(other, 'GET', `${URL}/history`, { person: OPERATOR })).json().data, [
        { version: 1, settings, changedBy: userId(ADMIN), confirmedBy: userId(SECOND), reason: purpose, changedAt: /\+08:00$/ },
      ])
    })

    t.test('the lock-out goes by them', async (t) => {
      await fail(other, 5)
      t.equal((await call(other, 'GET', '/v1/me', { person: 5 })).statusCode, 200)
      await fail(other, 5)
      const locked = await call(other, 'GET', '/v1/me', { person: 5 })
      t.same(verdict(locked), [403, 'HUB_USER_LOCKED'], 'two are enough now')
      t.ok(Number(locked.headers['retry-after']) <= 60, 'for a minute')
    })

    t.test('who logged in in a way that is not allowed is turned away, wherever the token says so', async (t) => {
      for (const amr of [['pwd'], ['otp'], ['pwd', 'face'], ['sms', 'mfa'], undefined, ['hwk'], 'face', [7, null], {}])
        t.same(await mine(hub, amr), ALLOWED, JSON.stringify(amr))
      for (const amr of [['face'], ['fed'], ['email', 'fed'], ['mfa', 'face']])
        t.same(await mine(hub, amr), NOT_THIS_WAY, JSON.stringify(amr))
      t.same(verdict(await call(hub, 'GET', URL, { claims: { amr: ['face'] } })), NOT_THIS_WAY, 'administrators too')
      const read = await call(hub, 'GET', `/admin/users/${userId(6)}`, { person: OPERATOR })
      t.same(read.json().data.authMethods, [])
      await call(hub, 'GET', '/v1/me', { person: 6, claims: { amr: ['pwd', 'otp'], auth_time: Math.floor(Date.now() / 1000) } })
      const after = await call(hub, 'GET', `/admin/users/${userId(6)}`, { person: OPERATOR })
      t.same(after.json().data.authMethods, ['password', 'sms'], 'by what he logged in last')
    })

    t.test('a token that was let in before is not, once its way is closed', async (t) => {
      const authorization = `Bearer ${await hub.token({ person: 4, claims: { amr: ['sms'] } })}`
      const ask = async () => verdict(await hub.app.inject({ url: '/v1/me', headers: { authorization } }))
      t.same(await ask(), ALLOWED)
      await put(hub, { methods: ['password'] })
      t.same(await ask(), NOT_THIS_WAY)
    })

    t.test('what was seen before somebody else changed it is not written over', async (t) => {
      const { version, settings } = await inForce(hub)
      t.same(verdict(await change(hub, version - 1, settings)), [409, 'HUB_REQUEST_STATE'], 'stale')
      t.same(verdict(await change(hub, version + 1, settings)), [409, 'HUB_REQUEST_STATE'], 'not there yet')
      const [one, two] = [await change(hub, version, settings), await change(hub, version, { ...settings, captchaAfter: 0 })]
      t.equal((await confirm(hub, one, SECOND)).statusCode, 200)
      t.same(verdict(await confirm(hub, two, SECOND)), [409, 'HUB_REQUEST_STATE'], 'asked before, confirmed after')
      const by = { userId: userId(ADMIN), reason: purpose }
      const write = (at: Hub) => transact(at.app.database, (trx) => writeSecurity(trx, { version: version + 1, settings }, by))
      const both = await Promise.allSettled([write(hub), write(other)])
      t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'of two at once one is written')
    })

    t.test('what is no setting is refused', async (t) => {
      await hub.app.security.load()
      const { version, settings } = hub.app.security.now
      const { password: _, ...without } = settings
      for (const wrong of [
        without,
        { ...settings, methods: [] },
        { ...settings, methods: ['password', 'password'] },
        { ...settings, methods: ['telepathy'] },
        { ...settings, captchaAfter: -1 },
        { ...settings, captchaAfter: settings.lockOut.failures },
        { ...settings, password: { ...settings.password, minLength: 4 } },
        { ...settings, lockOut: { ...settings.lockOut, minutes: 0 } },
        { ...settings, highRisk: { adminElsewhere: 'face', newDevice: 'off' } },
        { ...settings, highRisk: { adminElsewhere: 'off', newDevice: 'ask' } },
        { ...settings, extra: true },
      ])
        t.same(verdict(await change(hub, version, wrong)), [400, 'HUB_VALIDATION'], JSON.stringify(wrong).slice(0, 80))
      t.same(verdict(await change(hub, version, settings, OPERATOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.equal((await inForce(hub)).version, version)
    })

    await served(t, hub)
  })

async function served(t: Test, hub: Hub): Promise<void> {
  t.test('the identity platform is served its part, and asks for it again cheaply', async (t) => {
    const first = await hub.app.inject('/v1/security-policy')
    const { captchaAfter, methods, password } = hub.app.security.now.settings
    t.same(first.json().data, { version: hub.app.security.now.version, captchaAfter, methods, password }, 'no lock-out, no risks')
    const tag = String(first.headers['etag'])
    const again = () => hub.app.inject({ url: '/v1/security-policy', headers: { 'if-none-match': tag } })
    t.equal((await again()).statusCode, 304)
    await put(hub, { password: { ...password, minLength: 12 } })
    t.match((await again()).json().data, { password: { minLength: 12 } })
  })
}

t.test('an administrator who comes from elsewhere shows the second factor anew', async (t) => {
  const hub = await build(t, { declarations, env: { ADMIN_SECOND_FACTOR: 'on' } })
  const authorization = `Bearer ${await hub.token({ person: OPERATOR })}`
  const ask = (url: string, remoteAddress: string, payload?: object) =>
    hub.app.inject({ url, remoteAddress, method: payload ? 'POST' : 'GET', headers: { authorization }, ...(payload ? { payload } : {}) })
  const enrolmentCode = (await hub.app.secondFactor.issueCode(userId(OPERATOR))).code
  const [HERE, THERE] = ['192.0.2.1', '192.0.2.2'] as const
  const { secret } = (await ask('/admin/second-factor', HERE, { enrolmentCode })).json().data
  await ask('/admin/second-factor/confirmation', HERE, { code: codeOf(secret, stepNow()) })
  t.equal((await ask('/admin/users', HERE)).statusCode, 200)
  t.same(verdict(await ask('/admin/users', THERE)), [403, 'HUB_SECOND_FACTOR_REQUIRED'])
  t.equal((await ask('/admin/users', HERE)).statusCode, 200, 'whoever tried elsewhere ends nothing here')
  t.equal((await ask('/admin/session', THERE, { code: codeOf(secret, stepNow() + 1) })).statusCode, 201)
  t.same([(await ask('/admin/users', THERE)).statusCode, (await ask('/admin/users', HERE)).statusCode], [200, 403], 'one place at a time')
  await put(hub, { highRisk: { adminElsewhere: 'off', newDevice: 'off' } })
  t.equal((await ask('/admin/users', HERE)).statusCode, 200, 'where it is not asked for')
})

t.test('on a device that its user never trusted, services ask for his face, until he trusts it', async (t) => {
  const hub = await build(t, { declarations: [minimalConnector()] })
  const at = async (device: string | null, sid: string, face = false, person = 1) => {
    const claims = { sid, ...(device === null ? {} : { device_id: device, device_name: device }) }
    const authorization = `Bearer ${await hub.token({ person, face, claims })}`
    return async (url: string, method: 'GET' | 'PUT' | 'DELETE' = 'GET') => hub.app.inject({ url, method, headers: { authorization } })
  }
  const OWN = '/v1/demo/balance'
  const [first, second, nameless] = [await at('first', 'a'), await at('second', 'b'), await at(null, 'c')]
  for (const ask of [first, second, nameless]) t.equal((await ask(OWN)).statusCode, 200, 'as long as nothing is said of it')

  await put(hub, { highRisk: { adminElsewhere: 'off', newDevice: 'face' } })
  t.equal((await first(OWN)).statusCode, 200, 'the one in his hand')
  t.equal((await nameless(OWN)).statusCode, 200, 'the app does not say')
  const refused = await second(OWN)
  t.same(verdict(refused), [403, 'HUB_FACE_REQUIRED'])
  t.match(refused.json(), { detail: /没有信任过的设备/, stepUp: { method: 'face' } })
  t.equal((await second('/v1/me')).statusCode, 200, 'he sees who he is, and can trust it')
  const shown = await at('second', 'b', true)
  t.equal((await shown(OWN)).statusCode, 200, 'with his face')
  const { id } = (await second('/v1/me/devices')).json().data.find(({ name }: { name: string }) => name === 'second')
  t.same(verdict(await second(`/v1/me/devices/${id}/trust`, 'PUT')), [403, 'HUB_FACE_REQUIRED'])
  t.equal((await shown(`/v1/me/devices/${id}/trust`, 'PUT')).statusCode, 204)
  t.equal((await second(OWN)).statusCode, 200)

  const [own, thief] = [await at('own', 'd', false, 2), await at('thief', 'e', false, 2)]
  for (const ask of [own, thief]) await ask('/v1/me')
  const all = (await thief('/v1/me/devices')).json().data as { id: string; name: string }[]
  t.equal((await thief(`/v1/me/devices/${all.find(({ name }) => name === 'own')?.id}`, 'DELETE')).statusCode, 204)
  t.same(verdict(await thief(OWN)), [403, 'HUB_FACE_REQUIRED'], 'a strange one is not the first once the first is forgotten')
})

t.test('settings of before a rule came are read, and the rule is off', async (t) => {
  const hub = await build(t, { declarations })
  const { newDevice: _, ...before } = hub.app.security.now.settings.highRisk
  const content = JSON.stringify({ ...hub.app.security.now.settings, highRisk: before })
  await hub.app
    .database('security_settings')
    .insert({ version: 1, content, changed_by: userId(ADMIN), reason: purpose, changed_at: Date.now() })
  await hub.app.security.load()
  t.match(hub.app.security.now, { version: 1, settings: { highRisk: { newDevice: 'off' } } })
})
