import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import { enter, listen, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { call, inDays } from '../../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, AUDITOR] = [1, 3] as const
const purpose = '首页改版'
const [PENALTIES, REPORT] = ['credit.administrative-penalty-disclosure', 'credit.credit-report-download'] as const
const INVALID = [400, 'HUB_VALIDATION']
const CHANGED = [409, 'HUB_CHANGED_MEANWHILE']

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [credit] })
    const origin = await listen(hub)
    const admin = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object, more: object = {}) =>
      call(hub, method, `/admin/layouts${path}`, { person: ADMIN, ...(body ? { body: { purpose, ...body } } : {}), ...more })
    const save = (revision: number, cards: readonly object[], page = 'home') => admin('PUT', `/${page}`, { revision, name: '首页', cards })
    const app = async (as?: object) => (as ? call(hub, 'GET', '/v1/layouts/home', as) : hub.app.inject('/v1/layouts/home'))
    const components = async (as?: object) => (await app(as)).json().data.map(({ component }: { component: string }) => component)
    const fair = { component: 'services', title: '常办', items: [{ service: PENALTIES }, { service: REPORT, name: '信用报告' }] }
    const link = {
      component: 'services',
      style: 'wide',
      items: [{ name: '公众号', address: 'https://app.example/wechat', picture: 'https://app.example/w.png' }],
    }

    t.test('a draft, its preview, published, rolled back, taken away', async (t) => {
      t.same(verdict(await app()), [404, 'HUB_NO_RECORD'], 'nothing was published yet')
      t.match((await hub.app.inject('/hall')).body, '服务专区')
      const { traceId, headers } = trace()
      const saved = await admin('PUT', '/home', { revision: 0, name: ' 首页 ', cards: [{ component: 'search' }, fair, link] }, { headers })
      t.match(saved.json().data, { page: 'home', name: '首页', revision: 1, published: null, versions: [] })
      t.match(await auditOf(hub, traceId), [{ service: 'layouts.save', target: 'home', purpose }])
      const preview = (await admin('GET', '/home/preview', undefined, { person: AUDITOR })).json().data
      t.match(preview, [
        { component: 'search', items: [] },
        {
          title: '常办',
          style: 'grid',
          items: [{ service: PENALTIES, address: '/hall/credit/administrative-penalty-disclosure' }, { name: '信用报告' }],
        },
        { style: 'wide', items: [{ service: null, name: '公众号', icon: '公', picture: 'https://app.example/w.png' }] },
      ])
      t.same(verdict(await app()), [404, 'HUB_NO_RECORD'], 'a draft is shown to nobody')

      const both = await Promise.all([admin('POST', '/home/publish', { revision: 1 }), admin('POST', '/home/publish', { revision: 1 })])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 409], 'two at once: one does')
      t.same((await app()).json().data, preview)
      const front = words(await (await enter(hub, origin)).open('/hall'))
      t.match(front, /搜索.*常办.*信用报告.*公众号/)
      t.notMatch(front, '服务专区')

      t.same(verdict(await save(1, [fair])), CHANGED, 'whoever read an older one')
      t.equal((await save(2, [{ component: 'notice', text: '今晚升级' }])).statusCode, 200)
      t.same(await components(), ['search', 'services', 'services'], 'what is shown stays')
      t.equal((await admin('POST', '/home/publish', { revision: 3 })).statusCode, 200)
      t.same(await components(), ['notice'])
      t.same(verdict(await admin('POST', '/home/roll-back', { revision: 4, version: 9 })), [404, 'HUB_NO_RECORD'])
      const back = await admin('POST', '/home/roll-back', { revision: 4, version: 1 })
      t.match(back.json().data, {
        published: 3,
        revision: 5,
        versions: [{ number: 3, copyOf: 1 }, { number: 2, copyOf: null }, { number: 1 }],
      })
      t.same((await app()).json().data, preview)
      t.equal(back.json().data.draft.length, 3, 'and the draft goes on from there')

      t.match((await admin('POST', '/home/unpublish', { revision: 5 })).json().data, { published: null, revision: 6 })
      t.same(verdict(await app()), [404, 'HUB_NO_RECORD'])
      t.match((await hub.app.inject('/hall')).body, '服务专区')
      t.match((await admin('GET', '', undefined, { person: AUDITOR })).json().data, [{ page: 'home', published: null }])
      t.equal((await admin('POST', '/home/delete', {})).statusCode, 200)
      for (const path of ['/home/delete', '/home/publish'])
        t.same(verdict(await admin('POST', path, path.endsWith('delete') ? {} : { revision: 1 })), [404, 'HUB_NO_RECORD'])
    })

    t.test('who looks, when and how often decide what is shown, and where', async (t) => {
      const now = { name: '高考季', from: inDays(-1), to: inDays(1) }
      const cards = [
        { ...fair, order: 'frequency' },
        { component: 'notice', title: '企业', text: '年报时间', audiences: ['enterprise'] },
        { component: 'notice', title: '访客', text: '请登录', audiences: ['guest'] },
        { component: 'favourites' },
        { component: 'notice', text: '还没到', scene: { ...now, from: inDays(1), to: inDays(2) } },
        { component: 'services', scene: now, items: [{ service: REPORT }] },
      ]
      await save(0, cards)
      const buckets = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`bucket_${index}`, 0]))
      const called = {
        hour: 0,
        day: new Date().toISOString().slice(0, 10),
        clock: 9,
        connector: 'credit',
        service: REPORT.split('.')[1],
        app: '',
      }
      await hub.app.database('call_statistics').insert({ ...called, calls: 7, failed: 0, duration_ms: 7, ...buckets })
      await admin('POST', '/home/publish', { revision: 1 })
      const guest = (await app()).json().data
      t.same(
        guest.map(({ title }: { title: string | null }) => title),
        ['高考季', '常办', '访客'],
        'what is of this time stands first, under its own name',
      )
      t.same(
        guest[1].items.map(({ service }: { service: string }) => service),
        [REPORT, PENALTIES],
        'what is used more stands first',
      )
      t.same(await components({ person: 4 }), ['services', 'services'], 'what is empty is left out')
      await call(hub, 'PUT', '/v1/me/favourites', { person: 4, body: { services: [PENALTIES] } })
      t.same(await components({ person: 4 }), ['services', 'services', 'favourites'])
      t.same((await components({ enterprise: 1 })).filter((each: string) => each === 'notice').length, 1)
      const own = await app({ person: 4 })
      t.equal(own.headers['cache-control'], 'private, no-cache')
      const first = await app()
      const again = await hub.app.inject({ url: '/v1/layouts/home', headers: { 'if-none-match': String(first.headers.etag) } })
      t.equal(again.statusCode, 304)
      t.same(verdict(await hub.app.inject({ url: '/v1/layouts/home', headers: { authorization: 'Bearer forged' } })), [
        401,
        'HUB_TOKEN_INVALID',
      ])
      await call(hub, 'PUT', `/admin/catalogue/services/${PENALTIES}`, { body: { online: false, reason: '正在核对', purpose } })
      t.same((await app()).json().data[1].items.length, 1, 'what is off line is on no page')
      await call(hub, 'PUT', `/admin/catalogue/services/${PENALTIES}`, { body: { online: true, purpose } })
    })

    t.test('bad input is refused, and a script in a title stays words', async (t) => {
      for (const [what, card] of Object.entries({
        'a service that is none': { component: 'services', items: [{ service: 'credit.nothing' }] },
        'an address that runs': { component: 'services', items: [{ name: '点我', address: 'javascript:alert(1)' }] },
        'a picture that runs': { component: 'services', items: [{ service: PENALTIES, picture: 'javascript:alert(1)' }] },
        'an address of another site': { component: 'services', items: [{ name: '点我', address: '//app.example/' }] },
        'a link without a name': { component: 'services', items: [{ address: 'https://app.example/' }] },
        'no items': { component: 'services' },
        'items that nobody shows': { component: 'zones', items: [{ service: PENALTIES }] },
        'a notice without a word': { component: 'notice' },
        'a scene that ends before it begins': { component: 'search', scene: { name: '节', from: inDays(2), to: inDays(1) } },
        'a component that is none': { component: 'iframe' },
        'a long title': { component: 'search', title: '长'.repeat(21) },
        'a stranger': { component: 'search', html: '<b>' },
      }))
        t.same(verdict(await save(2, [card])), INVALID, what)
      t.same(
        verdict(
          await save(
            2,
            Array.from({ length: 31 }, () => ({ component: 'search' })),
          ),
        ),
        INVALID,
        'too many',
      )
      t.same(verdict(await save(0, [], 'No_Page')), INVALID)
      const script = '<script>a</script>'
      await save(2, [
        { component: 'notice', title: script, text: script },
        { ...fair, title: script, items: [{ service: PENALTIES, name: script }] },
      ])
      await admin('POST', '/home/publish', { revision: 3 })
      t.notMatch((await hub.app.inject('/hall')).body, script)
      t.match(words(await (await enter(hub, origin)).open('/hall')), script)
    })
  })
}
