import type { FastifyRequest } from 'fastify'
import * as client from 'openid-client'
import t from 'tap'
import credit from '../../../../connectors/credit/index.ts'
import gas from '../../../../connectors/gas/index.ts'
import museum from '../../../../connectors/sandbox-museum/index.ts'
import { field, input, service } from '../../../../core/connector.ts'
import { handOverOf } from '../../../../plugins/kinds/jump/hand-over.ts'
import { orderVisits } from '../../../../plugins/kinds/order/page-path.ts'
import { bindAccounts } from '../../../helper/accounts.ts'
import { createBrowser } from '../../../helper/browser.ts'
import { build } from '../../../helper/hub.ts'
import { onTo } from '../../../helper/payment-page.ts'
import { targets } from '../../../helper/targets.ts'
import { application, browse, formBody, readForm, request, serve } from '../../../helper/third-party.ts'

const BACK = 'https://app.example/back'
const ENTRY = '/v1/sandbox-museum/entry'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const PAGES = '/v1/me/authorizations/pages'

/** Names and numbers go to the agency, for a ticket that travels in a form. */
const told = service({
  id: 'told-entry',
  name: '凭身份前往',
  kind: 'jump',
  agents: true,
  inputs: {},
  fields: { ticket: field.text('一次性登录码', { code: 'pj', required: true }) },
  jump: { page: 'h5/mine', handOver: { by: 'ticket', field: 'ticket', parameter: 'pj', carrier: 'form' } },
  audience: 'person',
  identity: 'real-name',
  timeoutMs: 3000,
  rate: { max: 1000, perSeconds: 60 },
})
const hashed = service({
  ...told.contract,
  id: 'hashed-entry',
  jump: { page: 'h5/mine', handOver: { by: 'ticket', field: 'ticket', parameter: 'pj', carrier: 'fragment' } },
})
const more = service({
  id: 'more-entry',
  name: '凭身份和证件类型前往',
  kind: 'jump',
  inputs: { idType: input.verified('证件类型', 'person.idType', { code: 'zjlx' }) },
  fields: { ticket: field.text('一次性登录码', { code: 'pj', required: true }) },
  jump: { page: 'h5/mine', handOver: { by: 'ticket', field: 'ticket', parameter: 'pj' } },
  audience: 'person',
  identity: 'real-name',
  timeoutMs: 3000,
  rate: { max: 1000, perSeconds: 60 },
})
const open = service({
  id: 'open-page',
  name: '公开页面',
  kind: 'jump',
  inputs: {},
  fields: {},
  jump: { page: 'h5/open', handOver: { by: 'none' } },
  audience: 'public',
  identity: 'none',
  timeoutMs: 3000,
  rate: { max: 1000, perSeconds: 60 },
})
const extended = { ...credit, services: [...credit.services, told, hashed, more, open] }

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [museum, extended], env: { ACCOUNT_RETURN_URLS: BACK } })
    await hub.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = hub.app.server.address() as { port: number }
    const origin = `http://127.0.0.1:${port}`
    const faults = hub.app.sandbox?.faults
    t.afterEach(() => faults?.clear())

    const start = async (url: string, body: object = {}, as: object = {}) => (await hub.post(url, { ...as, body })).json()
    /** A browser that the app let in, and what it saw first. */
    const enter = async (url: string) => {
      const browser = createBrowser({ [origin]: origin })
      return { browser, first: await browser.open(url) }
    }
    const decide = (browser: ReturnType<typeof createBrowser>, path: string, seal: string, decision: string) =>
      browser.open(
        path,
        formBody([
          ['seal', seal],
          ['decision', decision],
        ]),
      )
    const rowsOf = async (state?: string) =>
      Number(
        (
          await hub.app
            .database('jumps')
            .where(state ? { state } : {})
            .count({ n: '*' })
            .first()
        )?.['n'],
      )

    t.test('without an account the app is told where to bind one, and nothing is begun', async (t) => {
      t.match(await start(ENTRY, { hall: 'C01' }), { code: 'HUB_ACCOUNT_UNBOUND', stepUp: { url: /sandbox-museum/ } })
      t.equal(await rowsOf(), 0)
      await bindAccounts(hub, [museum])
    })

    t.test('a page for everybody: its address, without a token, a question or a row', async (t) => {
      const before = await rowsOf()
      const shown = await hub.app.inject({ method: 'POST', url: '/v1/credit/open-page', payload: {} })
      t.equal(shown.statusCode, 200, shown.body)
      t.match(shown.json().data.url, /\/pages\/credit\/h5\/open$/)
      t.same(Object.keys(shown.json().data), ['url'])
      t.match(await (await fetch(shown.json().data.url)).text(), /公开页面/)
      t.equal(await rowsOf(), before)
      t.equal((await hub.app.inject('/go/credit/open-page/open?code=x')).statusCode, 404, 'there is no way to be taken')
      t.match((await start('/v1/credit/open-page', { returnTo: BACK })).code, 'HUB_VALIDATION')
      t.equal((await hub.app.inject({ method: 'POST', url: '/v1/credit/told-entry', payload: {} })).statusCode, 401)
    })

    t.test('asked once, gone once, and back only where that is allowed', async (t) => {
      t.match(await start(ENTRY, { hall: 'C01', returnTo: 'https://evil.example/' }), { errors: [{ pointer: '/body/returnTo' }] })
      t.match(await start(ENTRY, { hall: 'C01', ticket: 'x' }), { code: 'HUB_VALIDATION' }, 'what the agency answers is nobody’s to give')
      for (const hall of ['.', '..'])
        t.match(await start(ENTRY, { hall }), { errors: [{ pointer: '/body/hall' }] }, 'no step up in the path')
      const { data } = await start(ENTRY, { hall: 'C01/../x', returnTo: BACK })
      t.match(data, { asks: true, facts: [{ id: 'account.externalId', title: '您在对方系统的账户' }] })
      const { browser, first } = await enter(data.url)
      t.strictSame([first.status, first.location], [303, `${origin}/go/sandbox-museum/entry`])
      const question = await browser.open(first.location ?? '')
      t.match(question.text, /前往示例科技馆[\s\S]*您在对方系统的账户[\s\S]*同意并前往[\s\S]*我的授权/)
      t.notMatch(question.text, /<script/)
      t.match(question.headers.get('content-security-policy'), /default-src 'none'/)
      const { seal } = readForm(question.text)
      t.equal((await decide(browser, first.location ?? '', 'x'.repeat(43), 'allow')).status, 410, 'a form that was not shown')
      const stranger = createBrowser({ [origin]: origin })
      t.equal((await decide(stranger, first.location ?? '', seal, 'allow')).status, 410, 'another browser')
      const leaving = await decide(browser, first.location ?? '', seal, 'allow')
      const onward = new URL(onTo(leaving))
      t.equal(onward.pathname, '/pages/sandbox-museum/h5/halls/C01%2F..%2Fx', 'an input stays in its place')
      t.equal(onward.searchParams.get('back'), BACK)
      t.match(await (await fetch(onward)).text(), /登录人[\s\S]*贾明/)
      t.match(await (await fetch(onward)).text(), /已经用过/, 'a ticket is good once')
      t.equal((await decide(browser, first.location ?? '', seal, 'allow')).status, 410, 'gone is gone')
      t.equal((await enter(data.url)).first.status, 410, 'so is the code')

      const { data: again } = await start(ENTRY, { hall: 'C01' })
      t.equal(again.asks, false)
      t.match(onTo((await enter(again.url)).first), /h5\/halls\/C01\?ticket=/)
      t.match((await start(ENTRY, { hall: 'C01' }, { person: 2 })).data, { asks: true }, 'another has not agreed')
    })

    t.test('a payment page in the same browser stays open, and the code for one opens none of the other', async (t) => {
      const { data } = await start(ENTRY, { hall: 'C01' })
      const { user_id } = await hub.app.database('jumps').orderBy('created_at', 'desc').first('user_id')
      const number = '1'.repeat(26)
      const { code } = await hub.app.visits.handOver(orderVisits, user_id, number)
      const ofJump = new URL(data.url).searchParams.get('code') ?? ''
      const browser = createBrowser({ [origin]: origin })
      t.equal((await browser.open(`/pay/open?code=${ofJump}`)).status, 410)
      t.equal((await browser.open(`/go/sandbox-museum/entry/open?code=${code}`)).status, 410)
      t.equal((await browser.open(`/pay/open?code=${code}`)).location, `${origin}/pay/${number}`, 'neither was used up by that')
      t.not((await browser.open(data.url)).status, 410)
      t.match(browser.lastSetCookies[0], /^hub_visit_jump=[\w-]{43}; Path=\/go; Max-Age=1800; HttpOnly; SameSite=Lax$/)
      const [order, jump] = [browser.cookie('hub_visit_order') ?? '', browser.cookie('hub_visit_jump') ?? '']
      const seen = (cookie: string) => hub.app.visits.read({ headers: { cookie } } as FastifyRequest, orderVisits)
      t.match(await seen(`hub_visit_order=${order}; hub_visit_jump=${jump}`), { about: number, userId: user_id })
      t.equal(await seen(`hub_visit_order=${jump}`), null, 'a cookie of one is none of the other')
    })

    t.test('what was agreed to is in 我的授权, and taken back there', async (t) => {
      const mine = async (person = 1) => (await hub.get(PAGES, { person })).json().data
      const [given] = await mine()
      t.match(given, { connector: { id: 'sandbox-museum' }, enterpriseId: null, facts: [{ id: 'account.externalId' }], lastUsedAt: String })
      t.same(await mine(2), [])
      const remove = async (person: number) =>
        hub.app.inject({
          method: 'DELETE',
          url: `${PAGES}/${given.id}`,
          headers: { authorization: `Bearer ${await hub.token({ person })}` },
        })
      t.equal((await remove(2)).json().code, 'HUB_NO_RECORD', 'not another’s to take')
      const { data: before } = await start(ENTRY, { hall: 'C01' })
      t.equal((await remove(1)).statusCode, 204)
      t.equal((await enter(before.url)).first.status, 303, 'a way begun before asks as well')
      t.match((await start(ENTRY, { hall: 'C01' })).data, { asks: true })
    })

    t.test('who does not want to, goes back, and nobody was told', async (t) => {
      const { data } = await start(ENTRY, { hall: 'C01', returnTo: BACK })
      const { browser, first } = await enter(data.url)
      const { seal } = readForm((await browser.open(first.location ?? '')).text)
      const declined = await decide(browser, first.location ?? '', seal, 'decline')
      t.equal(onTo(declined), `${BACK}?jump=declined`)
      t.equal(await rowsOf('declined'), 1)
      t.same((await hub.get(PAGES)).json().data, [])
    })

    t.test('in a form, and behind the hash: name and number, of the enterprise where one acts for it', async (t) => {
      const own = await start('/v1/credit/told-entry')
      t.match(own.data.facts, [
        { id: 'person.idNumber', title: '证件号码' },
        { id: 'person.name', title: '姓名' },
      ])
      const firm = await start('/v1/credit/told-entry', {}, { person: 1, enterprise: 1 })
      t.match(firm.data.facts, [{ id: 'enterprise.name' }, { id: 'enterprise.uscc' }])
      const { browser, first } = await enter(firm.data.url)
      const question = await browser.open(first.location ?? '')
      t.match(question.text, /许昌示例制造有限公司/)
      const leaving = await decide(browser, first.location ?? '', readForm(question.text).seal, 'allow')
      const [, action = '', name = '', value = ''] =
        /action="([^"]+)"><input type="hidden" name="([^"]+)" value="([^"]+)"/.exec(leaving.text) ?? []
      t.notMatch(action, value)
      t.match(leaving.headers.get('content-security-policy'), new RegExp(`form-action ${new URL(action).origin}`))
      t.match(await (await fetch(action, formBody([[name, value]]))).text(), /登录人[\s\S]*许昌示例制造有限公司/)
      t.match((await start('/v1/credit/told-entry')).data, { asks: true }, 'what a firm agreed to is not its agent’s own')
      const { data } = await start('/v1/credit/hashed-entry', {}, { person: 1, enterprise: 1 })
      t.match(onTo((await enter(data.url)).first), /\/h5\/mine#pj=[\w-]+$/)
    })

    t.test(
      'agreed to is what was shown: the same to another page goes on, another hand-over asks, and each is taken back by itself',
      async (t) => {
        const agree = async (path: string) => {
          const { data } = await start(path)
          if (!data.asks) return
          const { browser, first } = await enter(data.url)
          await decide(browser, first.location ?? '', readForm((await browser.open(first.location ?? '')).text).seal, 'allow')
        }
        const asks = async (path: string) => (await start(path)).data.asks
        const mine = async () => (await hub.get(PAGES)).json().data as { id: string; facts: { id: string }[]; inForce: boolean }[]
        await agree('/v1/credit/told-entry')
        t.equal(await asks('/v1/credit/hashed-entry'), false, 'the same facts to the same agency')
        t.equal(await asks('/v1/credit/more-entry'), true, 'one fact more')
        await agree('/v1/credit/more-entry')
        t.equal(await asks('/v1/credit/more-entry'), false)
        t.equal(await asks('/v1/credit/told-entry'), false)
        const [three, two] = (await mine()).sort((a, b) => b.facts.length - a.facts.length)
        t.strictSame([three?.facts.length, two?.facts.length], [3, 2])
        await hub.app.inject({
          method: 'DELETE',
          url: `${PAGES}/${three?.id}`,
          headers: { authorization: `Bearer ${await hub.token()}` },
        })
        t.equal(await asks('/v1/credit/more-entry'), true)
        t.equal(await asks('/v1/credit/told-entry'), false, 'the other one stays')

        const compiled = hub.app.services.get('credit.told-entry')
        if (!compiled) throw new Error('no such service')
        const { key } = handOverOf(compiled, false)
        t.not(handOverOf({ ...compiled, connector: { ...compiled.connector, agency: '别的单位' } }, false).key, key)
        t.not(handOverOf({ ...compiled, system: 'credit/other' }, false).key, key)
        t.not(handOverOf(compiled, true).key, key)
        // As a store from before has it, and as one whose declaration changed since.
        await hub.app.database('jump_consents').where({ id: two?.id }).update({ hand_over: '' })
        t.equal(await asks('/v1/credit/told-entry'), true, 'what was agreed to before is asked again')
        t.match(await mine(), [{ id: two?.id, inForce: false }], 'and is shown as what it is')
        await agree('/v1/credit/told-entry')
        t.match((await mine()).map(({ inForce }) => inForce).sort(), [false, true])
        await hub.app.database('jump_consents').where({ connector: 'credit', enterprise_id: '' }).delete()
      },
    )

    t.test('a mandate that ended meanwhile ends the way', async (t) => {
      const { data } = await start('/v1/credit/told-entry', {}, { person: 1, enterprise: 2 })
      const held = hub.app.database('mandates').where({ id: '5a000000-0000-4000-8001-000000000102' })
      await held.clone().update({ status: 'disabled' })
      const { browser, first } = await enter(data.url)
      const refused = await browser.open(first.location ?? '')
      t.equal(refused.status, 403)
      t.notMatch(refused.text, /许昌虚拟商贸有限公司/)
      await held.update({ status: 'active' })
    })

    t.test('an agency that is down: a page says so, no ticket is taken for one, and the way is still open', async (t) => {
      const { data } = await start('/v1/credit/hashed-entry', {}, { person: 1, enterprise: 1 })
      faults?.set({ kind: 'http-503', sid: 'credit.hashed-entry', times: 1 })
      const { browser, first } = await enter(data.url)
      t.equal(first.status, 503)
      t.match(first.text, /请回到“我的许昌”，稍后再打开/)
      faults?.clear()
      faults?.set({ kind: 'empty', sid: 'credit.hashed-entry', times: 1 })
      const path = `${origin}/go/credit/hashed-entry`
      const { seal } = readForm((await browser.open(path)).text)
      t.equal((await decide(browser, path, seal, 'allow')).status, 502)
      t.match(onTo(await decide(browser, path, seal, 'allow')), /#pj=/, 'and goes on once it is back')
    })

    t.test('each is on record with what was told, and no ticket is anywhere', async (t) => {
      const { data } = await start('/v1/credit/hashed-entry', {}, { person: 1, enterprise: 1 })
      const ticket = onTo((await enter(data.url)).first).split('#pj=')[1] ?? ''
      t.ok(ticket)
      const rows: { record: string }[] = await hub.app.database('audit_rows').where({ service: 'hashed-entry' }).select()
      const all = JSON.stringify(rows)
      t.match(all, /enterprise\.uscc/)
      for (const text of [all, hub.logged()]) t.notOk(text.includes(ticket))
    })
  })
}

