import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { NO_CALL } from '../../../plugins/audit/chain.ts'
import type { AuditEntry } from '../../../plugins/audit/entry.ts'
import { verifyAudit } from '../../../plugins/audit/verify.ts'
import { masked } from '../../../plugins/operations/ledger/questions.ts'
import { type QuestionState, questionSources, questionStates } from '../../../plugins/operations/ledger/states.ts'
import { type ClientNote, type Recorded, usesOf } from '../../../plugins/operations/ledger/uses.ts'
import { checkWithholding, withheldMs } from '../../../plugins/operations/ledger/withholding.ts'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { enter, listen, send, words } from '../../helper/hall.ts'
import { build } from '../../helper/hub.ts'
import { ACCOUNT, call, enterpriseId, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { targets } from '../../helper/targets.ts'

const DAY = 86_400_000
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string]
const LATE = { 'personal-account': { withheldFor: 'P90D', because: '办案期间依法不公开' } }

t.test('whose data a row says were used, and by whom', async (t) => {
  const clients: Record<string, ClientNote> = {
    web: { name: '网站', trusted: false, agency: false },
    own: { name: '后台', trusted: true, agency: false },
    court: { name: '法院', trusted: false, agency: true },
  }
  const base: Recorded = {
    ...{ action: 'call', app: 'app', user: A, enterprise: null, connector: 'water', service: 'bill', outcome: 'ok', fields: ['name'] },
  }
  const uses = (more: Partial<Recorded>) => usesOf({ ...base, ...more }, (id) => clients[id]).map(({ subject, use }) => [subject, use])
  t.same(uses({}), [[A, 'own']])
  t.same(uses({ app: 'web' }), [[A, 'application']])
  t.same(uses({ app: 'own' }), [[A, 'own']])
  t.same(uses({ app: 'court' }), [[A, 'agency']])
  t.same(uses({ actor: B }), [[A, 'representative']])
  t.same(uses({ target: B }), [
    [B, 'family'],
    [A, 'own'],
  ])
  t.same(uses({ enterprise: 'e' }), [
    ['enterprise:e', 'agent'],
    [A, 'own'],
  ])
  t.same(uses({ action: 'status', app: null }), [[A, 'platform']])
  t.same(uses({ connector: 'admin', service: 'users.read', target: B, role: 'admin' }), [[B, 'administrator']])
  t.same(uses({ connector: 'water', target: B, role: 'operator' }), [[B, 'administrator']], 'an agency that he asked')
  t.same(uses({ connector: 'admin', subjects: [B, C, B] }), [
    [B, 'administrator'],
    [C, 'administrator'],
  ])
  t.same(uses({ connector: null, service: 'oauth.userinfo', app: 'web' }), [[A, 'application']])
  const nothing: Partial<Recorded>[] = [
    { outcome: 'HUB_NO_RECORD' },
    { fields: [] },
    { connector: 'hub', service: 'me.read' },
    { connector: 'admin', target: 'water' },
    { action: 'open' },
    { user: null },
  ]
  for (const each of nothing) t.same(uses(each), [])
  t.same(uses({ fields: [], submission: 'x' }), [[A, 'own']])
})

t.test('what is withheld has a service, an end and a reason', async (t) => {
  const check = (ledger: typeof LATE | Record<string, { withheldFor: string; because: string }>) =>
    checkWithholding({ ...housingFund, ledger })
  t.same(check(LATE), [])
  t.equal(withheldMs(LATE['personal-account']), 90 * DAY)
  for (const withheldFor of ['P367D', 'P0D', 'P1Y', '90', 'P-1D', ''])
    t.match(check({ 'personal-account': { withheldFor, because: '依法' } }), [/withheldFor/])
  t.match(check({ 'personal-account': { withheldFor: 'P1D', because: ' ' } }), [/because/])
  t.match(check({ nowhere: { withheldFor: 'P1D', because: '依法' } }), [/no such service/])
  const bad = { ...housingFund, ledger: { nowhere: { withheldFor: 'P999D', because: '' } } }
  await t.rejects(build(t, { declarations: [bad] }), { name: 'DeclarationError', violations: [/no such/, /withheldFor/, /because/] })
})

