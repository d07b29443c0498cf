import t from 'tap'
import { people } from '../../../../plugins/sandbox/people.ts'
import { type Administrator, administrator, atConsole } from '../../../helper/console.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { addUser, call, declarations, enterpriseId, userId } from '../../../helper/identity.ts'
import { inOffice } from '../../../helper/second-person.ts'

const [ADMIN, AUDITOR, SECOND] = [6, 3, 7] as const
const purpose = '群众来访登记'

t.test('users, enterprises and the rules of logging in at the console', async (t) => {
  const hub = await build(t, { declarations: declarations(), env: { ADMIN_SECOND_FACTOR: 'on' } })
  const origin = await listen(hub)
  const [admin, auditor] = [await administrator(hub, ADMIN, 'admin'), await administrator(hub, AUDITOR, 'auditor')]
  const seated = (who: Administrator) => atConsole(hub, origin, who)
  const browser = await seated(admin)
  const open = async (path: string) => browser.open(`/console${path}`)
  const press = async (path: string, action: string, given: Record<string, string | readonly string[]> = {}) =>
    send(browser, await open(path), { purpose, ...given }, { action })
  const row = (id: string) => hub.app.database('users').where({ id }).first('status', 'level', 'kind')
  const waiting = async (kind: string) => hub.app.database('admin_requests').where({ kind, state: 'requested' }).pluck('id')

  t.test('a user is found without a name in any address, looked at and changed', async (t) => {
    const found = await press('/users', '/users/search', { name: people[3]?.name ?? '' })
    t.match(found.text, `href="/console/users/${userId(4)}"`)
    t.notMatch(found.text, people[3]?.name ?? '-', 'masked')
    t.match(words(await open(`/users/${userId(4)}`)), /没有实名认证。.*状态没有变更过。/s)
    const changed = await press(`/users/${userId(4)}`, '/change', { nickname: '小赵', avatarUrl: '', level: 'real-name', kind: 'test' })
    t.match(words(changed), '已修改。')
    t.match(await row(userId(4)), { kind: 'test' })
    const stale = await press(`/users/${userId(4)}`, '/change', { nickname: '小钱', level: 'real-name', kind: 'test', version: 'earlier' })
    t.equal(stale.status, 409)
    t.match(words(stale), 'HUB_REQUEST_STATE')
    t.match(words(await press(`/users/${userId(4)}`, '/disable')), '已停用。')
    t.match(await row(userId(4)), { status: 'disabled' })
    t.match(words(await press(`/users/${userId(4)}`, '/enable')), '已启用。')
    t.equal((await press(`/users/${userId(4)}`, '/disable', { purpose: '' })).status, 400, 'not without a reason')
  })

  t.test('what takes two persons waits', async (t) => {
    const id = await addUser(hub, 'at-the-desk')
    t.match(words(await press(`/users/${id}`, '/phone', { phone: '13900000000' })), '由另一位管理员确认')
    t.match(words(await press(`/users/${id}`, '/delete')), '由另一位管理员确认')
    t.same([(await waiting('users.phone')).length, (await waiting('users.delete')).length], [1, 1])
    t.match(await row(id), { status: 'active' })
    t.equal((await press(`/users/${userId(ADMIN)}`, '/delete')).status, 403, 'his own account')
  })

  t.test('what he may use and why, and where he is logged in', async (t) => {
    const services = await open(`/users/${userId(4)}/services?usable=no`)
    t.match(words(services), 'HUB_MANDATE_REQUIRED')
    t.match([services.text.includes('>不能使用</span>'), services.text.includes('>能使用</span>')], [true, false])
    await hub.get('/v1/me', { person: 4, headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x64) Firefox/140.0' } })
    t.match(words(await open(`/users/${userId(4)}/sessions`)), /应用.*登录中/s)
    const listed = await call(hub, 'GET', `/admin/users/${userId(4)}/sessions`, { person: AUDITOR })
    t.equal(listed.statusCode, 403, 'by token it takes the second factor as well')
  })

  t.test('an enterprise has its graph as a picture, and changes that wait', async (t) => {
    const page = await open(`/enterprises/${enterpriseId(2)}`)
    t.match(page.text, /<figure[^>]*><figcaption>关系图谱[^<]*<\/figcaption><div class="scroll"[^>]*><svg [^>]*role="img"/)
    t.notMatch(
      page.text.slice(page.text.indexOf('<svg'), page.text.indexOf('</svg>')),
      /<style|style=/,
      'the policy of the page refuses these',
    )
    t.match(words(await press(`/enterprises/${enterpriseId(2)}`, '/freeze')), '已冻结。')
    t.match(words(await press(`/enterprises/${enterpriseId(2)}`, '/unfreeze')), '已解冻。')
    t.match(
      words(await press(`/enterprises/${enterpriseId(2)}`, '/change', { name: '改过的名字', registeredState: '', establishedOn: '' })),
      '确认',
    )
    t.equal((await waiting('enterprises.change')).length, 1)
    const bound = { userId: userId(5), endsAt: '2099-01-01T00:00' }
    t.equal((await press(`/enterprises/${enterpriseId(2)}`, '/representative', bound)).status, 400, 'a year at most')
    t.equal((await press('/enterprises', '/register', { uscc: '1', name: '某公司', registeredState: '', establishedOn: '' })).status, 400)
  })

  t.test('the rules of logging in are changed by two, and an auditor sees no button', async (t) => {
    await inOffice(hub, SECOND)
    const rules = { failures: '4', windowMinutes: '10', minutes: '30', captchaAfter: '2', methods: ['sms', 'face'], classes: ['digit'] }
    const rest = { minLength: '10', history: '3', maxAgeDays: '90', adminElsewhere: 'second-factor', newDevice: 'off' }
    t.match(words(await press('/security', '/change', { ...rules, ...rest })), '由另一位管理员确认后生效')
    const [id] = await waiting('security.settings')
    await hub.app.requests.confirm(id, { userId: userId(SECOND), reason: '已核对', traceId: 't' })
    t.match(words(await open('/security')), /10 分钟内连续失败 4 次，锁定 30 分钟.*手机号验证码、人脸/s)
    t.equal((await press('/security', '/change', { ...rules, ...rest, methods: [] })).status, 400, 'somebody must get in')
    const eyes = await seated(auditor)
    for (const path of ['/users', `/users/${userId(4)}`, '/enterprises', `/enterprises/${enterpriseId(2)}`, '/security']) {
      const seen = await eyes.open(`/console${path}`)
      t.equal(seen.status, 200, path)
      const forms = [...seen.text.matchAll(/<form method="post" action="([^"]*)"/g)].map(([, action]) => action)
      t.same(
        forms.filter((action) => !/\/(leave|search)$/.test(action ?? '')),
        [],
        `${path}: nothing that he may not`,
      )
    }
  })

  t.test('a console that is opened from elsewhere asks for the code anew', async (t) => {
    await hub.app.database('admin_sessions').update({ address_hash: 'elsewhere' })
    t.equal((await open('/users')).status, 303)
  })
})