t.test('the agency signs its user in at the hub, which asks what it may know', async (t) => {
  const hub = await serve(t, { declarations: [credit] })
  const { data } = (await hub.post('/v1/credit/xinyi-loan', { body: {} })).json()
  t.match(data, { asks: false, facts: [] }, 'the hub’s own page of consent asks')
  const browser = browse(hub)
  const question = await browser.follow(data.url)
  const { seal: own } = readForm(await question.response.text())
  const leaving = await browser.go(
    question.url,
    formBody([
      ['seal', own],
      ['decision', 'allow'],
    ]),
  )
  const atAgency = async (url: string) => fetch(url, { redirect: 'manual' })
  const onward = onTo({ text: await leaving.text() } as never)
  const bent = new URL(onward)
  bent.searchParams.set('target_link_uri', 'https://evil.example/')
  t.equal((await atAgency(bent.href)).status, 200, 'the sandbox’s platform leads nowhere else')
  const asked = (await atAgency(onward)).headers.get('location') ?? ''
  t.match(asked, /\/oauth\/authorize\?client_id=agency-credit/)
  const { response, url } = await browser.follow(asked)
  const form = await response.text()
  t.match(form, /许昌市发展和改革委员会信用许昌信息平台/)
  const { seal, scopes } = readForm(form)
  t.ok(scopes.includes('enterprise'))
  const chosen: [string, string][] = [
    ['seal', seal],
    ['decision', 'allow'],
    ['scope', 'real-name'],
    ['scope', 'enterprise'],
  ]
  const { left } = await browser.follow(url, formBody(chosen))
  t.match(left?.pathname, '/pages/credit/sign-in/callback')
  const shown = await (await atAgency(left?.href ?? '')).text()
  t.match(shown, /\/pages\/credit\/h5\/xyd[\s\S]*贾明[\s\S]*许昌示例制造有限公司（91411000MA0000015J）/)
  t.match((await hub.get('/v1/me/authorizations')).json().data, [{ application: { id: 'agency-credit' } }])
  t.match(await (await atAgency(left?.href ?? '')).text(), /已经过期/, 'its answer is taken once')
})