t.test('a question only moves on, and what is written names nobody by number', async (t) => {
  const names = Object.keys(questionStates) as QuestionState[]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 12 }), (wishes) => {
      let state = 'open' as QuestionState
      const been = new Set([state])
      for (const to of wishes) {
        if (!questionSources(to).includes(state)) continue
        if (been.has(to)) throw new Error(`came to ${to} twice`)
        been.add(to)
        state = to
      }
    }),
  )
  t.equal(masked('我的证 41100219900101000X，电话13812345678'), '我的证 411*************0X，电话138******78')
  t.equal(masked('2026 年 11 月'), '2026 年 11 月')
  t.equal(masked('证号４１１００２１９９００１０１０００Ｘ'), '证号411*************0X', 'of a Chinese keyboard')
  t.equal(masked('卡号 6222 0000-1111 2222，138－1234　5678'), '卡号 622***********22，138******78', 'in groups')
  t.equal(masked('2026-11-27 10:30 看到的'), '2026-11-27 10:30 看到的')
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [{ ...housingFund, ledger: LATE }], messagesPace: { sweepMs: NEVER } })
    const { database, vault, audit, ledger } = hub.app
    const pseudonym = (person: number) => pseudonymOf(vault, userId(person))
    const write = (entry: Partial<AuditEntry>) =>
      audit.write({
        ...{ ...NO_CALL, action: 'call', traceId: randomBytes(16).toString('hex'), at: Date.now(), connector: 'housing-fund' },
        ...{ app: 'sandbox-web', fields: ['name'], rows: 1, ...entry },
      })
    const read = async (person: number, query = '') => (await call(hub, 'GET', `/v1/me/ledger${query}`, { person })).json()
    const entriesOf = async (person: number, query = '') => (await read(person, query)).data as Record<string, unknown>[]

    t.test('a call of his own, with its fields by name; a look of an administrator, by role', async (t) => {
      t.equal((await call(hub, 'GET', ACCOUNT, { person: 2 })).statusCode, 200)
      t.equal((await call(hub, 'GET', `/admin/users/${userId(2)}`, { person: 1 })).statusCode, 200)
      t.equal((await call(hub, 'POST', '/admin/users/search', { person: 1, body: { status: 'active' } })).statusCode, 200)
      const [search, look, own] = await entriesOf(2)
      t.match(search, { use: 'administrator', who: '系统管理员', what: '查找用户' })
      t.match(look, { who: '系统管理员', what: '用户详情', behalf: '平台', delayed: false })
      t.ok(((look?.['fields'] ?? []) as string[]).includes('身份证号（脱敏）'))
      t.match(own, { use: 'own', who: '“我的许昌”', what: /./, connector: 'housing-fund', service: 'personal-account' })
      t.ok(
        ((own?.['fields'] ?? ['']) as string[]).every((title) => /[^\x20-\x7e]/.test(title)),
        'in Chinese',
      )
      t.same(
        (await entriesOf(2, '?by=others')).map(({ use }) => use),
        ['administrator', 'administrator'],
      )
      t.notMatch(JSON.stringify(search), pseudonym(1), 'not who he is')
    })

    t.test('an application, the enterprise’s agent, what is withheld and what was', async (t) => {
      const terms = {
        enterprise_id: enterpriseId(1),
        scope: '*',
        status: 'active',
        granted_by: 'test',
        starts_at: 0,
        ends_at: Date.now() + 1e11,
      }
      await database('mandates').insert({ id: randomUUID(), user_id: userId(3), role: 'legal-representative', ...terms })
      await write({ user: pseudonym(3), service: 'loan-information', at: Date.now() - 3000 })
      await write({
        user: pseudonym(4),
        service: 'employer-account',
        enterprise: enterpriseId(1),
        app: 'sandbox-app',
        at: Date.now() - 2000,
      })
      await write({ user: pseudonym(3), service: 'personal-account' })
      await write({ user: pseudonym(3), service: 'personal-account', at: Date.now() - 100 * DAY })
      const { data, meta } = await read(3, '?connector=housing-fund')
      t.match(data, [
        { use: 'agent', behalf: /制造/ },
        { use: 'application', who: /./, delayed: false },
        { use: 'application', delayed: true, service: 'personal-account' },
      ])
      t.equal(data.length, 3)
      t.match(meta, {
        withheld: [{ days: '90 天', because: LATE['personal-account'].because }],
        next: null,
        archived: null,
        complete: true,
      })
      t.equal((await entriesOf(3, '?service=personal-account')).length, 1)
      const first = await read(3, '?connector=housing-fund&pageSize=1')
      t.equal((await entriesOf(3, `?connector=housing-fund&after=${first.meta.next}`)).length, 2)
      t.same(await entriesOf(3, `?to=${encodeURIComponent(new Date(Date.now() - 200 * DAY).toISOString())}`), [])
      const all = (await call(hub, 'GET', `/admin/users/${userId(3)}/ledger?purpose=${encodeURIComponent('核对')}`, { person: 3 })).json()
        .data
      t.equal(all.length, 5, 'an auditor sees what is withheld')
      const withheld = all.find(
        ({ service, shownAt, at }: Record<string, string>) =>
          service === 'personal-account' && String(shownAt) > String(at) && Date.parse(String(shownAt)) > Date.now(),
      )
      t.equal((await call(hub, 'GET', `/v1/me/ledger/${withheld.id}`, { person: 3 })).statusCode, 404, 'nor by its number')
      const file = await call(hub, 'GET', '/v1/me/ledger/export?format=csv', { person: 3 })
      t.match(file.body, /^\uFEFF时间,使用者的身份,/)
      t.equal(file.body.trim().split('\r\n').length, 6, 'with the auditor’s look')
      t.equal((await call(hub, 'GET', '/v1/me/ledger/export?format=xlsx', { person: 3 })).rawPayload.subarray(0, 2).toString(), 'PK')
    })

    t.test('what is withheld is so too where somebody stands behind an application', async (t) => {
      const shown = async () => JSON.stringify((await read(3, '?connector=housing-fund&pageSize=100')).data)
      const before = await shown()
      const withheld = { service: 'personal-account', at: Date.now() }
      await write({ user: pseudonym(3), enterprise: enterpriseId(1), ...withheld })
      await write({ user: pseudonym(4), enterprise: enterpriseId(1), ...withheld })
      await write({ user: pseudonym(3), actor: pseudonym(5), ...withheld })
      t.equal(await shown(), before)
      const newest = await database('data_uses').where({ at: withheld.at, service: 'personal-account' })
      t.equal(newest.length, 5, 'two of his, one of his agent’s, two of the enterprise')
      for (const { chain, seq } of newest) t.equal((await call(hub, 'GET', `/v1/me/ledger/${chain}_${seq}`, { person: 3 })).statusCode, 404)
    })

    t.test('what is asked is bounded, and of nobody else’s', async (t) => {
      const bad = [
        '?from=x',
        `?app=${'x'.repeat(65)}`,
        '?use=all',
        `?after=${'1'.repeat(200)}`,
        '?pageSize=101',
        '?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z',
      ]
      for (const query of bad) t.equal((await call(hub, 'GET', `/v1/me/ledger${query}`, { person: 3 })).statusCode, 400, query)
      const [own] = await entriesOf(3)
      const ask = (person: number, id: unknown, body: object) => call(hub, 'POST', `/v1/me/ledger/${id}/questions`, { person, body })
      const question = { kind: 'question', text: '为什么要查我？证件 41100219900101000X' }
      t.equal((await ask(5, own?.['id'], question)).statusCode, 404, 'somebody else’s')
      t.equal((await ask(3, `${randomUUID()}_1`, question)).statusCode, 404)
      t.equal((await ask(3, 'x', question)).statusCode, 400)
      t.equal((await ask(3, own?.['id'], { ...question, text: 'x'.repeat(501) })).statusCode, 400)
      const asked = await ask(3, own?.['id'], question)
      t.match(asked.json().data, { state: 'open', kindName: '询问', text: /411\*+0X/ })
      t.equal((await ask(3, own?.['id'], question)).json().code, 'HUB_REQUEST_STATE', 'twice')
      t.equal((await call(hub, 'GET', `/v1/me/ledger-questions/${asked.json().data.id}`, { person: 5 })).statusCode, 404)
      t.equal((await call(hub, 'DELETE', `/v1/me/ledger-questions/${asked.json().data.id}`, { person: 5 })).statusCode, 404)
      const row = await database('ledger_questions').first('text_sealed')
      t.notMatch(row.text_sealed, '为什么')
    })

    t.test('it is answered by another than whose act it is, and its asker is told', async (t) => {
      const [, look] = await entriesOf(2)
      const asked = (
        await call(hub, 'POST', `/v1/me/ledger/${look?.['id']}/questions`, { person: 2, body: { kind: 'complaint', text: '没有理由' } })
      ).json().data
      const settle = (person: number, to: string) =>
        call(hub, 'POST', `/admin/ledger-questions/${asked.id}/answers`, { person, body: { to, words: '依职责核对', purpose: '答复投诉' } })
      t.equal((await settle(1, 'answered')).json().code, 'HUB_SECOND_PERSON', 'his own act')
      t.equal((await settle(2, 'answered')).json().code, 'HUB_SECOND_PERSON', 'his own question')
      const uses = await database('data_uses').select('*')
      await database('data_uses').delete()
      t.equal((await settle(1, 'answered')).json().code, 'HUB_SECOND_PERSON', 'his own act, whose evidence was archived')
      await database.batchInsert('data_uses', uses, 20)
      t.equal((await settle(3, 'answered')).json().code, 'HUB_ROLE_REQUIRED', 'an auditor changes nothing')
      await database('administrators').insert({ user_id: userId(4), role: 'operator', granted_by: null, granted_at: 0 })
      t.match((await call(hub, 'GET', `/admin/ledger-questions/${asked.id}`, { person: 4 })).json().data, {
        entry: { what: '用户详情' },
        overdue: false,
      })
      t.match((await settle(4, 'passed-on')).json().data, { state: 'passed-on' })
      t.match((await settle(4, 'answered')).json().data, { state: 'answered', events: [{}, {}, { words: '依职责核对', byCitizen: false }] })
      t.equal((await settle(4, 'closed')).json().code, 'HUB_REQUEST_STATE')
      await hub.app.messages.settle()
      const told = (await call(hub, 'GET', '/v1/me/messages?kind=ledger', { person: 2 })).json().data as { title: string; about: string }[]
      t.same(told.map(({ title }) => title).sort(), ['您对个人数据使用的询问已答复', '您的询问已转交有关单位'])
      t.ok(told.every(({ about }) => about === asked.id))
      t.equal((await call(hub, 'GET', '/admin/ledger-questions?state=open', { person: 4 })).json().meta.page.total, 1)
    })

    t.test('old rows and new ones verify; read twice it is noted once; what was archived is said to be', async (t) => {
      t.same((await verifyAudit({ database, vault })).faults, [])
      await ledger.catchUp()
      const count = async () => Number((await database('data_uses').count({ n: '*' }).first())?.n)
      const before = await count()
      await database('data_use_marks').delete()
      t.equal(await ledger.catchUp(), true)
      t.ok((await count()) >= before)
      const twice = await database('data_uses').groupBy('subject', 'chain', 'seq').count({ n: '*' }).having(database.raw('count(*) > 1'))
      t.same(twice, [])
      await database('audit_archives').insert({ month: '2020-01', at: 0, manifest: '' })
      t.equal((await read(3)).meta.archived, '2020-01')
    })
  })
}

