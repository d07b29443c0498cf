import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { issueTicket } from '../../../../plugins/console/forms.ts'
import { sections } from '../../../../plugins/routes/console/sections/index.ts'
import { type AdminRole, adminRoles, mayDo } from '../../../../plugins/users/roles.ts'
import { codeOf, stepNow } from '../../../helper/authenticator.ts'
import type { Browser } from '../../../helper/browser.ts'
import { type Administrator, addCalls, administrator, atConsole, enterConsole, signedOn } from '../../../helper/console.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build, type Hub } from '../../../helper/hub.ts'
import { declarations, userId } from '../../../helper/identity.ts'
import { auditOf } from '../../../helper/queries.ts'
import { inOffice } from '../../../helper/second-person.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN] = [1, 2, 3, 4] as const
const PEOPLE: Readonly<Record<AdminRole, number>> = { admin: ADMIN, operator: OPERATOR, auditor: AUDITOR }
const COOKIE = 'hub_console'

interface Desks {
  hub: Hub
  origin: string
  staff: Readonly<Record<AdminRole, Administrator>>
}

async function open(t: Test, target = targets[0], env: Record<string, string> = {}): Promise<Desks> {
  const hub = await build(t, { ...(target ? { target } : {}), declarations: declarations(), env: { ADMIN_SECOND_FACTOR: 'on', ...env } })
  const origin = await listen(hub)
  const [admin, operator, auditor] = [
    await administrator(hub, ADMIN, 'admin'),
    await administrator(hub, OPERATOR, 'operator'),
    await administrator(hub, AUDITOR, 'auditor'),
  ]
  return { hub, origin, staff: { admin, operator, auditor } }
}

const sessionOf = async ({ app }: Hub, person: number): Promise<string> =>
  (
    await app
      .database('admin_sessions')
      .where({ user_id: userId(person) })
      .orderBy('verified_at', 'desc')
      .first()
  ).token_hash

