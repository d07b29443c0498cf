import t from 'tap'
import credit from '../../../connectors/credit/index.ts'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { createBrowser } from '../../helper/browser.ts'
import { enter, listen, send, words } from '../../helper/hall.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { addUser, call } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, AUDITOR] = [1, 3] as const
const purpose = '例行调整'
const PENALTIES = 'credit.administrative-penalty-disclosure'
const REPORT = 'credit.credit-report-download'
const APPEAL = 'credit.objection-appeal'
const SCRIPT = '<script>alert(1)</script>'

interface Listed {
  id: string
  services: { service: string; name: string; card: { name: string; [more: string]: unknown }; mine?: object }[]
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const options = { store: created.settings, declarations: [credit, housingFund] }
    const [hub, other] = [await build(t, options), await build(t, options)]
    const origin = await listen(hub)

    const put = (service: string, body: object, more: object = {}) =>
      call(hub, 'PUT', `/admin/catalogue/services/${service}`, { person: ADMIN, body: { online: true, purpose, ...body }, ...more })
    const add = (body: object) => call(hub, 'POST', '/admin/catalogue/categories', { person: ADMIN, body: { purpose, ...body } })
    const offline = (service: string) => put(service, { online: false, reason: '正在核对数据' })
    const catalog = async (query = '', from: Hub = hub): Promise<Listed[]> => (await from.app.inject(`/v1/catalog${query}`)).json().data
    const keys = (listed: Listed[]) => listed.flatMap(({ id, services }) => services.map(({ service }) => `${id}.${service}`))
    const entry = async (key: string, from: Hub = hub) =>
      (await catalog('', from)).flatMap(({ id, services }) => services.filter(({ service }) => `${id}.${service}` === key))[0]