t.test('as pages: the list, a question, and where he is logged in', async (t) => {
  const hub = await build(t, { declarations: [{ ...housingFund, ledger: LATE }] })
  const origin = await listen(hub)
  await call(hub, 'GET', ACCOUNT, { person: 2, claims: { sid: 'phone' } })
  const browser = await enter(hub, origin, { person: 2, claims: { sid: 'tablet' } })
  const list = await browser.open('/hall/ledger')
  t.match(words(list), /公积金|账户/)
  t.match(words(list), '办案期间依法不公开')
  t.match(words(await browser.open('/hall/ledger?by=others')), '没有记录')
  t.equal((await browser.open(`/hall/ledger?use=${'x'.repeat(40)}`)).status, 400)
  const [, id = ''] = /href="\/hall\/ledger\/([^"]+)"/.exec(list.text) ?? []
  const entry = await browser.open(`/hall/ledger/${id}`)
  const forged = await browser.open(`/hall/ledger/${id}`, {
    method: 'POST',
    body: new URLSearchParams({ seal: 'x', kind: 'question', text: '为什么' }),
  })
  t.equal(forged.status, 400)
  t.match(words(await send(browser, entry, { kind: 'question', text: '为什么' })), '已收到')
  const again = await send(browser, entry, { kind: 'question', text: '为什么' })
  t.same([again.status, /还在处理/.test(words(again))], [409, true])
  t.match(words(await browser.open('/hall/ledger')), '待答复')

  const sessions = await browser.open('/hall/sessions')
  t.match(words(sessions), /登录中.*（这次登录）/)
  const seal = /name="seal" value="([^"]+)"/.exec(sessions.text)?.[1] ?? ''
  for (const id of ['..', '.', 'x', '%2e%2e', '?others=true']) {
    const body = new URLSearchParams({ seal, do: 'one', id })
    t.equal((await browser.open('/hall/sessions', { method: 'POST', body })).status, 400, `a log-in called ${id}`)
  }
  const outside = await browser.open('/hall/sessions', { method: 'POST', body: new URLSearchParams({ seal: 'x', do: 'others' }) })
  t.equal(outside.status, 400)
  t.equal((await call(hub, 'GET', '/v1/me', { person: 2, claims: { sid: 'phone' } })).statusCode, 200)
  t.match(words(await send(browser, sessions, { do: 'others' })), '已结束')
  t.equal((await call(hub, 'GET', '/v1/me', { person: 2, claims: { sid: 'phone' } })).statusCode, 401)
  t.equal((await browser.open('/hall/sessions')).status, 200, 'his own stays')
  t.equal((await fetch(`${origin}/hall/ledger`)).status, 401)
})
