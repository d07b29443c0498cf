import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import { platformAbilities } from '../../../../plugins/catalogue/capabilities/platform.ts'
import { recordReleases } from '../../../../plugins/catalogue/capabilities/releases.ts'
import { operationsOf } from '../../../../plugins/openapi/types.ts'
import { createBrowser } from '../../../helper/browser.ts'
import { listen, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { call, inDays, userId } from '../../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, AUDITOR, NOBODY] = [1, 3, 5] as const
const purpose = '整理能力目录'
const PENALTIES = 'credit.administrative-penalty-disclosure'
const PENALTIES_PATH = '/v1/credit/administrative-penalty-disclosure'
const REPORT = 'credit.credit-report-download'
const INVALID = [400, 'HUB_VALIDATION']

interface Listed {
  id: string
  name: string
  [more: string]: unknown
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    let ahead = 0
    const catalogueClock = { now: () => Date.now() + ahead }
    const hub = await build(t, { store: created.settings, declarations: [credit], catalogueClock })
    const origin = await listen(hub)

    const admin = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, person: number = ADMIN) =>
      call(hub, method, `/admin/${path}`, { person, ...(body ? { body: { purpose, ...body } } : {}) })
    const list = async (query = ''): Promise<Listed[]> => (await hub.app.inject(`/v1/capabilities?${query}`)).json().data
    const ids = async (query = '') => (await list(`pageSize=100&${query}`)).map(({ id }) => id)
    const groupNamed = async (name: string) =>
      (await admin('GET', 'capability-groups')).json().data.find((group: { name: string }) => group.name === name)
    const addGroup = async (body: object) => (await admin('POST', 'capability-groups', body)).json().data

    t.test('every service and every ability of the platform is one, by itself', async (t) => {
      const all = await ids()
      t.same([...all].sort(), [...[...hub.app.services.keys()], ...platformAbilities.map(({ id }) => id)].sort())
      const [one] = (await list('q=xzcfgs')).filter(({ id }) => id === PENALTIES)
      t.match(one, {
        ...{ type: 'service', kind: 'list', version: '1.0.0', owner: null, permission: '公开', operations: [PENALTIES] },
        path: '/v1/credit/administrative-penalty-disclosure',
      })
      const single = await hub.app.inject(`/v1/capabilities/${REPORT}`)
      t.match(single.json().data, { id: REPORT, permission: /访问令牌/, rate: /每 \d+ 秒 \d+ 次/ })
      t.ok(single.json().data.inputs.length + single.json().data.fields.length > 0)
      t.same(verdict(await hub.app.inject('/v1/capabilities/credit.nothing')), [404, 'HUB_NO_RECORD'])
      const documents = (await hub.app.inject('/openapi.json')).json()
      const known = new Set(operationsOf(documents).map(({ operation }) => operation.operationId))
      for (const { id, operations } of platformAbilities) for (const each of operations) t.ok(known.has(each), `${id}: ${each}`)
    })

    t.test('the contract’s groups are there: six, four and two', async (t) => {
      const { meta } = (await hub.app.inject('/v1/capabilities')).json()
      t.same(
        meta.groups.map(({ name }: { name: string }) => name),
        ['身份认证', '开发工具包', '消息服务'],
      )
      const sizes = await Promise.all(meta.groups.map(async ({ id }: { id: string }) => (await ids(`group=${id}`)).length))
      t.same(sizes, [6, 4, 2])
    })

    t.test('groups in levels: made, moved, bound, unbound, hidden, deleted, on record', async (t) => {
      const { traceId, headers } = trace()
      const top = (
        await call(hub, 'POST', '/admin/capability-groups', {
          headers,
          body: { name: ' 信用 ', tags: ['政务专属服务'], weight: 9, purpose },
        })
      ).json().data
      t.match(top, { name: '信用', parent: null, level: 1, revision: 1, tags: ['政务专属服务'], members: [] })
      t.match(await auditOf(hub, traceId), [{ service: 'capability-groups.add', outcome: 'ok', target: top.id, purpose }])
      const below = await addGroup({ name: '处罚', parent: top.id })
      t.equal(below.level, 2)
      const bound = await admin('POST', `capability-groups/${below.id}/bind`, { capabilities: [PENALTIES, REPORT] })
      t.same(bound.json().data.members, [PENALTIES, REPORT])
      t.equal((await admin('POST', `capability-groups/${below.id}/bind`, { capabilities: [REPORT] })).statusCode, 200, 'twice is once')
      t.same(await ids(`group=${top.id}`), [PENALTIES, REPORT], 'what stands below stands in it')
      t.same(await ids(`tag=${encodeURIComponent('政务专属服务')}&type=platform`), [])
      await admin('POST', `capability-groups/${below.id}/unbind`, { capabilities: [REPORT] })
      t.same(await ids(`group=${top.id}`), [PENALTIES])

      const hidden = await admin('PATCH', `capability-groups/${top.id}`, { revision: 1, shown: false })
      t.match(hidden.json().data, { shown: false, revision: 2 })
      t.same(verdict(await hub.app.inject(`/v1/capabilities?group=${below.id}`)), INVALID, 'below what is hidden nothing is shown')
      t.same(verdict(await admin('POST', `capability-groups/${top.id}/delete`, {})), INVALID, 'others lie in it')
      t.equal((await admin('PATCH', `capability-groups/${below.id}`, { revision: 1, parent: null })).json().data.level, 1)
      t.equal((await admin('POST', `capability-groups/${top.id}/delete`, {})).statusCode, 200)
      t.same(verdict(await admin('POST', `capability-groups/${top.id}/delete`, {})), [404, 'HUB_NO_RECORD'])
      t.same(await ids(`group=${below.id}`), [PENALTIES])
      await admin('POST', `capability-groups/${below.id}/delete`, {})
    })

    t.test('no circle, not too deep, no name twice, nothing that is not there', async (t) => {
      const chain = [await addGroup({ name: '一级' })]
      for (const name of ['二级', '三级', '四级', '五级']) chain.push(await addGroup({ name, parent: chain.at(-1).id }))
      const move = (at: number, parent: string, revision = 1) => admin('PATCH', `capability-groups/${chain[at].id}`, { revision, parent })
      t.same(verdict(await admin('POST', 'capability-groups', { name: '六级', parent: chain[4].id })), INVALID)
      t.same(verdict(await move(0, chain[0].id)), INVALID, 'into itself')
      t.same(verdict(await move(0, chain[3].id)), INVALID, 'into what lies below it')
      const beside = await addGroup({ name: '旁支' })
      t.same(verdict(await move(0, beside.id)), INVALID, 'what lies below it would lie too deep')
      t.same(verdict(await move(1, crypto.randomUUID())), INVALID)
      t.same(verdict(await admin('POST', 'capability-groups', { name: '旁支' })), INVALID)
      const [one, two] = [await addGroup({ name: '甲组' }), await addGroup({ name: '乙组' })]
      const into = (a: { id: string }, b: { id: string }) => admin('PATCH', `capability-groups/${a.id}`, { revision: 1, parent: b.id })
      const both = await Promise.all([into(one, two), into(two, one)])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 400], 'two that are moved into each other at once')
      for (const [what, body] of Object.entries({
        'a long name': { name: '长'.repeat(21) },
        'an empty one': { name: ' ' },
        'a long tag': { name: '标', tags: ['长'.repeat(13)] },
        'a tag twice': { name: '标', tags: ['新', '新'] },
        'a stranger': { name: '标', nonsense: 1 },
      }))
        t.same(verdict(await admin('POST', 'capability-groups', body)), INVALID, what)
      t.same(verdict(await admin('POST', `capability-groups/${beside.id}/bind`, { capabilities: ['credit.nothing'] })), INVALID)
      t.same(verdict(await admin('POST', `capability-groups/${crypto.randomUUID()}/bind`, { capabilities: [REPORT] })), [
        404,
        'HUB_NO_RECORD',
      ])
      for (const query of ['group=none', 'type=none', 'nonsense=1', 'page=0', `q=${'x'.repeat(101)}`])
        t.same(verdict(await hub.app.inject(`/v1/capabilities?${query}`)), INVALID, query)
    })

    t.test('owner, tags and weight of any; whoever read an older revision is told so', async (t) => {
      const say = (body: object) => admin('PATCH', `capabilities/${PENALTIES}`, body)
      const at = Date.now()
      const both = await Promise.all([say({ revision: 0, owner: '信用科' }), say({ revision: 0, owner: '信息科' })])
      t.same(both.map((each) => verdict(each)[0]).sort(), [200, 409], 'two at once')
      const said = await say({ revision: 1, owner: '信用科', tags: ['高频服务'], weight: 5 })
      t.match(said.json().data, { owner: '信用科', tags: ['高频服务'], weight: 5, revision: 2 })
      t.ok(Date.parse(said.json().data.updatedAt) >= at - 1000)
      t.same(verdict(await say({ revision: 1, weight: 1 })), [409, 'HUB_CHANGED_MEANWHILE'])
      t.equal((await ids())[0], PENALTIES, 'the heavier stands first')
      t.same(await ids(`tag=${encodeURIComponent('高频服务')}`), [PENALTIES])
      t.same(verdict(await say({ revision: 2, name: '改名' })), INVALID, 'what the declaration says stays')
      t.same(verdict(await admin('PATCH', 'capabilities/credit.nothing', { revision: 0, weight: 1 })), [404, 'HUB_NO_RECORD'])
      const owned = (await admin('GET', 'capabilities?owned=true', undefined, AUDITOR)).json()
      t.same([owned.data.map(({ id }: Listed) => id), owned.meta.page.total], [[PENALTIES], 1])
      t.same(verdict(await admin('GET', 'capabilities', undefined, NOBODY)), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await admin('PATCH', `capabilities/${PENALTIES}`, { revision: 2, weight: 1 }, AUDITOR)), [403, 'HUB_ROLE_REQUIRED'])
    })

    t.test('abilities of the app are made, changed, removed; declared ones are not', async (t) => {
      const body = {
        name: '生物识别',
        version: '2.1.0',
        summary: '以指纹或面容确认本机用户',
        permission: '用户同意后由应用提供',
        tags: ['新上线服务'],
      }
      const make = (more: object = {}) => admin('POST', 'capabilities', { id: 'biometrics', ...body, ...more })
      const made = await make({ docs: 'https://app.example/biometrics' })
      t.match(made.json().data, {
        id: 'biometrics',
        type: 'native',
        ...body,
        docs: 'https://app.example/biometrics',
        declared: false,
        revision: 1,
      })
      t.same(verdict(await make()), INVALID, 'twice')
      t.same(verdict(await make({ id: 'files' })), INVALID, 'the id of one that is declared')
      t.same(await ids('q=swsb'), ['biometrics'], 'found by its initials')
      const group = await groupNamed('开发工具包')
      await admin('POST', `capability-groups/${group.id}/bind`, { capabilities: ['biometrics'] })
      const changed = await admin('PATCH', 'capabilities/biometrics', { revision: 1, version: '2.2.0', owner: '移动端组' })
      t.match(changed.json().data, { version: '2.2.0', owner: '移动端组', summary: body.summary, groups: [group.id] })
      for (const [what, more] of Object.entries({
        'an address that runs': { docs: 'javascript:alert(1)' },
        'a version of words': { version: 'latest' },
        'a long name': { name: '长'.repeat(41) },
        'no id': { id: 'Not An Id' },
      }))
        t.same(verdict(await make({ id: 'another', ...more })), INVALID, what)
      t.same(verdict(await admin('POST', `capabilities/${PENALTIES}/delete`, {})), INVALID)
      t.equal((await admin('POST', 'capabilities/biometrics/delete', {})).statusCode, 200)
      t.same(verdict(await admin('POST', 'capabilities/biometrics/delete', {})), [404, 'HUB_NO_RECORD'])
      t.same((await groupNamed('开发工具包')).members.length, 4)
    })

    t.test('pages, and what has not changed is not sent again', async (t) => {
      const declared = hub.app.services.size + platformAbilities.length
      const first = await hub.app.inject('/v1/capabilities?pageSize=2&page=2')
      t.match(first.json().meta.page, { number: 2, size: 2, total: declared })
      t.equal(first.json().data.length, 2)
      const ask = () =>
        hub.app.inject({ url: '/v1/capabilities?pageSize=2&page=2', headers: { 'if-none-match': String(first.headers.etag) } })
      t.equal((await ask()).statusCode, 304)
      await admin('PATCH', `capabilities/${first.json().data[0].id}`, { revision: 0, owner: '某人' })
      t.equal((await ask()).statusCode, 200)
    })

    t.test('deprecated: every answer says until when and what comes instead, then 410 names it', async (t) => {
      const ask = (path = PENALTIES_PATH) => hub.app.inject(path)
      const operation = async () => (await hub.app.inject('/openapi.json')).json().paths[PENALTIES_PATH].get
      const read = async () => (await admin('GET', `capabilities/${PENALTIES}`, undefined, AUDITOR)).json().data
      await admin('PATCH', `capabilities/${PENALTIES}`, { revision: (await read()).revision, owner: '信用科' })
      t.match(await read(), { state: 'published', sunsetAt: null, versions: [{ version: '1.0.0', removed: [] }], events: [], callers: [] })
      t.notOk((await operation()).deprecated)
      t.notOk((await ask()).headers['deprecation'])

      const end = (days: number, more: object = {}, key = PENALTIES) =>
        admin('POST', `capabilities/${key}/deprecate`, {
          revision: 0,
          sunset: inDays(days),
          successor: REPORT,
          reason: '接口已有新版',
          ...more,
        })
      const { revision } = await read()
      t.same(verdict(await end(29, { revision })), INVALID, 'too soon for those who build on it')
      t.same(verdict(await end(31, { revision, successor: PENALTIES })), INVALID, 'by itself')
      t.same(verdict(await end(31, { revision, successor: 'credit.nothing' })), INVALID)
      t.same(verdict(await end(31, { revision: revision - 1 })), [409, 'HUB_CHANGED_MEANWHILE'])
      t.same(verdict(await end(31, {}, 'credit.nothing')), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await admin('POST', `capabilities/${PENALTIES}/publish`, { revision })), INVALID, 'it is offered')
      const both = await Promise.all([end(31, { revision }), end(40, { revision })])
      t.same(both.map((each) => verdict(each)[0]).sort(), [200, 409], 'two at once')
      const told = both.find(({ statusCode }) => statusCode === 200)?.json().data
      t.match(told, { state: 'deprecated', successor: REPORT, reason: '接口已有新版', revision: revision + 1 })
      t.same(verdict(await end(50, { successor: PENALTIES }, REPORT)), INVALID, 'what comes instead ends sooner')
      t.same(verdict(await end(30.5, { successor: PENALTIES }, REPORT)), INVALID, 'a circle')
      t.same(verdict(await end(30.5, { successor: null }, REPORT)), INVALID, 'before what it stands for')

      const answered = await ask()
      t.equal(answered.statusCode, 200)
      t.equal(answered.headers['deprecation'], `@${Math.floor(Date.parse(told.deprecatedAt) / 1000)}`)
      t.equal(Date.parse(String(answered.headers['sunset'])), Date.parse(told.sunsetAt))
      t.equal(
        answered.headers['link'],
        `</docs/capabilities/${PENALTIES}>; rel="deprecation"; type="text/html", </v1/credit/credit-report-download>; rel="successor-version"`,
      )
      t.match(await operation(), { deprecated: true, 'x-successor': REPORT, operationId: PENALTIES })
      t.match((await hub.app.inject(`/v1/capabilities/${PENALTIES}`)).json().data, {
        state: 'deprecated',
        deprecation: { sunsetAt: told.sunsetAt, successor: REPORT },
      })
      t.ok((await ids()).includes(PENALTIES))
      const day = new Date().toISOString().slice(0, 10)
      const buckets = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`bucket_${index}`, 0]))
      const called = {
        hour: 0,
        day,
        clock: 9,
        connector: 'credit',
        service: PENALTIES.split('.')[1],
        app: 'rental-web',
        calls: 7,
        failed: 0,
      }
      await hub.app.database('call_statistics').insert({ ...called, duration_ms: 7, ...buckets })
      t.same((await read()).callers, [{ app: 'rental-web', calls: 7 }], 'those who have to change over')

      ahead = 41 * 86_400_000
      await hub.app.catalogue.load()
      const gone = await ask()
      t.same(verdict(gone), [410, 'HUB_SERVICE_WITHDRAWN'])
      t.match(gone.json(), { ways: [{ action: 'use-other', url: '/v1/credit/credit-report-download' }] })
      t.match(gone.json().detail, /接口已有新版。请改用“.+”/)
      t.match(gone.headers['link'], 'successor-version')
      t.notOk((await ids()).includes(PENALTIES))
      t.match((await hub.app.inject(`/v1/capabilities/${PENALTIES}`)).json().data, { state: 'withdrawn' })
      const listed = (await hub.app.inject('/v1/catalog')).json().data[0].services.map(({ service }: { service: string }) => service)
      t.notOk(listed.includes(PENALTIES.split('.')[1]))
      const page = await createBrowser({ [origin]: origin }).open('/hall/credit/administrative-penalty-disclosure')
      t.same([page.status, /停止服务：接口已有新版/.test(words(page))], [410, true])
      t.same(verdict(await end(100, { revision: revision + 1 })), INVALID, 'what is withdrawn has no more time')

      const again = await admin('POST', `capabilities/${PENALTIES}/publish`, { revision: revision + 1 })
      t.match(again.json().data, { state: 'published', sunsetAt: null })
      const back = await ask()
      t.same([back.statusCode, back.headers['sunset']], [200, undefined])
      t.notOk((await operation()).deprecated)
      t.match((await read()).events, [{ act: 'published' }, { act: 'deprecated', successor: REPORT, by: userId(ADMIN) }])
      ahead = 0
    })

    t.test('what was filed before its end can still be looked at', async (t) => {
      const appeal = 'credit.objection-appeal'
      await admin('POST', `capabilities/${appeal}/deprecate`, { revision: 0, sunset: inDays(31), reason: '改在部门办理' })
      ahead = 32 * 86_400_000
      const filing = await hub.post('/v1/credit/objection-appeal', { headers: { 'idempotency-key': crypto.randomUUID() }, body: {} })
      t.same(verdict(filing), [410, 'HUB_SERVICE_WITHDRAWN'])
      const own = await hub.get('/v1/credit/objection-appeal')
      t.equal(own.statusCode, 200)
      t.ok(own.headers['sunset'])
      ahead = 0
    })

    t.test('a document of each, drawn from its declaration: as a page, Markdown and OpenAPI', async (t) => {
      const open = (path: string) => hub.app.inject(`/docs/capabilities${path}`)
      const page = await open(`/${REPORT}`)
      t.equal(page.statusCode, 200)
      const { contract } = hub.app.services.get(REPORT) ?? {}
      for (const words of [
        'Authorization: Bearer $TOKEN',
        '/v1/credit/credit-report-download',
        'HUB_TOKEN_MISSING',
        'HUB_SERVICE_WITHDRAWN',
      ])
        t.ok(page.body.includes(words), words)
      for (const { notes } of Object.values(contract?.fields ?? {})) t.ok(page.body.includes(notes.title), notes.title)
      t.notMatch(page.body, /<script/)

      const markdown = await open(`/${PENALTIES}?format=markdown`)
      t.match(markdown.headers, { 'content-type': /^text\/markdown/, 'content-disposition': `attachment; filename="${PENALTIES}.md"` })
      t.match(markdown.body, /^# .+\n/)
      t.match(markdown.body, "curl -s 'https://hub.example/v1/credit/administrative-penalty-disclosure")
      for (const { notes } of Object.values(hub.app.services.get(PENALTIES)?.contract.fields ?? {}))
        t.ok(markdown.body.includes(notes.title))

      const document = (await open('/credit.objection-appeal?format=openapi')).json()
      t.same(
        Object.keys(document.paths).filter((path) => !path.startsWith('/v1/credit/objection-appeal')),
        [],
      )
      t.ok(Object.keys(document.paths).length > 1, 'with what is done with a filing')
      const { valid, errors } = await new Validator().validate(structuredClone(document))
      t.ok(valid, JSON.stringify(errors))
      const face = (await open('/face-verification?format=openapi')).json()
      t.same(Object.keys(face.paths).sort()[0], '/v1/me/face-verifications')
      t.equal((await open('/location')).statusCode, 200, 'an ability of the app has its page as well')

      t.match((await open('?q=xzcfgs')).body, `/docs/capabilities/${PENALTIES}`)
      const field = Object.values(hub.app.services.get(PENALTIES)?.contract.fields ?? {})[0]?.notes.title ?? ''
      t.match((await open(`?q=${encodeURIComponent(field)}`)).body, /class="tiles"/, 'found by what it answers')
      t.match((await open(`?q=${encodeURIComponent('<script>alert(1)</script>')}`)).body, /没有找到/)
      t.notMatch((await open(`?q=${encodeURIComponent('"><script>alert(1)</script>')}`)).body, '<script>')
      t.match((await open('?page=2&pageSize=5')).body, /上一页/)
      for (const path of ['/credit.nothing', '/..%2f..']) t.ok((await open(path)).statusCode >= 400, path)
      t.same(verdict(await open(`/${REPORT}?format=exe`)), INVALID)
      await admin('PATCH', `capabilities/${PENALTIES}`, {
        revision: (await admin('GET', `capabilities/${PENALTIES}`)).json().data.revision,
        owner: '<b>|某科</b>',
      })
      t.notMatch((await open(`/${PENALTIES}`)).body, '<b>|')
      t.match((await open(`/${PENALTIES}?format=markdown`)).body, '&lt;b>\\|某科')
    })

    t.test('a new version of a connector is written down with what has changed, once', async (t) => {
      const services = credit.services.map((service) => {
        if (`credit.${service.contract.id}` !== PENALTIES) return service
        const [first = '', ...fields] = Object.keys(service.contract.fields)
        t.ok(first)
        return {
          ...service,
          contract: { ...service.contract, fields: Object.fromEntries(fields.map((name) => [name, service.contract.fields[name]])) },
        }
      })
      const next = { ...credit, version: '1.1.0', services } as typeof credit
      const connectors = [next]
      await Promise.all([recordReleases(hub.app.database, connectors, 5), recordReleases(hub.app.database, connectors, 5)])
      await recordReleases(hub.app.database, connectors, 6)
      const { versions } = (await hub.app.inject(`/v1/capabilities/${PENALTIES}`)).json().data
      t.match(versions, [
        { version: '1.1.0', added: [], removed: [/^←/] },
        { version: '1.0.0', removed: [] },
      ])
      t.equal(versions.length, 2)
      t.equal(
        (await hub.app.inject(`/v1/capabilities/${REPORT}`)).json().data.versions.length,
        1,
        'of a service that did not change nothing',
      )
    })
  })
}