    t.test('categories: added, listed in their order, changed, deleted, on record', async (t) => {
      const { traceId, headers } = trace()
      const made = await call(hub, 'POST', '/admin/catalogue/categories', {
        headers,
        body: { view: 'topic', name: ' 信用 ', icon: '信', weight: 5, purpose },
      })
      t.equal(made.statusCode, 201)
      const { id } = made.json().data
      t.match(made.json().data, { view: 'topic', name: '信用', icon: '信', weight: 5, shown: true, services: 0 })
      t.match(await auditOf(hub, traceId), [{ service: 'catalogue.categories.add', outcome: 'ok', purpose }])
      const hot = (await add({ view: 'hot', name: '查信用' })).json().data.id
      const heavy = (await add({ view: 'topic', name: '大件', weight: 9 })).json().data.id
      const list = async (from = hub) => (await call(from, 'GET', '/admin/catalogue/categories', { person: AUDITOR })).json().data
      t.same(
        (await list()).map((each: { id: string }) => each.id),
        [hot, heavy, id],
      )
      t.same(await list(other), await list(), 'whoever administers sees what is in the store')
      const change = (body: object) => call(hub, 'PATCH', `/admin/catalogue/categories/${heavy}`, { body: { purpose, ...body } })
      t.match((await change({ name: '轻件', weight: -1, shown: false })).json().data, { name: '轻件', weight: -1, shown: false })
      t.match((await hub.app.inject('/v1/catalog')).json().meta.categories, [
        { id: hot, view: { code: 'hot', name: '民生热点' } },
        { id, view: { code: 'topic', name: '办事主题' }, name: '信用', icon: '信' },
      ])
      const away = () => call(hub, 'POST', `/admin/catalogue/categories/${heavy}/delete`, { body: { purpose } })
      t.equal((await put(PENALTIES, { categories: [heavy, id] })).statusCode, 200)
      t.same((await entry(PENALTIES))?.card['categories'], [id], 'a hidden one is told to nobody')
      t.equal((await away()).statusCode, 200)
      t.same(verdict(await away()), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await change({ weight: 1 })), [404, 'HUB_NO_RECORD'])
      t.match((await list()).at(-1), { id, services: 1 }, 'its services stay in their other category')
      await put(PENALTIES, {})
    })

    t.test('a service is shown as administrators say; what they leave out is as declared', async (t) => {
      const before = await entry(PENALTIES)
      const [{ id: topic = '' } = {}] = (await hub.app.inject('/v1/catalog')).json().meta.categories.slice(-1)
      const body = {
        ...{ name: '罚单查询', icon: '罚', address: 'https://app.example/fines', permissions: ['location'], regions: ['411002'] },
        ...{ weight: 7, categories: [topic], recommended: false },
      }
      const { traceId, headers } = trace()
      const done = await put(PENALTIES, body, { headers })
      t.match(done.json().data, { service: PENALTIES, declared: { name: before?.name }, ...body, online: true, reason: null })
      t.match(await auditOf(hub, traceId), [{ service: 'catalogue.services.put', target: PENALTIES, purpose }])
      const shown = await entry(PENALTIES)
      t.equal(shown?.name, before?.name, 'the declared name stays beside it')
      t.match(shown?.card, { ...body, regions: [{ code: '411002', name: '魏都区' }], permissions: ['location'] })
      t.same((await entry(REPORT))?.card['permissions'], ['login'], 'what asks who one is needs a log-in')
      t.equal((await catalog())[0]?.services[0]?.service, PENALTIES.split('.')[1], 'the heavier stands first')

      t.same(keys(await catalog(`?category=${topic}`)), [PENALTIES])
      t.ok(keys(await catalog('?region=411002')).includes(PENALTIES))
      t.notOk(keys(await catalog('?region=411081')).includes(PENALTIES))
      t.ok(keys(await catalog('?region=411081')).includes(REPORT), 'what is for the whole city is for each part of it')
      t.equal(keys(await catalog(`?q=${encodeURIComponent('罚单')}`))[0], PENALTIES)
      t.equal(keys(await catalog('?q=fdcx'))[0], PENALTIES, 'by the initials of its name')
      t.same([...new Set((await catalog(`?zone=${encodeURIComponent('公积金')}`)).map(({ id }) => id))], ['housing-fund'])
      const page = await createBrowser({ [origin]: origin }).open('/hall/zones/credit')
      t.match(page.text, '<a href="https://app.example/fines"><i aria-hidden="true">罚</i>罚单查询')

      const listed = await call(hub, 'GET', '/admin/catalogue/services?connector=credit&pageSize=100', { person: AUDITOR })
      t.match(
        listed.json().data.find(({ service }: { service: string }) => service === PENALTIES),
        body,
      )
      t.equal(listed.json().meta.page.total, credit.services.length)
      await put(PENALTIES, {})
      t.same(await entry(PENALTIES), before, 'and as declared again')
    })

    t.test('off line, a service begins nothing within five seconds in every process, and is listed nowhere', async (t) => {
      const ask = (from: Hub) => from.app.inject(`/v1/credit/${PENALTIES.split('.')[1]}`)
      t.equal((await ask(other)).statusCode, 200)
      t.equal((await offline(PENALTIES)).statusCode, 200)
      const refused = await ask(hub)
      t.same(verdict(refused), [403, 'HUB_SERVICE_NOT_OPEN'], 'at once here')
      t.match(refused.json().detail, /已下线：正在核对数据/)
      t.ok((await heededAfter(async () => (await ask(other)).statusCode === 200)) < 5000)
      t.ok((await heededAfter(async () => keys(await catalog('', other)).includes(PENALTIES))) < 5000)
      t.same(
        keys(await catalog(`?q=${encodeURIComponent('行政处罚公示')}`)).filter((key) => key === PENALTIES),
        [],
      )
      t.same(
        (await call(hub, 'GET', '/admin/catalogue/services?online=false')).json().data.map(({ service }: { service: string }) => service),
        [PENALTIES],
      )
      const browser = createBrowser({ [origin]: origin })
      t.notMatch(words(await browser.open('/hall/zones/credit')), '行政处罚公示')
      t.notMatch(words(await browser.open(`/hall/search?q=${encodeURIComponent('行政处罚公示')}`)), /行政处罚公示 /)
      const page = await browser.open('/hall/credit/administrative-penalty-disclosure')
      t.equal(page.status, 403)
      t.match(words(page), /已下线：正在核对数据/)
      await put(PENALTIES, {})
      t.equal((await ask(hub)).statusCode, 200)
      t.ok((await heededAfter(async () => (await ask(other)).statusCode !== 200)) < 5000)
    })

    t.test('what was filed before can still be looked at', async (t) => {
      await offline(APPEAL)
      t.equal((await hub.get('/v1/credit/objection-appeal')).statusCode, 200, 'the list of one’s own')
      const filing = await hub.post('/v1/credit/objection-appeal', { headers: { 'idempotency-key': crypto.randomUUID() }, body: {} })
      t.same(verdict(filing), [403, 'HUB_SERVICE_NOT_OPEN'])
      const services = (await hub.get('/v1/me/services')).json().data.map((each: { id: string }) => JSON.stringify(each))
      t.notOk(services.some((each: string) => each.includes('objection-appeal')))
      const mine = await enter(hub, origin)
      t.equal((await mine.open(`/hall/credit/objection-appeal/${crypto.randomUUID()}`)).status, 404, 'as ever, not “off line”')
      await put(APPEAL, {})
    })

    t.test('a jump that was begun leads nowhere while its service is off line', async (t) => {
      const mine = await enter(hub, origin)
      const begun = await send(mine, await mine.open('/hall/credit/xinyi-loan'), {})
      const opened = await mine.open(begun.location ?? '')
      const asked = opened.location === null ? opened : await mine.open(opened.location)
      const [, seal = ''] = /name="seal" value="([^"]*)"/.exec(asked.text) ?? []
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const agree = () =>
        mine.open('/go/credit/xinyi-loan', { method: 'POST', headers, body: new URLSearchParams({ seal, decision: 'allow' }) })
      await offline('credit.xinyi-loan')
      const refused = await agree()
      t.equal(refused.status, 403)
      t.match(words(refused), /已下线：正在核对数据/)
      await put('credit.xinyi-loan', {})
      t.equal((await agree()).status, 200)
    })

    t.test('nobody subscribes to what is off line', async (t) => {
      const body = { connector: 'housing-fund', service: 'loan-account', subscription: 'repayment-reminder', daysBefore: 3 }
      await offline('housing-fund.loan-account')
      t.same(verdict(await hub.post('/v1/me/subscriptions', { body })), [403, 'HUB_SERVICE_NOT_OPEN'])
      await put('housing-fund.loan-account', {})
      t.not(verdict(await hub.post('/v1/me/subscriptions', { body }))[1], 'HUB_SERVICE_NOT_OPEN')
    })

    t.test('whoever asks with a token is told what he may use, and others are not', async (t) => {
      const of = async (as: object) => {
        const response = await call(hub, 'GET', '/v1/catalog', as)
        const rows = (response.json().data as Listed[]).flatMap(({ services }) => services)
        return { response, mine: new Map(rows.map(({ service, mine }) => [service, mine])) }
      }
      const known = await of({ person: 1 })
      t.equal(known.response.headers['cache-control'], 'private, no-cache')
      t.same(known.mine.get('personal-account'), { usable: true, needs: null, account: null })
      t.same(known.mine.get('employer-account'), { usable: false, needs: 'mandate', account: null })
      await addUser(hub, 'newcomer')
      const newcomer = await of({ claims: { sub: 'newcomer' } })
      t.match(newcomer.mine.get('personal-account'), { usable: false, needs: 'real-name' })
      t.match(newcomer.mine.get('administrative-penalty-disclosure'), { usable: true, needs: null })
      await call(hub, 'PUT', '/admin/service-access/housing-fund', { body: { kinds: ['test'], purpose } })
      t.same((await of({ person: 1 })).mine.get('personal-account'), { usable: false, needs: null, account: null }, 'not open to his kind')
      await call(hub, 'PUT', '/admin/service-access/housing-fund', { body: { kinds: [], purpose } })
      t.notOk((await entry(PENALTIES))?.mine)
      const forged = await hub.app.inject({ url: '/v1/catalog', headers: { authorization: 'Bearer forged' } })
      t.same(verdict(forged), [401, 'HUB_TOKEN_INVALID'])
    })

    t.test('what has not changed is not sent again', async (t) => {
      const ask = (etag?: string) => hub.app.inject({ url: '/v1/catalog', headers: etag === undefined ? {} : { 'if-none-match': etag } })
      const first = await ask()
      t.match(first.headers, { 'content-type': /json/, 'cache-control': 'no-cache', vary: /authorization/ })
      const tag = String(first.headers.etag)
      const again = await ask(tag)
      t.same([again.statusCode, again.body], [304, ''])
      const own = await hub.get('/v1/catalog')
      t.not(own.headers.etag, tag)
      t.equal((await hub.get('/v1/catalog', { headers: { 'if-none-match': String(own.headers.etag) } })).statusCode, 304)
      await put(REPORT, { weight: 3 })
      t.equal((await ask(tag)).statusCode, 200)
      await put(REPORT, {})
      t.equal((await ask(tag)).statusCode, 304)
    })

    t.test('bad input is refused, and a script in a name stays words', async (t) => {
      const invalid = [400, 'HUB_VALIDATION']
      for (const [what, body] of Object.entries({
        'a category that is none': { categories: [crypto.randomUUID()] },
        'a division of elsewhere': { regions: ['110000'] },
        'a permission nobody has': { permissions: ['microphone'] },
        'an address that runs': { address: 'javascript:alert(1)' },
        'an address without TLS': { address: 'http://app.example/' },
        'an address of another site': { address: '//app.example/' },
        'an address with a quote': { address: '/hall"onclick=x' },
        'a picture that runs': { icon: 'javascript:alert(1)' },
        'an empty name': { name: ' ' },
        'a long name': { name: '长'.repeat(41) },
        'off line without a word': { online: false },
        'off line with a null': { online: false, reason: null },
        'a heavy weight': { weight: 1e9 },
        'a stranger': { nonsense: 1 },
      }))
        t.same(verdict(await put(PENALTIES, body)), invalid, what)
      t.same(verdict(await put('credit.nothing', {})), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await add({ view: 'season', name: '春天' })), invalid)
      t.same(verdict(await add({ view: 'audience', name: '  ' })), invalid)
      t.equal((await add({ view: 'audience', name: '老人' })).statusCode, 201)
      t.same(verdict(await add({ view: 'audience', name: '老人' })), invalid, 'twice')
      const third = (await add({ view: 'audience', name: '学生' })).json().data.id
      const renamed = await call(hub, 'PATCH', `/admin/catalogue/categories/${third}`, { body: { name: '老人', purpose } })
      t.same(verdict(renamed), invalid, 'to a name there is')
      t.equal((await add({ view: 'topic', name: '老人' })).statusCode, 201, 'in another view')
      for (const query of ['category=none', 'zone=none', 'region=110000', 'region=__proto_', 'nonsense=1', `q=${'x'.repeat(101)}`])
        t.same(verdict(await hub.app.inject(`/v1/catalog?${query}`)), invalid, query)
      t.same(keys(await catalog(`?q=${encodeURIComponent('鑫鑫鑫zzzz')}`)), [])

      await put(PENALTIES, { name: SCRIPT })
      t.equal((await entry(PENALTIES))?.card.name, SCRIPT)
      for (const path of ['/hall', '/hall/zones/credit', '/hall/credit/administrative-penalty-disclosure'])
        t.notMatch((await createBrowser({ [origin]: origin }).open(path)).text, SCRIPT, path)
      await put(PENALTIES, { name: SCRIPT, online: false, reason: SCRIPT })
      const page = await createBrowser({ [origin]: origin }).open('/hall/credit/administrative-penalty-disclosure')
      t.equal(page.status, 403)
      t.notMatch(page.text, SCRIPT)
    })
  })
}
