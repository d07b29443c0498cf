import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import { enter, listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { addUser, call } from '../../../helper/identity.ts'
import { verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const [ACCOUNT, LOAN, DEPOSITS] = ['housing-fund.personal-account', 'housing-fund.loan-account', 'housing-fund.loan-contract'] as const
const INVALID = [400, 'HUB_VALIDATION']
const ADMIN = 1
const purpose = '例行调整'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [credit, housingFund] })
    const origin = await listen(hub)
    const keys = async (path: string, as: object = {}) =>
      (await call(hub, 'GET', `/v1/me/${path}`, as)).json().data.map(({ service }: { service: string }) => service)
    const put = (services: readonly string[], as: object = {}) => call(hub, 'PUT', '/v1/me/favourites', { ...as, body: { services } })

    t.test('favourites are the user’s own, in his order', async (t) => {
      t.same(await keys('favourites'), [])
      const said = await put([LOAN, ACCOUNT])
      t.match(said.json().data, [{ service: LOAN, address: '/hall/housing-fund/loan-account', online: true }, { service: ACCOUNT }])
      t.equal((await call(hub, 'PUT', `/v1/me/favourites/${DEPOSITS}`)).statusCode, 204)
      t.equal((await call(hub, 'PUT', `/v1/me/favourites/${LOAN}`)).statusCode, 204, 'twice is once')
      t.same(await keys('favourites'), [LOAN, ACCOUNT, DEPOSITS])
      t.equal((await call(hub, 'DELETE', `/v1/me/favourites/${LOAN}`)).statusCode, 204)
      t.same(await keys('favourites'), [ACCOUNT, DEPOSITS])
      t.same(await keys('favourites', { person: 2 }), [], 'and nobody else’s')
      const both = await Promise.all([put([LOAN]), put([LOAN, ACCOUNT])])
      t.same(
        both.map(({ statusCode }) => statusCode),
        [200, 200],
      )
      await put([ACCOUNT])
    })

    t.test('bad input is refused', async (t) => {
      t.same(verdict(await put(['housing-fund.nothing'])), INVALID)
      t.same(verdict(await put([ACCOUNT, ACCOUNT])), INVALID)
      t.same(verdict(await put([...hub.app.services.keys()].slice(0, 25))), INVALID, 'too many')
      t.same(verdict(await put(['javascript:alert(1)'])), INVALID)
      t.same(verdict(await call(hub, 'PUT', '/v1/me/favourites/housing-fund.nothing')), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await hub.app.inject('/v1/me/favourites')), [401, 'HUB_TOKEN_MISSING'])
      await put([...hub.app.services.keys()].slice(0, 24))
      const last = [...hub.app.services.keys()][24] ?? ''
      t.same(verdict(await call(hub, 'PUT', `/v1/me/favourites/${last}`)), INVALID, 'one too many')
      await put([...hub.app.services.keys()].slice(0, 23))
      const more = [...hub.app.services.keys()].slice(23, 27)
      const added = await Promise.all(more.map((key) => call(hub, 'PUT', `/v1/me/favourites/${key}`)))
      t.equal(added.filter(({ statusCode }) => statusCode === 204).length, 1, 'of several at once as many as there is room for')
      t.equal((await keys('favourites')).length, 24)
      await put([ACCOUNT])
    })

    t.test('what was used is found again, the last one first; what was refused is not', async (t) => {
      t.same(await keys('recent-services', { person: 4 }), [])
      const ask = (path: string, as: object = {}) => hub.get(`/v1/housing-fund/${path}`, { person: 4, ...as })
      t.equal((await ask('personal-account')).statusCode, 200)
      t.same(await keys('recent-services', { person: 4 }), [ACCOUNT])
      await new Promise((resolve) => setTimeout(resolve, 2))
      const loan = await ask('loan-account', { person: 1 })
      t.equal(loan.statusCode, 200)
      t.same((await ask('employer-account')).statusCode >= 400, true)
      await new Promise((resolve) => setTimeout(resolve, 2))
      await ask('personal-account', { person: 1 })
      t.same(await keys('recent-services'), [ACCOUNT, LOAN])
      t.same(await keys('recent-services', { person: 4 }), [ACCOUNT], 'to each his own')
      t.equal((await call(hub, 'DELETE', '/v1/me/recent-services', { person: 4 })).statusCode, 204)
      t.same(await keys('recent-services', { person: 4 }), [])
      await hub.app.database('recent_services').update({ used_at: 1 })
      t.same(await keys('recent-services'), [], 'after ninety days nobody knows')
      await hub.app.recents.purge()
      t.equal((await hub.app.database('recent_services')).length, 0)
    })

    t.test('whoever leaves leaves none of it', async (t) => {
      const id = await addUser(hub, 'leaver')
      const as = { claims: { sub: 'leaver' } }
      await put([ACCOUNT], as)
      hub.app.recents.note(id, LOAN)
      t.same(await keys('recent-services', as), [LOAN])
      await hub.app.deregister(id, crypto.randomUUID())
      for (const table of ['favourite_services', 'recent_services'])
        t.equal((await hub.app.database(table).where({ user_id: id })).length, 0, table)
    })

    t.test('in the hall: a button on each page, and both first on the front page', async (t) => {
      await put([])
      const stranger = await hub.app.inject('/hall')
      t.notMatch(stranger.body, /我的常用|最近使用/)
      t.same((await hub.app.inject({ method: 'POST', url: '/hall/housing-fund/loan-account/favourite' })).statusCode, 401)
      const mine = await enter(hub, origin)
      const page = await mine.open('/hall/housing-fund/loan-account')
      t.match(words(page), '☆ 收藏到首页')
      const starred = await send(mine, page, { do: 'on' }, { action: '/favourite' })
      t.same([starred.status, starred.location], [303, `${origin}/hall/housing-fund/loan-account`])
      const again = await mine.open('/hall/housing-fund/loan-account')
      t.match(words(again), '★ 已收藏，取消')
      t.equal((await hub.get('/v1/housing-fund/personal-account')).statusCode, 200)
      const front = words(await mine.open('/hall'))
      t.match(front, /我的常用.*个人住房贷款账户.*最近使用.*个人.*服务专区/)

      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const forged = await mine.open('/hall/housing-fund/loan-contract/favourite', { method: 'POST', headers, body: 'tie=forged&do=on' })
      t.equal(forged.status, 400, 'no other site presses it')
      t.same(await keys('favourites'), [LOAN])

      const body = { online: false, reason: '正在核对数据', purpose }
      await call(hub, 'PUT', `/admin/catalogue/services/${LOAN}`, { person: ADMIN, body })
      t.notMatch(words(await mine.open('/hall')), '我的常用', 'what is off line is on no front page')
      t.match((await call(hub, 'GET', '/v1/me/favourites')).json().data, [{ service: LOAN, online: false }])
      await call(hub, 'PUT', `/admin/catalogue/services/${LOAN}`, { person: ADMIN, body: { online: true, purpose } })
      await send(mine, again, { do: 'off' }, { action: '/favourite' })
      t.same(await keys('favourites'), [])
    })
  })
}