t.test('who came by a jump is signed on for that agency, and for nobody else', async (t) => {
  const hub = await serve(t, { declarations: [credit, gas] })
  const browser = browse(hub)
  /** Goes by a jump of person 1, and says so where he is asked who he is. → the agency's question to the hub. */
  const jump = async (path: string) => {
    const { data } = (await hub.post(path, { body: {} })).json()
    const { response, url } = await browser.follow(data.url)
    const text = await response.text()
    const answer: [string, string][] = [
      ['seal', readForm(text).seal],
      ['decision', 'allow'],
    ]
    const asked = /以下面的身份登录/.test(text)
    const left = asked ? await (await browser.go(url, formBody(answer))).text() : text
    const atAgency = await fetch(onTo({ text: left } as never), { redirect: 'manual' })
    return { asked, authorize: atAgency.headers.get('location') ?? '' }
  }
  const isSignOn = ({ left }: { left: URL | null }) => left?.pathname.startsWith('/sign-on') === true
  const elsewhere = async () => (await request(await application(hub, 'sandbox-public'), 'openid real-name')).url.href

  const first = await jump('/v1/credit/xinyi-loan')
  t.equal(first.asked, true)
  t.match(await (await browser.follow(first.authorize)).response.text(), /授权确认[\s\S]*信用许昌/)

  t.test('another application has its user sign on', async (t) => {
    t.ok(isSignOn(await browser.follow(await elsewhere())))
    const silent = await browser.follow(`${await elsewhere()}&prompt=none`)
    t.equal(silent.left?.searchParams.get('error'), 'login_required')
    const begun = (await browser.go(await elsewhere())).headers.get('location') ?? ''
    t.match(begun, /\/oauth\/interaction\//)
    const forced = await browser.go(
      begun,
      formBody([
        ['seal', 'x'.repeat(43)],
        ['decision', 'allow'],
      ]),
    )
    t.match([forced.status, await forced.text()], [400, /授权/])
  })

  t.test('no page of the hub takes him for signed on', async (t) => {
    t.match(await (await browser.go('/sign-on')).text(), /还没有在这个浏览器里登录/)
  })

  t.test('on the way to another agency he is not asked again who he is; the first one then has him sign on', async (t) => {
    const second = await jump('/v1/gas/authorized-entry')
    t.equal(second.asked, false)
    t.match(await (await browser.follow(second.authorize)).response.text(), /授权确认/)
    t.ok(isSignOn(await browser.follow(first.authorize)))
  })

  t.test('once he has signed on himself, all of them find him, and a jump takes nothing away', async (t) => {
    await browser.signOn(1)
    await jump('/v1/gas/authorized-entry')
    for (const url of [await elsewhere(), first.authorize]) t.match(await (await browser.follow(url)).response.text(), /授权确认/)
    t.match(await (await browser.go('/sign-on')).text(), /您已在这个浏览器里登录/)
  })

  t.test('it ends by itself after half an hour, used or not', async (t) => {
    browser.forget()
    const { authorize } = await jump('/v1/credit/xinyi-loan')
    const row = await hub.app.database('sessions').whereNotNull('client_id').orderBy('signed_on_at', 'desc').first()
    t.match(row, { client_id: 'agency-credit' })
    t.equal(Number(row.expires_at) - Number(row.signed_on_at), 30 * 60_000)
    await hub.app.database('sessions').where({ id_hash: row.id_hash }).update({ expires_at: Date.now() })
    t.ok(isSignOn(await browser.follow(authorize)))
  })
})

t.test('a browser is signed on as nobody whom its user has not seen, and by no third party', async (t) => {
  const hub = await serve(t, { declarations: [credit] })
  const start = async (headers: Record<string, string>) =>
    (await hub.app.inject({ method: 'POST', url: '/v1/credit/xinyi-loan', headers, payload: {} })).json()
  const mine = { authorization: `Bearer ${await hub.token()}` }

  t.test('a link that somebody else sent asks first, and leaves a session as it was', async (t) => {
    const { data } = await start(mine)
    const lured = browse(hub)
    await lured.signOn(2)
    const sessions = async () => (await hub.app.database('sessions').select('user_id', 'id_hash')) as { user_id: string }[]
    const before = await sessions()
    const { response, url } = await lured.follow(data.url)
    const question = await response.text()
    t.match(question, /以下面的身份登录[\s\S]*贾\*[\s\S]*不继续/)
    t.strictSame(await sessions(), before)
    const declined = await lured.go(
      url,
      formBody([
        ['seal', readForm(question).seal],
        ['decision', 'decline'],
      ]),
    )
    t.match(await declined.text(), /没有前往/)
    t.strictSame(await sessions(), before)
    t.equal(await hub.app.database('jump_consents').first(), undefined, 'there is nothing that the agency is told')
  })

  t.test('who is signed on already goes on at once, and is no less long ago', async (t) => {
    const { data } = await start(mine)
    const browser = browse(hub)
    await browser.signOn(1)
    const before = await hub.app.database('sessions').orderBy('id_hash').select('id_hash', 'signed_on_at')
    const leaving = await browser.go(data.url)
    t.match(onTo({ text: await leaving.text() } as never), /target_link_uri/)
    t.strictSame(await hub.app.database('sessions').orderBy('id_hash').select('id_hash', 'signed_on_at'), before)
  })

  t.test('a token of the exchange, whoever holds it, opens no page', async (t) => {
    const exchanged = await client.genericGrantRequest(await application(hub, 'sandbox-backend'), EXCHANGE, {
      subject_token: await hub.token(),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'credit',
    })
    t.match(await start({ authorization: `Bearer ${exchanged.access_token}` }), { code: 'HUB_SCOPE_INSUFFICIENT' })
  })
})
