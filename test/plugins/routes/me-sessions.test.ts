import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const PHONE = 'Mozilla/5.0 (Linux; Android 14; HUAWEI NOH-AN00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36'

interface Shown {
  id: string
  kind: string
  state: string
  current: boolean
  device: { id: string | null; name: string | null; trusted: boolean }
  [more: string]: unknown
}

/** Somebody with one token, as apps have it. */
async function holder(hub: Hub, person: number, claims: Record<string, unknown>, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await hub.token({ person, claims })}`
  const call = (method: 'GET' | 'DELETE' | 'PUT' | 'POST', url: string, body?: object) =>
    hub.app.inject({ method, url, headers: { authorization, ...headers }, ...(body ? { payload: body } : {}) })
  return {
    call,
    status: async () => (await call('GET', '/v1/me')).statusCode,
    list: async (query = '') => (await call('GET', `/v1/me/sessions${query}`)).json().data as Shown[],
    devices: async () => (await call('GET', '/v1/me/devices')).json().data as { id: string; name: string; trusted: boolean }[],
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await site(t, { target, messagesPace: { sweepMs: NEVER } })
    const other = await build(t, {
      store: { DATA_DIR: hub.app.settings.DATA_DIR, DATABASE_URL: hub.app.settings.DATABASE_URL, REDIS_URL: hub.app.settings.REDIS_URL },
      declarations: [housingFund],
      messagesPace: { sweepMs: NEVER },
    })

    t.test('tokens of one log-in are one, with the device that they name; another is its own', async (t) => {
      const device = { device_id: 'a', device_name: '我的手机' }
      const phone = await holder(hub, 1, { sid: 'phone', ...device }, { 'user-agent': PHONE })
      const renewed = await holder(hub, 1, { sid: 'phone', ...device })
      const desk = await holder(hub, 1, { sid: 'desk', auth_time: Math.floor(Date.now() / 1000) })
      for (const each of [phone, renewed, desk]) t.equal(await each.status(), 200)
      const rows = await phone.list()
      t.same([rows.length, rows.filter(({ current }) => current).length], [2, 1])
      t.match(
        rows.find(({ current }) => current),
        { kind: 'app', state: 'present', address: '127.0.0.1', addressName: '服务器本机', application: { id: 'sandbox-app' } },
      )
      t.match(rows.find(({ current }) => current)?.device, { id: /^[0-9a-f-]{36}$/, name: '我的手机', trusted: false })
      t.match(
        rows.find(({ current }) => !current),
        { device: { id: null, name: null }, method: '应用登录' },
      )
      const page = (await phone.call('GET', '/v1/me/sessions?pageSize=1&page=2')).json()
      t.same([page.data.length, page.meta.page.total], [1, 2])
      const sealed = await hub.app.database('log_ins').whereNotNull('address_sealed').first('address_sealed')
      t.notMatch(sealed?.address_sealed, '127.0.0.1')
    })

    t.test('an operator ends one log-in of a user, or all of them, and not his own', async (t) => {
      const [phone, desk] = [await holder(hub, 5, { sid: 'phone' }), await holder(hub, 5, { sid: 'desk' })]
      for (const each of [phone, desk]) t.equal(await each.status(), 200)
      const [row] = (await phone.list()).filter(({ current }) => current)
      const end = (path: string, person = 2) =>
        call(hub, 'POST', `/admin/users/${userId(5)}/sessions${path}`, { person, body: { purpose: '用户报失手机' } })
      t.match((await end(`/${row?.id}/end`)).json(), { data: { ended: 1 } })
      t.same([await phone.status(), await desk.status()], [401, 200])
      t.match(await desk.list('?state=ended'), [{ id: row?.id, endedHow: '运营人员结束' }])
      t.equal((await end(`/${row?.id}/end`)).json().code, 'HUB_NO_RECORD', 'once')
      t.equal((await end('/end')).json().data.ended, 1)
      t.equal(await desk.status(), 401)
      const own = await call(hub, 'POST', `/admin/users/${userId(2)}/sessions/end`, { person: 2, body: { purpose: '自己的' } })
      t.equal(own.json().code, 'HUB_ROLE_REQUIRED')
    })

    t.test('ended, it is refused in this process at once, in the others within two seconds, renewed and exchanged too', async (t) => {
      const phone = await holder(hub, 2, { sid: 'phone' })
      const thief = await holder(hub, 2, { sid: 'thief' })
      const elsewhere = await holder(other, 2, { sid: 'thief' })
      for (const each of [phone, thief, elsewhere]) t.equal(await each.status(), 200)
      const [row] = (await phone.list()).filter(({ current }) => !current)
      t.equal((await phone.call('DELETE', `/v1/me/sessions/${row?.id}`)).statusCode, 204)
      t.equal(await thief.status(), 401)
      t.equal(await (await holder(hub, 2, { sid: 'thief', device_id: 'new' })).status(), 401, 'renewed')
      const answer = await thief.call('GET', '/v1/me')
      t.match(answer.json(), { code: 'HUB_TOKEN_INVALID', detail: /已经结束/ })
      // What it remembers of the user it forgets by itself; here at once, so that nobody waits.
      other.app.users.forget('5a000000-0000-4000-8000-000000000002')
      t.equal(await elsewhere.status(), 401)
      t.equal(await phone.status(), 200)
      t.match(await phone.list('?state=ended'), [{ id: row?.id, state: 'ended', endedHow: '本人结束', current: false }])
      t.equal((await phone.call('DELETE', `/v1/me/sessions/${row?.id}`)).statusCode, 404, 'once')
      const foreign = (await (await holder(hub, 3, { sid: 'x' })).list())[0]
      t.equal((await phone.call('DELETE', `/v1/me/sessions/${foreign?.id}`)).statusCode, 404, 'somebody else’s')
      t.equal(await (await holder(hub, 3, { sid: 'x' })).status(), 200)
      t.equal((await phone.call('DELETE', '/v1/me/sessions/x')).statusCode, 400)
    })

    t.test('a browser is one too: its session ends with it, and a visit with the log-in of the app', async (t) => {
      const { browser } = await hub.signOn({ person: 3 })
      const app = await holder(hub, 3, { sid: 'app' })
      const [row] = (await app.list()).filter(({ kind }) => kind === 'browser')
      t.match(row, { state: 'present', method: '统一登录', device: { name: /./ } })
      const { code } = await hub.app.visits.handOver(
        { name: 'hall', path: '/hall' },
        String(userIdOf(3)),
        '-',
        String(await currentOf(app)),
      )
      t.equal((await app.call('DELETE', `/v1/me/sessions/${row?.id}`)).statusCode, 204)
      t.equal(await hub.readSession(browser), null)
      t.equal((await app.call('DELETE', `/v1/me/sessions/${await currentOf(app)}`)).statusCode, 204)
      t.equal(await app.status(), 401)
      t.equal((await hub.browser().open(`/hall/open?code=${code}`)).status, 410)
    })

    t.test('what a process remembers of its user outlives no log-in', async (t) => {
      const [mine, elsewhere] = [await holder(hub, 5, { sid: 'mine' }), await holder(other, 5, { sid: 'elsewhere' })]
      t.same([await mine.status(), await elsewhere.status()], [200, 200])
      const ended = String(await currentOf(elsewhere))
      t.equal((await mine.call('DELETE', '/v1/me/sessions?others=true')).statusCode, 200)
      const unseen = await holder(other, 5, { sid: 'never seen', iat: Math.floor(Date.now() / 1000) - 60 })
      t.equal(await unseen.status(), 401, 'one that is first seen where the user is still remembered')
      other.app.users.forget(userIdOf(5))
      t.equal(await unseen.status(), 401, 'nor later')
      const { code } = await other.app.visits.handOver({ name: 'hall', path: '/hall' }, userIdOf(5), '-', ended)
      t.equal((await hub.browser().open(`/hall/open?code=${code}`)).status, 410, 'a visit that it handed over after its end')
    })

    t.test('all others end and this one stays; all end, those that the hub never saw as well', async (t) => {
      const [one, two] = [await holder(hub, 4, { sid: 'one' }), await holder(hub, 4, { sid: 'two' })]
      const unseen = await holder(hub, 4, { sid: 'unseen', iat: Math.floor(Date.now() / 1000) - 60 })
      t.same([await one.status(), await two.status()], [200, 200])
      t.match((await one.call('DELETE', '/v1/me/sessions?others=true')).json(), { data: { ended: 1 } })
      t.same([await one.status(), await two.status(), await unseen.status()], [200, 401, 401])
      t.match((await one.call('DELETE', '/v1/me/sessions')).json(), { data: { ended: 1 } })
      t.equal(await one.status(), 401)
    })

    t.test('devices: a new one is told, trust takes a face, what is forgotten ends and is new again', async (t) => {
      const first = await holder(hub, 5, { sid: 'first', device_id: 'first' })
      await first.status()
      const told = async () => {
        await hub.app.messages.settle()
        const { data } = (await first.call('GET', '/v1/me/messages?kind=account')).json()
        return (data as { title: string }[]).filter(({ title }) => title.startsWith('新设备'))
      }
      t.equal((await told()).length, 0, 'the first one is in his hand')
      const second = await holder(hub, 5, { sid: 'second', device_id: 'second', device_name: '平板' })
      await second.status()
      const [device] = (await first.devices()).filter(({ name }) => name === '平板')
      t.match(await told(), [{ about: device?.id }])
      const faceless = await holder(hub, 5, { sid: 'first', face_verified_at: undefined, face_verification_id: undefined })
      t.equal((await faceless.call('PUT', `/v1/me/devices/${device?.id}/trust`)).json().code, 'HUB_FACE_REQUIRED')
      t.equal((await first.call('PUT', `/v1/me/devices/${device?.id}/trust`)).statusCode, 204)
      t.match(
        (await second.list()).find(({ current }) => current),
        { device: { name: '平板', trusted: true } },
      )
      const stranger = await holder(hub, 6, { sid: 'x' })
      t.equal((await stranger.call('PUT', `/v1/me/devices/${device?.id}/trust`)).statusCode, 404)
      t.equal((await stranger.call('DELETE', `/v1/me/devices/${device?.id}`)).statusCode, 404)
      t.equal((await first.call('DELETE', `/v1/me/devices/${device?.id}`)).statusCode, 204)
      t.equal(await second.status(), 401)
      t.same((await first.devices()).map(({ id }) => id).includes(String(device?.id)), false)
    })

    t.test('what was last seen long ago is cleared away, what lasts is not', async (t) => {
      const { database, logIns } = hub.app
      const long = Date.now() - 200 * 86_400_000
      await database('log_ins').update({ seen_at: long })
      const [kept] = await database('log_ins').where('expires_at', '>', Date.now()).whereNull('ended_at').pluck('id')
      await database('log_ins').whereNotNull('ended_at').update({ ended_at: long, expires_at: long })
      await logIns.purge(Date.now() - 180 * 86_400_000)
      t.ok(await logIns.find(String(kept)))
      t.same(await database('log_ins').whereNotNull('ended_at'), [])
    })
  })
}

const userIdOf = (person: number) => `5a000000-0000-4000-8000-00000000000${person}`

async function currentOf({ list }: Awaited<ReturnType<typeof holder>>): Promise<string | undefined> {
  return (await list()).find(({ current }) => current)?.id
}
