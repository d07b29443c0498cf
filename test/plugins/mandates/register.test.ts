import { readFileSync } from 'node:fs'
import t from 'tap'
import { enterpriseStates } from '../../../plugins/mandates/enterprise-states.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { addUser, call, declarations, EMPLOYER, enterpriseId, inDays, inventUscc, usccOf, userId } from '../../helper/identity.ts'
import { verdict } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

// The sandbox's own administrators act for its enterprises.
const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND] = [6, 2, 3, 5, 7] as const
const [REPRESENTATIVE, AGENT] = [1, 2] as const
const purpose = '凭营业执照核对'
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const at = (id: string) => `/admin/enterprises/${id}`

async function read(hub: Hub, id: string) {
  return (await call(hub, 'GET', at(id), { person: OPERATOR })).json().data
}

t.test('docs/user-centre.md draws every way there is, and no other', async (t) => {
  const text = readFileSync(new URL('../../../docs/user-centre.md', import.meta.url), 'utf8')
  const drawn = [...text.matchAll(/^ {2}(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} ${to}`)
  const known = Object.entries(enterpriseStates).flatMap(([from, { to }]) => to.map((next) => `${from} ${next}`))
  t.same(drawn.sort(), known.sort())
})

for (const target of targets)
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const hub = await build(t, { store: created.settings, declarations: declarations() })
    const { database } = hub.app
    await inOffice(hub, ADMIN)
    await inOffice(hub, SECOND)
    const ask = (method: 'POST' | 'PATCH', url: string, body: object, person: number = ADMIN) =>
      call(hub, method, url, { person, body: { purpose, ...body } })
    const done = async (asked: Awaited<ReturnType<typeof ask>>) => (await confirm(hub, asked, SECOND)).json().data
    const statusOf = async (id: string) => (await database('enterprises').where({ id }).first('status')).status
    const represent = (id: string, person: number, endsAt = inDays(300), by: number = ADMIN) =>
      ask('POST', `${at(id)}/representative`, { userId: userId(person), endsAt }, by)

    t.test('two persons register an enterprise, to which nobody is bound', async (t) => {
      const uscc = inventUscc(1)
      const asked = await ask('POST', '/admin/enterprises', { uscc, name: '许昌虚构商贸有限公司', registeredState: '存续' })
      t.match(asked.json().data, { kind: 'enterprises.register', target: uscc, facts: { name: '许昌虚构商贸有限公司' } })
      t.notOk(await database('enterprises').where({ uscc }).first(), 'one person registers nothing')
      const { result } = await done(asked)
      t.match(await read(hub, result), { uscc, name: '许昌虚构商贸有限公司', status: 'active', legalRepresentatives: [], agents: [] })
      t.same(verdict(await ask('POST', '/admin/enterprises', { uscc, name: '另一家' })), [400, 'HUB_VALIDATION'], 'there is one')
      for (const wrong of [
        { uscc: '91411000MA0000024D' },
        { name: ' ' },
        { establishedOn: '昨天' },
        { status: 'active' },
        { id: enterpriseId(1) },
      ])
        t.same(verdict(await ask('POST', '/admin/enterprises', { uscc: inventUscc(2), name: '某公司', ...wrong })), [400, 'HUB_VALIDATION'])
      t.same(verdict(await ask('POST', '/admin/enterprises', { uscc: inventUscc(2), name: '某公司' }, OPERATOR)), REFUSED)
    })

    t.test('what was changed since it was seen is not written over', async (t) => {
      const id = enterpriseId(3)
      const { version } = await read(hub, id)
      const [one, two] = [
        await ask('PATCH', at(id), { name: '许昌样本机械厂（改）', version }),
        await ask('PATCH', at(id), { registeredState: '注销', version }),
      ]
      t.equal((await done(one)).state, 'confirmed')
      t.equal((await read(hub, id)).name, '许昌样本机械厂（改）')
      t.same(verdict(await confirm(hub, two, SECOND)), [409, 'HUB_REQUEST_STATE'], 'asked before, confirmed after')
      t.same(verdict(await ask('PATCH', at(id), { name: '再改', version })), [409, 'HUB_REQUEST_STATE'])
      t.same(verdict(await ask('PATCH', at(id), { version })), [400, 'HUB_VALIDATION'], 'nothing to change')
      t.same(
        verdict(await ask('PATCH', at(id), { uscc: usccOf(1), version })),
        [400, 'HUB_VALIDATION'],
        'another code is another enterprise',
      )
      t.same(verdict(await ask('PATCH', at(crypto.randomUUID()), { name: '再改', version })), [404, 'HUB_NO_RECORD'])
      t.match((await call(hub, 'GET', `${at(id)}/events`, { person: AUDITOR })).json().data, [
        { action: 'amended', actor: userId(ADMIN), purpose },
      ])
    })

    t.test('nobody becomes a legal representative by one person’s word, nor by his own', async (t) => {
      const id = (
        await database('enterprises')
          .where({ uscc: inventUscc(1) })
          .first('id')
      ).id as string
      t.same(verdict(await represent(id, ADMIN)), REFUSED, 'oneself')
      t.same(verdict(await represent(id, CITIZEN, inDays(300), OPERATOR)), REFUSED)
      t.same(verdict(await represent(id, CITIZEN, inDays(400))), [400, 'HUB_VALIDATION'], 'a year at most')
      t.same(verdict(await represent(id, CITIZEN, inDays(-1))), [400, 'HUB_VALIDATION'])
      t.same(verdict(await represent(crypto.randomUUID(), CITIZEN)), [404, 'HUB_NO_RECORD'])
      const stranger = { userId: await addUser(hub, 'unverified'), endsAt: inDays(1) }
      t.same(verdict(await ask('POST', `${at(id)}/representative`, stranger)), [400, 'HUB_VALIDATION'], 'nobody knows who he is')
      const asked = await represent(id, CITIZEN)
      const mine = async () => (await call(hub, 'GET', '/v1/me/mandates', { person: CITIZEN })).json().data
      t.same(await mine(), [])
      t.same(verdict(await confirm(hub, asked, ADMIN)), [403, 'HUB_SECOND_PERSON'])
      const { result } = await done(asked)
      t.match(await mine(), [{ id: result, role: 'legal-representative', grantedBy: 'counter', enterprise: { id }, current: true }])
      t.same(verdict(await represent(id, 4)), [409, 'HUB_ENTERPRISE_BOUND'], 'one at a time')
    })

    t.test('a removed enterprise serves nobody, is not unfrozen, and comes back by two persons alone', async (t) => {
      const id = enterpriseId(1)
      t.equal((await call(hub, 'GET', EMPLOYER, { enterprise: 1 })).statusCode, 200)
      const { version } = await read(hub, id)
      const asked = await ask('POST', `${at(id)}/delete`, { version })
      t.equal(await statusOf(id), 'active')
      await done(asked)
      t.equal(await statusOf(id), 'removed')
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'])
      for (const act of ['freeze', 'unfreeze'])
        t.same(verdict(await ask('POST', `${at(id)}/${act}`, {}, OPERATOR)), [404, 'HUB_NO_RECORD'], act)
      const listed = async (query = '') => (await call(hub, 'GET', `/admin/enterprises?uscc=${usccOf(1)}${query}`)).json().data
      t.same([(await listed()).length, (await listed('&status=removed')).length], [0, 1])
      t.same(verdict(await ask('POST', `${at(id)}/delete`, { version })), [404, 'HUB_NO_RECORD'], 'once')
      t.same(verdict(await represent(id, 4)), [404, 'HUB_NO_RECORD'])
      const person = people[0]
      const found = { uscc: usccOf(1), name: '许昌示例科技有限公司', state: '存续', establishedOn: null, obstacle: null }
      const bind = hub.app.enterprises.bind({ id: userId(1), name: person?.name ?? '' }, found, { userId: userId(1), role: 'holder' })
      await t.rejects(bind, { code: 'HUB_ENTERPRISE_FROZEN' }, 'nor by its legal representative')
      await done(await ask('POST', '/admin/enterprises', { uscc: usccOf(1), name: '许昌示例科技有限公司' }))
      t.equal(await statusOf(id), 'active')
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'], 'without its mandates')
    })

    t.test('whoever acts or acted for an enterprise decides nothing of it as an administrator', async (t) => {
      const NOT_HE = [403, 'HUB_SECOND_PERSON']
      const id = enterpriseId(2)
      const { version } = await read(hub, id)
      const mandates = await database('mandates').where({ enterprise_id: id, status: 'active' })
      const of = (person: number) => mandates.find(({ user_id }) => user_id === userId(person))?.id
      const end = (mandate: string, person: number) => ask('POST', `/admin/mandates/${mandate}/disable`, {}, person)
      const acts = async (person: number) => [
        verdict(await ask('POST', `${at(id)}/freeze`, {}, person)),
        verdict(await ask('POST', `${at(id)}/unfreeze`, {}, person)),
        verdict(await end(of(REPRESENTATIVE), person)),
        verdict(await end(of(AGENT), person)),
      ]
      for (const person of [REPRESENTATIVE, AGENT]) t.same(await acts(person), Array(4).fill(NOT_HE))
      const mine = [
        ['PATCH', at(id), { name: '自己改的名字', version }],
        ['POST', `${at(id)}/delete`, { version }],
        ['POST', '/admin/enterprises', { uscc: usccOf(2), name: '自己登记的' }],
      ] as const
      for (const [method, url, body] of mine) t.same(verdict(await ask(method, url, body, REPRESENTATIVE)), NOT_HE, url)
      t.same(verdict(await represent(id, CITIZEN, inDays(1), REPRESENTATIVE)), NOT_HE)
      const asked = await ask('PATCH', at(id), { name: '别人改的名字', version })
      t.same(verdict(await confirm(hub, asked, REPRESENTATIVE)), NOT_HE, 'he does not confirm it either')
      await call(hub, 'DELETE', `/v1/me/mandates/${of(AGENT)}`, { person: AGENT })
      t.same(verdict(await ask('POST', `${at(id)}/freeze`, {}, AGENT)), NOT_HE, 'nor once he gave it up')
      t.equal(await statusOf(id), 'active')
    })

    t.test('every act leads from the states that the table has', async (t) => {
      const id = enterpriseId(1)
      for (const from of Object.keys(enterpriseStates) as (keyof typeof enterpriseStates)[])
        for (const [act, to] of [
          ['freeze', 'frozen'],
          ['unfreeze', 'active'],
        ] as const) {
          await database('enterprises').where({ id }).update({ status: from })
          const may = from !== 'removed'
          t.equal((await ask('POST', `${at(id)}/${act}`, {}, OPERATOR)).statusCode, may ? 200 : 404, `${act} from ${from}`)
          t.equal(await statusOf(id), may ? to : from)
        }
      await database('enterprises').where({ id }).update({ status: 'active' })
    })

    t.test('agents and other holders are found by name, number and enterprise', async (t) => {
      const search = async (body: object, person: number = OPERATOR) => call(hub, 'POST', '/admin/mandates/search', { person, body })
      const held = async (body: object) =>
        (await search(body)).json().data.map((row: { userId: string; enterprise: { id: string } }) => [row.userId, row.enterprise.id])
      t.same(await held({ name: people[1]?.name }), [[userId(2), enterpriseId(2)]])
      t.same(await held({ idNumber: people[1]?.number, role: 'agent' }), [[userId(2), enterpriseId(2)]])
      t.same(await held({ name: people[1]?.name, enterprise: '样本' }), [])
      t.same((await held({ enterprise: '样本' })).sort(), [
        [userId(1), enterpriseId(3)],
        [userId(3), enterpriseId(3)],
      ])
      t.same(await held({ enterprise: '%' }), [], 'a wildcard is a character')
      t.same(verdict(await search({}, CITIZEN)), REFUSED)
    })

    t.test('the export names no person', async (t) => {
      const response = await call(hub, 'GET', `/admin/enterprises/export?purpose=${encodeURIComponent(purpose)}&status=active`)
      t.match(response.headers['content-type'], 'text/csv')
      t.match(response.body, `${usccOf(2)},正常`)
      for (const { name, number } of people) t.notOk(response.body.includes(name) || response.body.includes(number))
    })

    t.test('the graph shows who acts for an enterprise and what they did, masked', async (t) => {
      const id = enterpriseId(3)
      const now = Date.now()
      const matter = (number: number) => ({
        ...{
          id: crypto.randomUUID(),
          connector: 'housing-fund',
          service: 'overseas-settlement-withdrawal',
          user_id: userId(3),
          enterprise_id: id,
        },
        ...{
          principal: `enterprise:${id}`,
          idempotency_key: `key-${number}-xxxx`,
          request_hash: 'h',
          request_sealed: 'x',
          state: 'submitted',
        },
        ...{ trace_id: 't', created_at: now + number, updated_at: now },
      })
      await database('submissions').insert([matter(1), matter(2), matter(3)])
      const graph = async (query = '') => (await call(hub, 'GET', `${at(id)}/graph${query}`, { person: AUDITOR })).json()
      const { data, meta } = await graph('?pageSize=2')
      t.match(data.nodes[0], { id: `enterprise:${id}`, kind: 'enterprise', detail: usccOf(3), state: '正常' })
      const person = data.nodes.find(({ userId: bound }: { userId: string }) => bound === userId(3))
      t.match(person, { kind: 'person', label: '欧**之', state: '账户正常' })
      const edges = (relation: string) => data.edges.filter((edge: { relation: string }) => edge.relation === relation)
      t.match(edges('agent'), [{ from: `enterprise:${id}`, label: '经办人（有效）', current: true, scope: ['*'] }, {}])
      t.match(edges('handled'), [
        { from: `user:${userId(3)}`, to: 'service:housing-fund.overseas-settlement-withdrawal', times: 3, label: '3 件' },
      ])
      t.match([data.matters.length, meta.page], [2, { number: 1, size: 2, total: 3 }])
      t.ok(data.matters[0].at >= data.matters[1].at, 'the newest first')
      t.equal((await graph('?pageSize=2&page=2')).data.matters.length, 1)

      const headers = { accept: 'image/svg+xml' }
      const picture = await call(hub, 'GET', `${at(id)}/graph`, { person: AUDITOR, headers })
      t.match(picture.headers, { 'content-type': /^image\/svg\+xml/, 'content-security-policy': /default-src 'none'; style-src 'sha256-/ })
      t.match(picture.body, /^<svg [^>]*role="img" aria-labelledby="graph-title graph-words"/)
      t.match(picture.body, /<desc[^>]*>[^<]*欧\*\*之是经办人（有效）[^<]*办理“[^<]*”3 件/, 'and in words')
      for (const { name, number } of people) t.notOk(picture.body.includes(name) || picture.body.includes(number))
      await database('enterprises').where({ id }).update({ name: '<script>alert(1)</script>"&' })
      const hostile = await call(hub, 'GET', `${at(id)}/graph`, { person: AUDITOR, headers })
      t.notOk(hostile.body.includes('<script'), 'names are text')
      t.same(verdict(await call(hub, 'GET', `${at(crypto.randomUUID())}/graph`)), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await call(hub, 'GET', `${at(id)}/graph`, { person: CITIZEN })), REFUSED)
    })
  })
