import type { LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { statusActs } from '../../../plugins/users/people.ts'
import { permissions } from '../../../plugins/users/roles.ts'
import { cli } from '../../helper/cli.ts'
import { heededAfter } from '../../helper/heeded.ts'
import { build, type Hub } from '../../helper/hub.ts'
import {
  ACCOUNT,
  addUser,
  call,
  declarations,
  EMPLOYER,
  enterpriseId,
  inDays,
  inventIdNumber,
  usccOf,
  userId,
} from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND] = [1, 2, 3, 4, 7] as const
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const purpose = '例行检查'
const user = (person: number) => `/admin/users/${userId(person)}`
const ids = (response: LightMyRequestResponse): string[] => response.json().data.map(({ id }: { id: string }) => id)

/** One's own way in: everybody's, and it changes nothing of anybody's. */
const OWN = 'second-factor.own'

/** Every route of `/admin` with what it takes; the test of roles compares with the routes there are. */
const ROUTES: readonly [
  permission: keyof typeof permissions,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
][] = [
  ['users.read', 'GET', '/admin/users'],
  ['users.read', 'POST', '/admin/users/search', {}],
  ['users.export', 'GET', `/admin/users/export?purpose=${encodeURIComponent(purpose)}`],
  ['users.read', 'GET', user(5)],
  ['users.read', 'GET', `${user(5)}/real-name-records`],
  ['users.read', 'GET', `${user(5)}/events`],
  ['users.status', 'POST', `${user(5)}/lock`, { purpose }],
  ['users.status', 'POST', `${user(5)}/unlock`, { purpose }],
  ['users.status', 'POST', `${user(5)}/disable`, { purpose }],
  ['users.status', 'POST', `${user(5)}/enable`, { purpose }],
  ['users.change', 'PATCH', user(5), { kind: 'test', purpose }],
  ['users.change', 'POST', '/admin/users', { subject: 'somebody-new', purpose }],
  ['users.change', 'POST', `${user(5)}/phone`, { phone: '13900000000', purpose }],
  ['users.change', 'POST', `${user(5)}/delete`, { purpose }],
  ['users.read', 'GET', `${user(5)}/services`],
  ['users.read', 'GET', `${user(5)}/sessions`],
  ['users.status', 'POST', `${user(5)}/sessions/end`, { purpose }],
  ['users.status', 'POST', `${user(5)}/sessions/5e000000-0000-4000-8000-000000000001/end`, { purpose }],
  ['users.read', 'GET', '/admin/real-name-records'],
  ['users.change', 'POST', `${user(5)}/real-name`, { name: people[4]?.name, idNumber: people[4]?.number, purpose }],
  ['enterprises.read', 'GET', '/admin/enterprises'],
  ['enterprises.read', 'GET', `/admin/enterprises/${enterpriseId(2)}`],
  ['enterprises.read', 'GET', `/admin/enterprises/${enterpriseId(2)}/events`],
  ['enterprises.freeze', 'POST', `/admin/enterprises/${enterpriseId(2)}/freeze`, { purpose }],
  ['enterprises.freeze', 'POST', `/admin/enterprises/${enterpriseId(2)}/unfreeze`, { purpose }],
  ['enterprises.read', 'GET', `/admin/enterprises/${enterpriseId(2)}/graph`],
  ['enterprises.export', 'GET', `/admin/enterprises/export?purpose=${encodeURIComponent(purpose)}`],
  ['enterprises.change', 'POST', '/admin/enterprises', { uscc: usccOf(2), name: '已有企业', purpose }],
  ['enterprises.change', 'PATCH', `/admin/enterprises/${enterpriseId(2)}`, { name: '改名企业', version: 'x', purpose }],
  ['enterprises.change', 'POST', `/admin/enterprises/${enterpriseId(2)}/delete`, { version: 'x', purpose }],
  ['enterprises.change', 'POST', `/admin/enterprises/${enterpriseId(2)}/representative`, { userId: userId(4), endsAt: inDays(1), purpose }],
  ['mandates.read', 'POST', '/admin/mandates/search', {}],
  ['mandates.read', 'GET', '/admin/mandates'],
  ['mandates.end', 'POST', `/admin/mandates/${crypto.randomUUID()}/disable`, { purpose }],
  [
    'mandates.grant',
    'POST',
    '/admin/guardians',
    { userId: userId(5), childUserId: userId(6), scope: ['demo'], endsAt: inDays(1), purpose },
  ],
  ['mandates.grant', 'POST', '/admin/operators', { userId: userId(4), scope: ['demo'], endsAt: inDays(1), purpose }],
  ['service-access.read', 'GET', '/admin/service-access'],
  ['service-access.change', 'PUT', '/admin/service-access/demo', { kinds: [], purpose }],
  ['documents.read', 'GET', '/admin/documents'],
  ['documents.revoke', 'POST', `/admin/documents/${crypto.randomUUID()}/revoke`, { purpose }],
  ['orders.read', 'GET', '/admin/orders'],
  ['orders.read', 'GET', `/admin/orders/${crypto.randomUUID()}`],
  ['orders.change', 'POST', `/admin/orders/${crypto.randomUUID()}/refund`, { purpose }],
  ['orders.change', 'POST', `/admin/orders/${crypto.randomUUID()}/resolve`, { outcome: 'closed', purpose }],
  ['orders.read', 'GET', '/admin/reconciliations'],
  ['orders.read', 'GET', `/admin/reconciliations/${crypto.randomUUID()}`],
  ['orders.change', 'POST', `/admin/reconciliations/${crypto.randomUUID()}/run`, { purpose }],
  [
    'orders.change',
    'POST',
    `/admin/reconciliations/${crypto.randomUUID()}/differences/${crypto.randomUUID()}/resolve`,
    { outcome: 'explained', purpose },
  ],
  ['credentials.read', 'GET', '/admin/credentials'],
  ['credentials.rotate', 'POST', '/admin/credentials/rotations', { system: 'nobody', purpose }],
  ['health.read', 'GET', '/admin/health'],
  ['health.read', 'GET', '/admin/health/demo'],
  ['health.read', 'GET', '/admin/health/demo/history'],
  ['health.read', 'GET', '/admin/health/demo/outages'],
  ['health.read', 'GET', '/admin/connectors'],
  ['connectors.switch', 'POST', '/admin/connectors/demo/switch', { state: 'on', purpose }],
  ['health.read', 'GET', '/admin/connectors/demo/candidate'],
  ['connectors.switch', 'PUT', '/admin/connectors/demo/candidate', { mode: 'off', purpose }],
  ['connectors.switch', 'POST', '/admin/connectors/demo/candidate/promotion', { purpose }],
  ['closings.read', 'GET', '/admin/closings'],
  [
    'closings.change',
    'POST',
    '/admin/closings',
    { system: 'nobody', title: '系统升级', from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', purpose },
  ],
  ['closings.change', 'POST', `/admin/closings/${crypto.randomUUID()}/end`, { purpose }],
  ['catalogue.read', 'GET', '/admin/catalogue/categories'],
  ['catalogue.change', 'POST', '/admin/catalogue/categories', { view: 'topic', name: '办税', purpose }],
  ['catalogue.change', 'PATCH', `/admin/catalogue/categories/${crypto.randomUUID()}`, { shown: false, purpose }],
  ['catalogue.change', 'POST', `/admin/catalogue/categories/${crypto.randomUUID()}/delete`, { purpose }],
  ['catalogue.read', 'GET', '/admin/catalogue/services'],
  ['catalogue.change', 'PUT', '/admin/catalogue/services/demo.balance', { online: true, purpose }],
  ['catalogue.read', 'GET', '/admin/capabilities'],
  [
    'catalogue.change',
    'POST',
    '/admin/capabilities',
    { id: 'torch', name: '手电筒', version: '1.0', summary: '照明', permission: '公开', purpose },
  ],
  ['catalogue.change', 'PATCH', '/admin/capabilities/demo.balance', { revision: 0, owner: '信息科', purpose }],
  ['catalogue.change', 'POST', '/admin/capabilities/nothing/delete', { purpose }],
  ['catalogue.read', 'GET', '/admin/capabilities/demo.balance'],
  ['catalogue.change', 'POST', '/admin/capabilities/demo.balance/deprecate', { revision: 0, sunset: inDays(1), reason: '停用', purpose }],
  ['catalogue.change', 'POST', '/admin/capabilities/demo.balance/publish', { revision: 0, purpose }],
  ['catalogue.read', 'GET', '/admin/search/rules'],
  ['catalogue.change', 'PUT', '/admin/search/rules', { name: 3, place: 1, sound: 2, excluded: [], boosts: [], revision: 99, purpose }],
  ['catalogue.read', 'GET', '/admin/search/hot-words'],
  ['catalogue.change', 'POST', '/admin/search/hot-words', { word: '公积金', purpose }],
  ['catalogue.change', 'POST', `/admin/search/hot-words/${crypto.randomUUID()}/delete`, { purpose }],
  ['statistics.read', 'GET', '/admin/search/counts'],
  ['catalogue.read', 'GET', '/admin/layouts'],
  ['catalogue.read', 'GET', '/admin/layouts/nothing'],
  ['catalogue.read', 'GET', '/admin/layouts/nothing/preview'],
  ['catalogue.change', 'PUT', '/admin/layouts/nothing', { revision: 9, name: '首页', cards: [], purpose }],
  ['catalogue.change', 'POST', '/admin/layouts/nothing/publish', { revision: 1, purpose }],
  ['catalogue.change', 'POST', '/admin/layouts/nothing/roll-back', { revision: 1, version: 1, purpose }],
  ['catalogue.change', 'POST', '/admin/layouts/nothing/unpublish', { revision: 1, purpose }],
  ['catalogue.change', 'POST', '/admin/layouts/nothing/delete', { purpose }],
  ['catalogue.read', 'GET', '/admin/capability-groups'],
  ['catalogue.change', 'POST', '/admin/capability-groups', { name: '查询', purpose }],
  ['catalogue.change', 'PATCH', `/admin/capability-groups/${crypto.randomUUID()}`, { revision: 1, shown: false, purpose }],
  ['catalogue.change', 'POST', `/admin/capability-groups/${crypto.randomUUID()}/delete`, { purpose }],
  ['catalogue.change', 'POST', `/admin/capability-groups/${crypto.randomUUID()}/bind`, { capabilities: ['demo.balance'], purpose }],
  ['catalogue.change', 'POST', `/admin/capability-groups/${crypto.randomUUID()}/unbind`, { capabilities: ['demo.balance'], purpose }],
  ['jobs.read', 'GET', '/admin/jobs'],
  ['jobs.read', 'GET', '/admin/jobs/dead'],
  ['jobs.change', 'POST', `/admin/jobs/${crypto.randomUUID()}/replay`, { purpose }],
  ['jobs.change', 'POST', `/admin/jobs/${crypto.randomUUID()}/drop`, { purpose }],
  ['audit.read', 'GET', `/admin/users/${crypto.randomUUID()}/ledger?purpose=${encodeURIComponent(purpose)}`],
  ['ledger.read', 'GET', '/admin/ledger-questions'],
  ['ledger.read', 'GET', `/admin/ledger-questions/${crypto.randomUUID()}`],
  ['ledger.answer', 'POST', `/admin/ledger-questions/${crypto.randomUUID()}/answers`, { to: 'closed', words: '不属于本平台', purpose }],
  ['alerts.read', 'GET', '/admin/alerts'],
  ['alerts.read', 'GET', `/admin/alerts/${crypto.randomUUID()}`],
  ['alerts.change', 'POST', `/admin/alerts/${crypto.randomUUID()}/acknowledge`, { purpose }],
  ['alerts.read', 'GET', '/admin/alert-rules'],
  ['alerts.read', 'GET', '/admin/alert-silences'],
  ['alerts.change', 'POST', '/admin/alert-silences', { minutes: 5, purpose }],
  ['alerts.change', 'POST', `/admin/alert-silences/${crypto.randomUUID()}/end`, { purpose }],
  ['alerts.change', 'POST', '/admin/alert-tests', { receiver: '无人', purpose }],
  ['statistics.read', 'GET', '/admin/statistics'],
  ['statistics.read', 'GET', '/admin/statistics/pages'],
  ['event-sources.read', 'GET', '/admin/event-sources'],
  ['event-sources.change', 'POST', '/admin/event-sources', { id: 'app', name: '我的许昌', names: { page: { '/': '首页' } }, purpose }],
  ['event-sources.change', 'PATCH', '/admin/event-sources/app', { enabled: false, purpose }],
  ['event-sources.change', 'POST', '/admin/event-sources/app/remove', { purpose }],
  ['comparisons.read', 'GET', '/admin/comparisons'],
  ['comparisons.read', 'POST', '/admin/comparisons/demo.debts', { userId: userId(5), purpose }],
  ['messages.read', 'GET', '/admin/messages/deliveries'],
  ['messages.replay', 'POST', `/admin/messages/deliveries/${crypto.randomUUID()}/replay`, { purpose }],
  ['administrators.read', 'GET', '/admin/administrators'],
  ['administrators.change', 'PUT', `/admin/administrators/${userId(7)}`, { role: null, purpose }],
  ['administrators.change', 'POST', `/admin/administrators/${userId(2)}/enrolment-code`, { purpose }],
  [OWN, 'POST', '/admin/second-factor', { enrolmentCode: 'x' }],
  [OWN, 'POST', '/admin/second-factor/confirmation', { code: '000000' }],
  [OWN, 'POST', '/admin/session', { code: '000000' }],
  [OWN, 'DELETE', '/admin/session'],
  ['clients.read', 'GET', '/admin/clients'],
  ['clients.read', 'GET', '/admin/clients/sandbox-web'],
  ['clients.change', 'POST', '/admin/clients', { client: { id: 'x' }, purpose }],
  ['clients.change', 'PATCH', '/admin/clients/sandbox-web', { client: { name: '沙箱租房' }, purpose }],
  ['clients.change', 'POST', '/admin/clients/sandbox-web/disable', { purpose }],
  ['clients.change', 'POST', '/admin/clients/sandbox-web/enable', { purpose }],
  ['clients.change', 'POST', '/admin/clients/sandbox-web/rotate', { purpose }],
  ['partners.read', 'GET', '/admin/partners'],
  ['partners.read', 'GET', `/admin/partners/${crypto.randomUUID()}`],
  ['partners.read', 'GET', `/admin/partners/${crypto.randomUUID()}/events`],
  ['partners.change', 'POST', `/admin/partners/${crypto.randomUUID()}/suspend`, { purpose }],
  ['partners.change', 'POST', `/admin/partners/${crypto.randomUUID()}/resume`, { purpose }],
  ['partners.read', 'GET', '/admin/partner-reviews'],
  ['partners.read', 'GET', `/admin/partner-reviews/${crypto.randomUUID()}`],
  ['partners.review', 'POST', `/admin/partner-reviews/${crypto.randomUUID()}/review`, { purpose }],
  ['partners.approve', 'POST', `/admin/partner-reviews/${crypto.randomUUID()}/approve`, { purpose }],
  ['partners.review', 'POST', `/admin/partner-reviews/${crypto.randomUUID()}/refuse`, { purpose }],
  ['partners.read', 'GET', '/admin/partner-applications'],
  ['partners.read', 'GET', `/admin/partner-applications/${crypto.randomUUID()}`],
  ['partners.read', 'GET', `/admin/partner-applications/${crypto.randomUUID()}/calls`],
  ['partners.read', 'GET', `/admin/partner-applications/${crypto.randomUUID()}/trend`],
  ['partners.read', 'GET', `/admin/partner-applications/${crypto.randomUUID()}/files/${crypto.randomUUID()}`],
  ['partners.change', 'POST', `/admin/partner-applications/${crypto.randomUUID()}/state`, { state: 'running', purpose }],
  ['partners.change', 'PUT', `/admin/partner-applications/${crypto.randomUUID()}/limits`, { limits: [], purpose }],
  ['partners.change', 'POST', `/admin/partner-applications/${crypto.randomUUID()}/keys/${crypto.randomUUID()}/revoke`, { purpose }],
  ['moves.read', 'GET', '/admin/moves'],
  ['moves.change', 'POST', `${user(5)}/merge`, { into: crypto.randomUUID(), purpose }],
  ['moves.change', 'POST', `${user(5)}/split`, { to: crypto.randomUUID(), accountIds: [crypto.randomUUID()], purpose }],
  ['moves.change', 'POST', '/admin/moves/1/undo', { purpose }],
  ['clients.change', 'PUT', '/admin/clients/sandbox-web/trusted', { trusted: true, purpose }],
  ['requests.read', 'GET', '/admin/requests'],
  ['requests.read', 'GET', `/admin/requests/${crypto.randomUUID()}`],
  ['requests.decide', 'POST', `/admin/requests/${crypto.randomUUID()}/confirmation`, { purpose }],
  ['requests.decide', 'POST', `/admin/requests/${crypto.randomUUID()}/rejection`, { purpose }],
  ['requests.decide', 'POST', `/admin/requests/${crypto.randomUUID()}/withdrawal`, { purpose }],
  ['security-settings.read', 'GET', '/admin/security-settings'],
  ['security-settings.read', 'GET', '/admin/security-settings/history'],
  ['security-settings.change', 'PUT', '/admin/security-settings', { version: 0, settings: {}, purpose }],
  ['audit.read', 'GET', '/admin/audit'],
  ['audit.read', 'GET', `/admin/audit/export?purpose=${encodeURIComponent(purpose)}`],
]

/** How long after a change another hub on the same store goes on answering 200, at most. */
function lag(hub: Hub, person: number, url = ACCOUNT): Promise<number> {
  return heededAfter(async () => (await call(hub, 'GET', url, { person })).statusCode === 200)
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const options = { store: created.settings, declarations: declarations() }
    const [hub, other] = [await build(t, options), await build(t, options)]
    const { database } = hub.app
    const act = (person: number, name: string, body: object = { purpose }, by: number = OPERATOR) =>
      call(hub, 'POST', `${user(person)}/${name}`, { person: by, body })

    t.test('each route asks for its permission and no role has more than the table says', async (t) => {
      const expected = { admin: ADMIN, operator: OPERATOR, auditor: AUDITOR }
      for (const [permission, method, url, body] of ROUTES) {
        for (const [role, person] of Object.entries(expected)) {
          const allowed = (permissions[permission] as readonly string[]).includes(role)
          const response = await call(hub, method, url, { person, body })
          t.equal(verdict(response)[1] === 'HUB_ROLE_REQUIRED', !allowed, `${role} ${method} ${url}`)
          if (allowed) t.ok(response.statusCode < 500, String(response.statusCode))
        }
        t.same(verdict(await call(hub, method, url, { person: CITIZEN, body: { nonsense: 1 } })), REFUSED, `a citizen ${method} ${url}`)
        t.same(verdict(await hub.app.inject({ method, url })), [401, 'HUB_TOKEN_MISSING'])
      }
      const paths = Object.entries((await hub.app.inject('/openapi-admin.json')).json().paths as Record<string, object>)
      const known = paths.filter(([path]) => path.startsWith('/admin/')).flatMap(([, methods]) => Object.keys(methods))
      t.equal(known.length, ROUTES.length, 'every route is in the list above')
      t.same(
        Object.keys(permissions).filter((name) => !ROUTES.some(([permission]) => permission === name)),
        [],
      )
    })

    t.test('who acts does not read the audit rows, who reads them changes nothing', async (t) => {
      t.same(permissions['audit.read'], ['auditor'])
      for (const [name, roles] of Object.entries(permissions))
        if (!/read$/.test(name) && name !== OWN) t.notOk((roles as readonly string[]).includes('auditor'), name)
    })

    t.test('a change without its purpose is refused; with it, it stands in the one audit row', async (t) => {
      for (const [, method, url, body] of ROUTES.filter(([permission, method]) => method !== 'GET' && permission !== OWN)) {
        if (url.endsWith('/search')) continue
        const { purpose: _purpose, ...rest } = body as { purpose?: string }
        for (const without of [rest, { ...rest, purpose: '  ' }, { ...rest, purpose: '' }]) {
          const response = await call(hub, method, url, { body: without })
          t.same(verdict(response), [400, 'HUB_VALIDATION'], `${method} ${url}`)
          t.ok(response.json().errors.some(({ pointer }: { pointer: string }) => pointer === '/body/purpose'))
        }
      }
      t.same(verdict(await call(hub, 'GET', '/admin/users/export')), [400, 'HUB_VALIDATION'])
      const { traceId, headers } = trace()
      await call(hub, 'PATCH', user(7), { headers, body: { kind: 'test', purpose: '灰度测试' } })
      const [row, ...more] = await auditOf(hub, traceId)
      t.same(more, [])
      t.match(row, {
        action: 'call',
        connector: 'admin',
        service: 'users.change',
        purpose: '灰度测试',
        outcome: 'ok',
        target: /^[0-9a-f]{32}$/,
      })
      const refused = trace()
      await call(hub, 'PATCH', user(7), { person: CITIZEN, headers: refused.headers, body: { kind: 'ordinary', purpose } })
      t.match(await auditOf(hub, refused.traceId), [{ service: 'users.change', outcome: 'HUB_ROLE_REQUIRED', status: 403 }])
    })

    t.test('a disabled account is shut at once here and within two seconds elsewhere, a closed service too', async (t) => {
      const token = await hub.token({ person: 5 })
      const mine = () => hub.app.inject({ url: ACCOUNT, headers: { authorization: `Bearer ${token}` } })
      t.equal((await mine()).statusCode, 200)
      t.equal((await call(other, 'GET', ACCOUNT, { person: 5 })).statusCode, 200)
      t.equal((await act(5, 'disable')).json().data.status, 'disabled')
      t.same(verdict(await mine()), [403, 'HUB_USER_DISABLED'], 'with the same token')
      const restrict = (kinds: string[]) => call(hub, 'PUT', '/admin/service-access/demo', { body: { kinds, purpose } })
      t.equal((await call(other, 'GET', '/v1/demo/balance', { person: 6 })).statusCode, 200)
      await restrict(['test'])
      for (const ms of await Promise.all([lag(other, 5), lag(other, 6, '/v1/demo/balance')])) t.ok(ms < 2500, `${Math.round(ms)} ms`)
      await restrict([])
      t.same(verdict(await act(5, 'disable')), [404, 'HUB_NO_RECORD'], 'twice')
      t.same(verdict(await act(5, 'unlock')), [404, 'HUB_NO_RECORD'], 'a disabled account is not unlocked')
      await act(5, 'enable')
      t.equal((await mine()).statusCode, 200)
    })

    t.test('a lock holds until it is lifted or over', async (t) => {
      const mine = async () => verdict(await call(hub, 'GET', ACCOUNT, { person: 6 }))
      await act(6, 'lock')
      t.same(await mine(), [403, 'HUB_USER_LOCKED'])
      await act(6, 'unlock')
      t.same(await mine(), [200, null])
      t.match((await act(6, 'lock', { until: inDays(1), purpose })).json().data, { status: 'locked', lockedUntil: /\+08:00$/ })
      t.same(await mine(), [403, 'HUB_USER_LOCKED'])
      await act(6, 'lock', { until: new Date(Date.now() - 1).toISOString(), purpose })
      t.same(await mine(), [200, null], 'over')
      await act(6, 'unlock')
    })

    t.test('nobody changes his own account, and only an admin those of administrators', async (t) => {
      t.same(verdict(await act(ADMIN, 'disable')), REFUSED)
      t.same(verdict(await act(AUDITOR, 'lock')), REFUSED)
      t.same(verdict(await act(OPERATOR, 'disable')), REFUSED, 'his own')
      t.same(verdict(await act(ADMIN, 'disable', { purpose }, ADMIN)), REFUSED, 'his own')
      t.equal((await act(AUDITOR, 'lock', { purpose }, ADMIN)).statusCode, 200)
      t.same(verdict(await call(hub, 'GET', '/admin/audit', { person: AUDITOR })), [403, 'HUB_USER_LOCKED'])
      await act(AUDITOR, 'unlock', { purpose }, ADMIN)
    })

    t.test('levels and real names', async (t) => {
      const change = (id: string, body: object) => call(hub, 'PATCH', `/admin/users/${id}`, { body: { ...body, purpose } })
      await change(userId(6), { level: 'login' })
      t.same(verdict(await call(hub, 'GET', ACCOUNT, { person: 6 })), [403, 'HUB_REAL_NAME_REQUIRED'], 'at once')
      await change(userId(6), { level: 'real-name' })
      t.equal((await call(hub, 'GET', ACCOUNT, { person: 6 })).statusCode, 200)

      const id = await addUser(hub, 'walk-in')
      const idNumber = inventIdNumber('19880808')
      t.same(verdict(await change(id, { level: 'real-name' })), [400, 'HUB_VALIDATION'], 'no name to it')
      const register = (body: object, to = id) =>
        call(hub, 'POST', `/admin/users/${to}/real-name`, { body: { name: '郑柜台', idNumber, purpose, ...body } })
      t.same(verdict(await register({ idNumber: idNumber.replace(/.$/, (check) => (check === '0' ? '1' : '0')) })), [400, 'HUB_VALIDATION'])
      for (const name of ['郑\u202e柜台', '郑\u0000柜台', '郑柜台\u200b', '   '])
        t.same(verdict(await register({ name })), [400, 'HUB_VALIDATION'], JSON.stringify(name))
      t.same(verdict(await register({ idNumber: people[0]?.number })), [409, 'HUB_IDENTITY_TAKEN'])
      t.same(verdict(await register({}, crypto.randomUUID())), [404, 'HUB_NO_RECORD'])
      await inOffice(hub, SECOND)
      t.equal((await confirm(hub, await register({}), SECOND)).statusCode, 200)
      await call(hub, 'PUT', `/admin/administrators/${userId(SECOND)}`, { body: { role: null, purpose } })
      const registered = { level: 'real-name', realName: true, name: '郑*台', idNumber: /^411\*+\d{3}[\dX]$/ }
      t.match((await call(hub, 'GET', `/admin/users/${id}`)).json().data, registered)
      t.match((await call(hub, 'GET', `/admin/users/${id}/real-name-records`, { person: AUDITOR })).json().data, [
        { channel: 'counter', name: '郑*台', idType: '01', recordedBy: userId(ADMIN) },
      ])
      await t.rejects(
        hub.app.people.recordRealName({
          userId: id,
          name: '郑柜台',
          idType: '01',
          idNumber: '411002198808080001',
          channel: 'app',
          recordedBy: null,
        }),
        { code: 'HUB_VALIDATION' },
        'check digits for systems too',
      )
      await database('users').where({ id }).update({ status: 'merged' })
      t.same(verdict(await register({})), [404, 'HUB_NO_RECORD'], 'an account that is no more')
      for (const name of Object.keys(statusActs))
        t.same(verdict(await call(hub, 'POST', `/admin/users/${id}/${name}`, { body: { purpose } })), [404, 'HUB_NO_RECORD'], name)
    })

    t.test('users are found by name, number and state, and shown masked', async (t) => {
      const search = (body: object) => call(hub, 'POST', '/admin/users/search', { person: OPERATOR, body })
      t.same(ids(await search({ name: '欧阳试之' })), [userId(3)])
      t.same(ids(await search({ name: '欧阳' })), [], 'to the letter')
      t.same(ids(await search({ idNumber: people[2]?.number })), [userId(3)])
      t.same(ids(await search({ name: '贾明', idNumber: people[2]?.number })), [], 'both')
      t.same(verdict(await search({ idNumber: '411023196003150005' })), [400, 'HUB_VALIDATION'])
      await database('users')
        .where({ id: userId(7) })
        .update({ status: 'disabled' })
      t.same(ids(await call(hub, 'GET', '/admin/users?status=disabled', { person: OPERATOR })), [userId(7)])
      const page = await call(hub, 'GET', '/admin/users?level=real-name&page=2&pageSize=3', { person: OPERATOR })
      t.equal(page.json().data.length, 3)
      t.match(page.json().meta.page, { number: 2, size: 3, total: people.length + 1 })
      for (const { name, number } of people) t.notOk(page.body.includes(number) || page.body.includes(`"${name}"`))
      t.same(
        verdict(await call(hub, 'GET', '/admin/users?idNumber=41102319600315999X', { person: OPERATOR })),
        [400, 'HUB_VALIDATION'],
        'not in an address',
      )
    })

    t.test('the export is a masked CSV', async (t) => {
      const { traceId, headers } = trace()
      const response = await call(hub, 'GET', `/admin/users/export?level=real-name&purpose=${encodeURIComponent('季度核对')}`, { headers })
      t.match(response.headers['content-type'], 'text/csv')
      const lines = response.body.trim().split('\r\n')
      t.match(lines[0], /用户编号,姓名,身份证号/)
      t.equal(lines.length, 1 + people.length + 1)
      for (const { name, number } of people) t.notOk(response.body.includes(number) || response.body.includes(`,${name},`))
      t.match(response.body, '411***********000X')
      t.match(await auditOf(hub, traceId), [{ service: 'users.export', purpose: '季度核对', rows: people.length + 1 }])
    })

    t.test('enterprises and mandates are found; a forced end counts at once', async (t) => {
      const list = (url: string) => call(hub, 'GET', url, { person: OPERATOR })
      t.same(ids(await list(`/admin/enterprises?uscc=${usccOf(2)}`)), [enterpriseId(2)])
      t.same(ids(await list(`/admin/enterprises?name=${encodeURIComponent('样本')}`)), [enterpriseId(3)])
      t.same(ids(await list('/admin/enterprises?name=%25')), [], 'a wildcard is a character')
      t.same(verdict(await list('/admin/enterprises?uscc=91411000MA0000024D')), [400, 'HUB_VALIDATION'])
      t.match((await list(`/admin/enterprises/${enterpriseId(2)}`)).json().data, {
        uscc: usccOf(2),
        agents: [{ role: 'agent' }, { role: 'agent' }],
        filings: [],
      })
      t.same(verdict(await list(`/admin/enterprises/${crypto.randomUUID()}`)), [404, 'HUB_NO_RECORD'])
      const held = await list(`/admin/mandates?userId=${userId(1)}&enterpriseId=${enterpriseId(1)}`)
      t.equal(held.json().meta.page.total, 1)
      t.equal((await call(hub, 'GET', EMPLOYER, { enterprise: 1 })).statusCode, 200)
      const end = () =>
        call(hub, 'POST', `/admin/mandates/${held.json().data[0].id}/disable`, { person: OPERATOR, body: { purpose: '投诉' } })
      t.equal((await end()).json().data.status, 'disabled')
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'])
      t.same(verdict(await call(other, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'], 'elsewhere too')
      t.same(verdict(await end()), [404, 'HUB_NO_RECORD'])
    })

    t.test('a role ends with its row', async (t) => {
      const appoint = (person: number, role: string | null, by: number = ADMIN) =>
        call(hub, 'PUT', `/admin/administrators/${userId(person)}`, { person: by, body: { role, purpose } })
      await database('users')
        .where({ id: userId(SECOND) })
        .update({ status: 'active' })
      await inOffice(hub, SECOND)
      const list = async () => (await call(hub, 'GET', '/admin/administrators')).json().data
      t.equal((await confirm(hub, await appoint(5, 'operator'), SECOND)).statusCode, 200)
      t.equal((await list()).length, 5)
      t.equal((await call(hub, 'GET', '/admin/users', { person: 5 })).statusCode, 200)
      t.equal((await confirm(hub, await appoint(5, 'auditor'), SECOND)).statusCode, 200)
      t.equal((await list()).length, 5, 'one role a person')
      t.same(verdict(await act(6, 'lock', { purpose }, 5)), REFUSED)
      await appoint(5, null)
      t.same(verdict(await call(hub, 'GET', '/admin/users', { person: 5 })), REFUSED)
      t.same(verdict(await call(other, 'GET', '/admin/users', { person: 5 })), REFUSED, 'elsewhere too')
      t.same(verdict(await appoint(ADMIN, 'auditor')), REFUSED, 'not his own')
      t.same(verdict(await appoint(5, 'king')), [400, 'HUB_VALIDATION'])
      const stranger = { body: { role: 'operator', purpose } }
      t.same(verdict(await call(hub, 'PUT', `/admin/administrators/${crypto.randomUUID()}`, stranger)), [404, 'HUB_NO_RECORD'])
    })

    t.test('auditors search the log by user, service, outcome, time and trace, page by page', async (t) => {
      const search = async (query: string) => (await call(hub, 'GET', `/admin/audit?${query}`, { person: AUDITOR })).json()
      const { traceId, headers } = trace()
      await call(hub, 'GET', ACCOUNT, { person: 6, headers })
      const [row] = (await search(`traceId=${traceId}`)).data
      t.match(row, { connector: 'housing-fund', service: 'personal-account', outcome: 'ok', status: 200, traceId })
      t.match((await search(`user=${userId(6)}&service=personal-account&outcome=ok`)).data.at(-1), { traceId })
      t.equal((await search(`user=${userId(7)}&traceId=${traceId}`)).data.length, 0)
      t.same((await search(`user=${row.user}&traceId=${traceId}`)).data, [row], 'by pseudonym too')
      t.equal((await search(`traceId=${traceId}&to=${encodeURIComponent(inDays(-0.5))}`)).data.length, 0)
      for (const outcome of ['HUB_ROLE_REQUIRED', 'HUB_USER_LOCKED'])
        for (const { outcome: found } of (await search(`outcome=${outcome}`)).data) t.equal(found, outcome)

      // A millisecond ago: the searches below, which are on record too, are not among what they look for.
      const to = encodeURIComponent(new Date(Date.now() - 1).toISOString())
      const all = async (pageSize: number) => {
        const found: unknown[] = []
        let after: string | null = ''
        for (let pages = 0; after !== null && pages < 100; pages++) {
          const { data, meta } = await search(`to=${to}&pageSize=${pageSize}${after === '' ? '' : `&after=${after}`}`)
          found.push(...data)
          after = meta.next
        }
        return found
      }
      // However many there are: who waits above asks until he is heeded.
      const everything = await all(500)
      t.same(await all(40), everything, 'no row twice, none left out')
      t.equal(new Set(everything.map((row) => JSON.stringify(row))).size, everything.length)
      t.ok(everything.length > 100)

      const refuse = async (query: string) => verdict(await call(hub, 'GET', `/admin/audit?${query}`, { person: AUDITOR }))
      t.same(await refuse(`from=${encodeURIComponent(inDays(-100))}`), [400, 'HUB_VALIDATION'], 'a span has an end')
      t.same(await refuse('name=x'), [400, 'HUB_VALIDATION'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
        t.equal((await call(hub, method, '/admin/audit', { person: AUDITOR })).statusCode >= 404, true, `${method}: nobody changes a row`)
    })
  })
}

t.test('the first administrator is appointed on the command line, on record', async (t) => {
  const { settings, drop } = await (targets[0] as (typeof targets)[number]).create()
  t.teardown(drop)
  const hub = await build(t, { store: settings, declarations: declarations() })
  const hubOn = cli(settings)
  const run = async (...args: string[]) => {
    const { code, out, err } = await hubOn('administrators', ...args, '--reason', '接替前任', '--yes')
    return { code, out: out + err }
  }
  t.match(await run(userId(CITIZEN), 'operator'), { code: 0, out: /已任命/ })
  t.equal((await call(hub, 'GET', '/admin/users', { person: CITIZEN })).statusCode, 200)
  const [row] = await hub.app.database('audit_rows').where({ service: 'administrators.change' }).select('record')
  t.match(JSON.parse(row.record), { connector: 'admin', purpose: /operator/, target: /^[0-9a-f]{32}$/, app: /^cli:/ })
  t.match(await run(crypto.randomUUID(), 'admin'), { code: 1, out: /没有查到记录/ })
  t.match(await run('xx', 'none'), { code: 1, out: /没有这个用户：xx/ })
  t.match(await run(userId(CITIZEN).toUpperCase(), 'none'), { code: 1, out: /没有这个用户：5A0.*字母用小写/ })
  t.match(await run(userId(CITIZEN), 'none'), { code: 0, out: /已撤销/ })
  t.match(await run(userId(CITIZEN), 'none'), { code: 1, out: /不是管理员/ })
  t.same(verdict(await call(hub, 'GET', '/admin/users', { person: CITIZEN })), REFUSED)
})