t.test('the door', async (t) => {
  const { hub, origin, staff } = await open(t)

  t.test('whoever is not signed on is sent to the sign-on, and back to the page that he wanted', async (t) => {
    const browser = await signedOn(hub, origin, CITIZEN)
    browser.setCookie('hub_session', 'nobody')
    const asked = await browser.open('/console?state=down')
    t.equal(asked.status, 303)
    t.equal(asked.location, `${origin}/console/enter?to=%2Fconsole%3Fstate%3Ddown`)
    const door = await browser.open(asked.location ?? '')
    t.equal(door.status, 401)
    t.match(door.text, '/sign-on/start?return=%2Fconsole%2Fenter%3Fto%3D%252Fconsole%253Fstate%253Ddown')
    t.equal(door.headers.get('cache-control'), 'no-store')
    t.match(door.headers.get('content-security-policy'), /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/)
    t.notMatch(door.headers.get('content-security-policy'), /script-src|unsafe/)
  })

  t.test('whoever is signed on and no administrator stays outside', async (t) => {
    const browser = await signedOn(hub, origin, CITIZEN)
    const door = await browser.open('/console/enter')
    t.equal(door.status, 403)
    t.match(words(door), '没有管理权限')
  })

  t.test('signed on alone is not enough: every page wants the second factor', async (t) => {
    const browser = await signedOn(hub, origin, ADMIN)
    for (const { path } of sections) t.equal((await browser.open(path)).status, 303, path)
    const refused = await enterConsole(browser, '00000x')
    t.equal(refused.status, 400)
    t.equal(browser.cookie(COOKIE), undefined)
    t.equal((await browser.open('/console')).status, 303)
  })

  t.test('five wrong codes lock, and the right one does not open then', async (t) => {
    const browser = await signedOn(hub, origin, AUDITOR)
    const right = await staff.auditor.code()
    const wrong = right === '123456' ? '654321' : '123456'
    const statuses: number[] = []
    for (let round = 0; round < 5; round++) statuses.push((await enterConsole(browser, wrong)).status)
    t.same(statuses, [403, 403, 403, 403, 403])
    const locked = await enterConsole(browser, right)
    t.match(words(locked), '动态验证码已锁定')
    t.equal(browser.cookie(COOKIE), undefined)
  })

  t.test('with the code he is in, by a cookie that no script reads and no other site sends', async (t) => {
    const browser = await signedOn(hub, origin, ADMIN)
    const door = await enterConsole(browser, await staff.admin.code(), '/console?state=up')
    t.equal(door.status, 303)
    t.equal(door.location, `${origin}/console?state=up`)
    const [cookie = ''] = browser.lastSetCookies
    t.match(cookie, /^hub_console=[\w-]{43}; Path=\/console; HttpOnly; SameSite=Strict$/)
    const page = await browser.open('/console')
    t.equal(page.status, 200)
    t.match(words(page), adminRoles.admin)
    const stored = await hub.app.database('admin_sessions').where({ user_id: userId(ADMIN) })
    t.ok(stored.length > 0)
    t.notMatch(JSON.stringify(stored), browser.cookie(COOKIE) ?? '-', 'the store could not hand out the cookie')
  })

  t.test('who has no authenticator enrols one with the code that was handed to him', async (t) => {
    const { app } = hub
    const person = 7
    await inOffice(hub, person, 'operator')
    const browser = await signedOn(hub, origin, person)
    t.match((await browser.open('/console/enter?to=/console/alerts')).text, 'href="/console/enrol?to=%2Fconsole%2Falerts"')
    const begin = await browser.open('/console/enrol?to=/console/alerts')
    t.match(words(await send(browser, begin, { enrolmentCode: 'nobody-said-so' })), '登记码')
    const { code } = await app.secondFactor.issueCode(userId(person))
    const shown = await send(browser, await browser.open('/console/enrol?to=/console/alerts'), { enrolmentCode: ` ${code} ` })
    t.equal(shown.status, 200)
    t.equal(shown.headers.get('cache-control'), 'no-store')
    t.match(shown.text, '<svg xmlns="http://www.w3.org/2000/svg" class="code"')
    const secret = (/密钥<\/dt><dd>\s*<span>([A-Z2-7 ]+)<\/span>/.exec(shown.text)?.[1] ?? '').replaceAll(' ', '')
    const wrong = await send(browser, shown, { code: codeOf(secret, stepNow() - 1000) })
    t.equal(wrong.status, 403)
    t.notMatch(wrong.text, '<svg', 'what was shown is not shown again')
    t.equal(browser.cookie(COOKIE), undefined)
    const entered = await send(browser, wrong, { code: codeOf(secret, stepNow()) })
    t.equal(entered.location, `${origin}/console/alerts`)
    t.equal((await browser.open('/console/alerts')).status, 200)
    const citizen = await signedOn(hub, origin, CITIZEN)
    t.equal((await citizen.open('/console/enrol')).status, 403)
    citizen.setCookie('hub_session', 'nobody')
    t.equal((await citizen.open('/console/enrol')).status, 303)
  })

  t.test('the way on stays in the console', async (t) => {
    const browser = await signedOn(hub, origin, ADMIN)
    for (const to of ['https://elsewhere.invalid/', '//elsewhere.invalid', '/hall', '/consoles'])
      t.equal((await browser.open(`/console/enter?${new URLSearchParams({ to })}`)).status, 400, to)
  })

  t.test('leaving ends the session in the store: a copied cookie is worth nothing', async (t) => {
    const browser = await atConsole(hub, origin, staff.admin)
    const copied = browser.cookie(COOKIE) ?? ''
    t.equal((await send(browser, await browser.open('/console'), {}, { action: '/console/leave' })).status, 303)
    t.equal(browser.cookie(COOKIE), undefined)
    browser.setCookie(COOKIE, copied)
    t.equal((await browser.open('/console')).status, 303)
  })

  t.test('it ends with any log-in of his, whoever ends that, and when he signs out', async (t) => {
    const { app } = hub
    const id = userId(ADMIN)
    const logIn = async (kind: string) =>
      (await app.logIns.list({ userId: id, state: 'present', page: 1, pageSize: 100 })).rows.find((row) => row.kind === kind)
    const me = async (url: string) =>
      app.inject({
        method: 'DELETE',
        url,
        headers: { authorization: `Bearer ${await hub.token({ person: ADMIN, claims: { sid: url } })}` },
      })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const signOut = (browser: Browser) => browser.open('/sign-on/end', { method: 'POST', headers: form })
    const ways: Readonly<Record<string, (browser: Browser) => Promise<unknown>>> = {
      'all by himself': () => me('/v1/me/sessions'),
      'one by himself': async () => me(`/v1/me/sessions/${(await logIn('browser'))?.id}`),
      'by an operator': () => app.endLogIns(id, { except: null }, 'operator'),
      'signed out': signOut,
      'signed out late': async (browser) => {
        await app.database('sessions').update({ seen_at: Date.now() - 31 * 60_000 })
        await signOut(browser)
      },
    }
    for (const [way, end] of Object.entries(ways)) {
      const browser = await atConsole(hub, origin, staff.admin)
      t.equal((await browser.open('/console')).status, 200, way)
      await end(browser)
      t.equal((await browser.open('/console')).status, 303, way)
    }
  })

  t.test('half an hour unused ends it, and eight hours in any case', async (t) => {
    const sessions = () => hub.app.database('admin_sessions').where({ user_id: userId(ADMIN) })
    for (const late of [{ last_used_at: Date.now() - 30 * 60_000 - 1 }, { expires_at: Date.now() - 1 }]) {
      await sessions().delete()
      const browser = await atConsole(hub, origin, staff.admin)
      const [opened] = await sessions()
      t.ok(Number(opened.expires_at) - Date.now() <= 8 * 3_600_000)
      t.equal((await browser.open('/console')).status, 200)
      await sessions().update(late)
      t.equal((await browser.open('/console')).status, 303, Object.keys(late).join())
    }
  })

  t.test('who is dismissed, or whose account is shut, sits there no longer', async (t) => {
    const browser = await atConsole(hub, origin, staff.operator)
    t.equal((await browser.open('/console')).status, 200)
    await hub.app.administrators.dismiss(userId(OPERATOR))
    t.equal((await browser.open('/console')).status, 303)
  })
})

