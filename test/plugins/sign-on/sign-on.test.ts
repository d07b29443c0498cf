import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { HOME, site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const PROFILES = [
  ['ticket', 'ticketId'],
  ['oauth2', 'code'],
] as const

const MINUTE = 60_000

for (const target of targets) {
  for (const [profile, parameter] of PROFILES) {
    t.test(`${target.name}, ${profile}`, async (t) => {
      const hub = await site(t, { target, env: { SIGN_ON_PROFILE: profile } })
      const { database } = hub.app

      t.test('a citizen chooses himself on the page and comes back signed on', async (t) => {
        const browser = hub.browser()
        t.equal(await hub.readSession(browser), null)
        const started = await browser.open('/sign-on/start?return=/oauth/interaction/x%3Fa=1')
        t.equal(started.status, 302)
        t.match(browser.lastSetCookies[0], /^hub_sign_on=[\w-]{43}; Path=\/sign-on; Max-Age=600; HttpOnly; SameSite=Lax$/)
        const list = await browser.open(started.location ?? '')
        for (const { name } of people) t.match(list.text, name)
        const [, link = ''] = /href="([^"]*person=2)"/.exec(list.text.replaceAll('&#38;', '&')) ?? []
        const chosen = await browser.open(new URL(link, started.location ?? '').href)
        t.ok(chosen.location?.startsWith(`${HOME}/sign-on/callback?`))
        const done = await browser.open(chosen.location ?? '')
        t.equal(done.status, 303)
        t.equal(done.location, `${HOME}/oauth/interaction/x?a=1`)
        t.equal(done.headers.get('cache-control'), 'no-store')
        t.match(browser.lastSetCookies[0], /^hub_session=v\d[\w.~-]+; Path=\/; HttpOnly; SameSite=Lax$/)
        const session = await hub.readSession(browser)
        t.equal(session?.userId, people[1]?.id)
        t.ok(Math.abs((session?.authTime ?? 0) - Date.now() / 1000) < 10, 'epoch seconds')
        t.match((await browser.open('/sign-on')).text, '您已在这个浏览器里登录')
        t.equal((await browser.open(chosen.location ?? '')).status, 400, 'the way back is walked once')
      })

      t.test('whoever cancels is told so', async (t) => {
        const { browser, page, state } = await hub.begin()
        page.searchParams.set('person', 'none')
        const cancelled = await browser.open(page.href)
        const told = await browser.open(cancelled.location ?? '', { headers: { accept: 'text/html' } })
        t.equal(told.status, 403)
        t.match(told.text, '没有完成登录')
        t.equal((await hub.back(browser, { state, [parameter]: 'x' })).code, 'HUB_SIGN_ON_STATE')
      })

      t.test('a state is for one browser, one return and ten minutes', async (t) => {
        const mine = await hub.begin()
        const other = await hub.begin()
        const refused = async (name: string, browser = mine.browser, state: string = mine.state) => {
          const page = await hub.back(browser, { state, [parameter]: hub.issue(mine) })
          t.same([page.status, page.code, page.audited], [400, 'HUB_SIGN_ON_STATE', ['HUB_SIGN_ON_STATE']], name)
        }
        await refused('made up', mine.browser, 'x'.repeat(43))
        await refused('none', mine.browser, '')
        await refused('of another browser', mine.browser, other.state)
        await refused('stolen by another browser', other.browser, mine.state)
        await refused('in a browser without a cookie', hub.browser(), mine.state)
        const twice = await mine.browser.open(`/sign-on/callback?state=${mine.state}&state=${mine.state}&${parameter}=x`)
        t.equal(twice.status, 400, 'two at once')
        const raced = await Promise.all([1, 2, 3].map(() => hub.back(mine.browser, { state: mine.state, [parameter]: hub.issue(mine) })))
        t.same(raced.map(({ status }) => status).sort(), [303, 400, 400], 'used once')
        await refused('used')
        const late = await hub.begin()
        await database('sign_on_flows').update({ expires_at: Date.now() - 1 })
        await refused('late', late.browser, late.state)
      })

      t.test('two windows of one browser do not get in each other’s way', async (t) => {
        const first = await hub.begin('/first')
        const second = await first.browser.open('/sign-on/start?return=/second')
        const page = new URL(second.location ?? '')
        const state = page.searchParams.get('sp') ?? page.searchParams.get('state') ?? ''
        const done = await hub.back(first.browser, { state: first.state, [parameter]: hub.issue(first) })
        t.equal(done.location, `${HOME}/first`)
        const other = await hub.back(first.browser, { state, [parameter]: hub.issue({ page }) })
        t.equal(other.location, `${HOME}/second`)
        t.equal((await database('sessions').where({ user_id: people[0]?.id })).length > 0, true)
      })

      t.test('a ticket is for this app, five minutes and one use', async (t) => {
        const now = Date.now()
        const used = await hub.begin()
        const ticket = hub.issue(used)
        t.equal((await hub.back(used.browser, { state: used.state, [parameter]: ticket })).status, 303)
        const cases: Record<string, (page: { page: URL }) => string> = {
          'made up': () => 'x'.repeat(32),
          expired: (begun) => hub.issue(begun, { issuedAt: now - 5 * MINUTE - 1000 }),
          'from the future': (begun) => hub.issue(begun, { issuedAt: now + 5 * MINUTE }),
          'of another app': (begun) => hub.issue(begun, { appId: 'another-app' }),
          replayed: () => ticket,
        }
        for (const [name, make] of Object.entries(cases)) {
          const begun = await hub.begin()
          const page = await hub.back(begun.browser, { state: begun.state, [parameter]: make(begun) })
          t.same([page.status, page.code, page.audited], [401, 'HUB_TICKET_INVALID', ['HUB_TICKET_INVALID']], name)
          t.equal(await hub.readSession(begun.browser), null, name)
        }
        const begun = await hub.begin()
        const missing = await hub.back(begun.browser, {
          state: begun.state,
          [parameter === 'code' ? 'ticketId' : 'code']: hub.issue(begun),
        })
        t.equal(missing.code, 'HUB_TICKET_INVALID', 'of the other profile')
        t.equal((await hub.signOn()).outcome, people[0]?.id, 'all of which hurts nobody else')
      })

      t.test('a session ends after half an hour without use, after twelve hours, on leaving and on revocation', async (t) => {
        const { browser, outcome } = await hub.signOn({ person: 3 })
        const now = Date.now()
        const set = (values: object) => database('sessions').where({ user_id: outcome }).update(values)
        const here = async () => (await hub.readSession(browser)) !== null
        await set({ seen_at: now - 29 * MINUTE })
        t.equal(await here(), true)
        const [row] = await database('sessions').where({ user_id: outcome })
        t.ok(Number(row.seen_at) >= now, 'use keeps it alive')
        await set({ seen_at: now - 30 * MINUTE - 1 })
        t.equal(await here(), false, 'idle')
        await set({ seen_at: now, expires_at: now - 1 })
        t.equal(await here(), false, 'absolute')
        t.ok(Number(row.expires_at) - Number(row.signed_on_at) === 12 * 60 * MINUTE)
        await set({ expires_at: now + MINUTE })
        t.equal(await here(), true)
        const cookie = browser.cookie('hub_session') ?? ''
        for (const forged of ['x', `${cookie.slice(0, -2)}AA`, hub.app.vault.seal('x', 'another.place'), String(row.id_hash)]) {
          browser.setCookie('hub_session', forged)
          t.equal(await here(), false, 'forged')
        }
        browser.setCookie('hub_session', cookie)
        await database('users').where({ id: outcome }).update({ status: 'disabled' })
        t.equal(await here(), false, 'the account is shut')
        t.equal((await hub.signOn({ person: 3 })).outcome, 'HUB_USER_DISABLED')
        await database('users').where({ id: outcome }).update({ status: 'active' })
        const asked = await browser.open('/sign-on/end?return=/bye')
        t.match(asked.text, /<form method="post" action="\/sign-on\/end\?return=%2Fbye">/, 'a visit only asks')
        t.ok(browser.cookie('hub_session'))
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        const left = await browser.open('/sign-on/end?return=/bye', { method: 'POST', headers: form })
        t.equal(left.location, `${HOME}/bye`)
        t.equal(browser.cookie('hub_session'), undefined)
        browser.setCookie('hub_session', cookie)
        t.equal(await here(), false, 'a kept cookie is worth nothing')
        const again = await hub.signOn({ person: 3 })
        t.equal(await hub.app.sessions.endAll(outcome), 1)
        t.equal(await hub.readSession(again.browser), null)
      })

      t.test('signing on again replaces the session of the browser', async (t) => {
        const { browser } = await hub.signOn({ person: 4 })
        const before = browser.cookie('hub_session') ?? ''
        const started = new URL((await browser.open('/sign-on/start')).location ?? '')
        const state = started.searchParams.get('sp') ?? started.searchParams.get('state') ?? ''
        await hub.back(browser, { state, [parameter]: hub.issue({ page: started }, { person: 5 }) })
        t.equal((await hub.readSession(browser))?.userId, people[4]?.id)
        browser.setCookie('hub_session', before)
        t.equal(await hub.readSession(browser), null)
      })

      t.test('what is over is removed, what is not stays', async (t) => {
        const { browser } = await hub.signOn({ person: 6 })
        await database('sign_on_tickets').update({ expires_at: 1 })
        const { createFlows } = await import('../../../plugins/sign-on/flows.ts')
        const { createSessionStore } = await import('../../../plugins/sign-on/sessions.ts')
        await createFlows(database, hub.app.vault).purge()
        await createSessionStore(database, hub.app.vault).purge()
        t.equal((await database('sign_on_tickets')).length, 0)
        t.not(await hub.readSession(browser), null)
      })

      t.test('nothing of all this is in the log or the audit', async (t) => {
        const rows: { record: string }[] = await database('audit_rows').select('record')
        const text = hub.logged() + rows.map(({ record }) => record).join('')
        for (const { index, name, number } of people)
          for (const secret of [name, number, `1380000000${index}`]) t.notOk(text.includes(secret), secret)
        t.notOk(text.includes(hub.sandbox.signOn.appSecret))
      })
    })
  }
}