t.test('forms and roles', async (t) => {
  const { hub, origin, staff } = await open(t)
  const seated = async (role: AdminRole): Promise<Browser> => atConsole(hub, origin, staff[role])

  t.test('each section is seen by the roles that may read it, and refused to the others', async (t) => {
    for (const role of Object.keys(PEOPLE) as AdminRole[]) {
      const browser = await seated(role)
      for (const { path, title, permission } of sections) {
        const page = await browser.open(path)
        t.equal(page.status, mayDo(role, permission) ? 200 : 403, `${role}: ${path}`)
        if (page.status === 200) t.match(page.text, `<a href="${path}" aria-current="page">${title}</a>`)
      }
    }
  })

  t.test('a form of another site, another page or another session does nothing', async (t) => {
    const [browser, other] = [await seated('admin'), await seated('admin')]
    const ticketOf = (text: string) =>
      Object.fromEntries([...text.matchAll(/name="(number|seal)" value="([^"]*)"/g)].slice(0, 2).map(([, name, value]) => [name, value]))
    const own = ticketOf((await browser.open('/console')).text)
    const leave = (values: Record<string, string>) => browser.open('/console/leave', { method: 'POST', body: new URLSearchParams(values) })
    const forged = [{}, { ...own, seal: 'x' }, { ...own, number: `z${own['number']}` }, ticketOf((await other.open('/console')).text)]
    for (const values of forged) t.equal((await leave(values)).status, 400)
    t.equal((await browser.open('/console')).status, 200, 'still there')
    t.equal((await leave(own)).status, 303, 'and his own does')
  })

  t.test('what an administrator does goes through the API once, however often its form is sent', async (t) => {
    const row = {
      id: randomUUID(),
      rule: 'agency-down',
      target: 'demo',
      connector: 'demo',
      severity: 'critical',
      state: 'firing',
      value: 2,
    }
    await hub.app.database('alerts').insert({ ...row, since: Date.now(), seen_at: Date.now(), fired_at: Date.now() })
    const [browser, reader] = [await seated('operator'), await seated('auditor')]
    const path = `/console/alerts/${row.id}`
    t.notMatch((await reader.open(path)).text, '/acknowledge', 'who may not do it is not offered it')
    const page = await browser.open(path)
    const sent = { purpose: '已致电对方机房' }
    const done = await send(browser, page, sent, { action: '/acknowledge' })
    t.match(words(done), '已确认：不再重复通知。')
    t.match(words(done), '已有人处理')
    const again = await send(browser, page, sent, { action: '/acknowledge' })
    t.equal(again.status, 409)
    t.match(words(again), '已经提交过')
    t.equal((await hub.app.database('alert_events').where({ alert_id: row.id })).length, 1)
    const refused = await browser.open('/console/alerts/x')
    t.equal(refused.status, 400)
    t.match(words(refused), '填写的内容有误')
  })

  t.test('a form of an act beyond the role is refused, whatever it carries', async (t) => {
    const reader = await seated('auditor')
    const ticket = issueTicket(hub.app, await sessionOf(hub, AUDITOR), '/console/jobs/drop')
    const body = new URLSearchParams({ ...ticket, id: randomUUID(), purpose: '试试' })
    t.equal((await reader.open('/console/jobs/drop', { method: 'POST', body })).status, 403)
  })

  t.test('filters that are too long, or make no sense, are refused on a page that says so', async (t) => {
    const browser = await seated('admin')
    const long = 'x'.repeat(5000)
    for (const path of [
      `/console/orders?number=${long}`,
      `/console/alerts?state=${long}`,
      '/console/jobs?page=0',
      '/console/requests?kind=x',
    ]) {
      const page = await browser.open(path)
      t.equal(page.status, 400, path.slice(0, 40))
      t.match(page.text, 'role="alert"')
    }
  })

  t.test('an id that holds a path is an id that there is not', async (t) => {
    const browser = await seated('admin')
    const id = userId(CITIZEN)
    for (const odd of [`${id}%2Fservices`, `${id}%3Fpage=1`, '..%2Fenterprises', '%2e%2e%2fhealth'])
      for (const section of ['users', 'enterprises', 'alerts', 'orders', 'requests'])
        t.match((await browser.open(`/console/${section}/${odd}`)).status, /^40[04]$/, `${section}/${odd}`)
  })

  t.test('one connector: its systems, what is slow, open or unreadable, and its calls of a day and a month', async (t) => {
    const page = await (await seated('operator')).open('/console/connectors/demo')
    t.equal(page.status, 200)
    const charts = ['24 小时内的调用', '30 天内的用时']
    for (const told of ['最近一次成功', '最慢的服务', '熔断', '无法识别的内容', ...charts]) t.match(words(page), told)
    t.match(words(page), '24 小时内的调用：没有数据。')
    t.notMatch(page.text, '<svg', 'an empty chart takes a line')
    await addCalls(hub)
    const called = await (await seated('operator')).open('/console/connectors/demo')
    for (const told of charts) t.match(words(called), told)
    t.match(called.text, '<svg')
    t.equal((await (await seated('operator')).open('/console/connectors/nobody')).status, 404)
  })

  t.test('statistics: charts with their tables, narrowed, and as files', async (t) => {
    const browser = await seated('auditor')
    const empty = await browser.open('/console/statistics?from=2026-01-01&to=2026-01-02')
    t.match(words(empty), /没有数据。.*没有调用。/)
    t.notMatch(empty.text, '<svg')
    const page = await browser.open('/console/statistics?connector=demo')
    t.equal(page.status, 200)
    for (const told of ['每天', '忙时', '服务的排名', '单位', '应用', /调用 1\d\d /]) t.match(words(page), told)
    t.match(page.text, '<svg')
    t.match(page.text, /href="\/console\/statistics\/file\?from=[^"]*connector=demo&#38;by=agency&#38;format=csv"/)
    t.match(page.text, '<option value="demo" selected>')
    for (const format of ['csv', 'xlsx']) {
      const file = await browser.open(`/console/statistics/file?by=agency&format=${format}`)
      t.match(file.headers.get('content-disposition'), `statistics.${format}`)
    }
    t.equal((await browser.open('/console/statistics?from=2026-01-01&to=2026-12-31')).status, 400)
  })

  t.test('the board is behind the log-in, dark, alone on its screen, and looks anew by itself', async (t) => {
    const browser = await seated('operator')
    const board = await browser.open('/console/board')
    t.equal(board.headers.get('refresh'), '60')
    t.match(board.text, 'class="console board"')
    t.notMatch(board.text, '<nav')
    t.match(words(board), /今天的调用 .*正常的系统 2 \/ 2/)
    const still = await browser.open('/console/board?refresh=off')
    t.equal(still.headers.get('refresh'), null)
    t.match(words(still), '恢复自动刷新')
    browser.setCookie(COOKIE, 'nobody')
    t.equal((await browser.open('/console/board')).status, 303)
  })

  t.test('the audit log is searched by application, the latest first, and handed out as it is read', async (t) => {
    const browser = await seated('auditor')
    const page = await browser.open('/console/audit?app=hub-console')
    t.equal(page.status, 200)
    t.match(words(page), 'hub-console')
    t.notMatch(page.text, '<span>hub-pages</span>')
    const told = await browser.open('/console/audit?from=2026-01-01T00:00')
    t.equal(told.status, 400)
    t.match(words(told), '最多相隔 92 天')
    const nothing = await browser.open('/console/audit/export?app=hub-console')
    t.equal(nothing.status, 400)
    t.match(words(nothing), '填写的内容有误')
    const file = await browser.open('/console/audit/export?app=hub-console&purpose=%E5%AD%A3%E5%BA%A6%E5%AE%A1%E8%AE%A1')
    t.match(file.headers.get('content-disposition'), 'audit.csv')
    t.equal(file.headers.get('content-length'), null, 'of unknown length')
    const [head, ...lines] = file.text.trim().split('\r\n')
    t.match(head, /time,action,traceId,app/)
    t.ok(lines.length > 3)
    t.ok(lines.every((line) => line.includes(',hub-console,')))
    t.equal((await (await seated('admin')).open('/console/audit/export?purpose=xx')).status, 403)
  })

  t.test('what it asks is on record as his, under the trace of the page', async (t) => {
    const browser = await seated('operator')
    const traceId = '0123456789abcdef0123456789abcdef'
    await browser.open('/console', { headers: { traceparent: `00-${traceId}-0000000000000001-01` } })
    const rows = await auditOf(hub, traceId)
    t.same(rows.map(({ service, outcome }) => [service, outcome]).sort(), [
      ['connectors.list', 'ok'],
      ['console', 'ok'],
      ['health.list', 'ok'],
    ])
    t.equal(new Set(rows.map(({ user }) => user)).size, 1)
  })
})

t.test('the console stays within the addresses of administrators', async (t) => {
  const { origin } = await open(t, undefined, { ADMIN_ADDRESSES: '192.0.2.0/24' })
  for (const path of ['/console', '/console/enter']) t.equal((await fetch(`${origin}${path}`, { redirect: 'manual' })).status, 403, path)
})
