import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { call, enterpriseId, inDays, inventIdNumber, userId } from '../../helper/identity.ts'
import { NEVER, startGateway } from '../../helper/message-gateway.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { type Target, targets } from '../../helper/targets.ts'

const MESSAGES = '/v1/me/messages'
const SETTINGS = '/v1/me/message-settings'
const PERMIT = '/v1/desk/permit'
const NONE = [404, 'HUB_NO_RECORD']
const INVALID = [400, 'HUB_VALIDATION']
const HOUR = 3_600_000
const [ADMIN, OPERATOR, AUDITOR] = [1, 2, 3] as const

interface Told {
  id: string
  kind: string
  title: string
  body: string
  connector: string | null
  enterpriseId: string | null
  about: string
  createdAt: string
  readAt: string | null
}

/** A hub whose clock the test can move, with the city's own gateway for push; texts and letters are caught. */
async function open(t: Test, target: Target) {
  const push = await startGateway()
  t.teardown(() => push.close())
  const clock = { ahead: 0 }
  const hub = await build(t, {
    target,
    declarations: [deskConnector()],
    env: { MESSAGE_PUSH_URL: push.url, MESSAGE_PUSH_KEY: 'push-key', MESSAGE_QUIET_HOURS: '00:00-00:00', MESSAGE_HOURLY_LIMIT: '100' },
    jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
    messagesPace: { sweepMs: NEVER, firstRetryMs: 4000, timeoutMs: 1500, now: () => Date.now() + clock.ahead },
    sandboxTiming: { progressStepMs: 600_000 },
  })
  return { hub, push, clock, ...actions(hub) }
}

function actions(hub: Hub) {
  const { database, messages, sandbox, vault } = hub.app
  return {
    settle: () => messages.settle(),
    caught: (channel: string) => (sandbox?.messages.caught() ?? []).filter((each) => each.channel === channel),
    async list(person: number, query = '') {
      return (await call(hub, 'GET', `${MESSAGES}${query}`, { person })).json() as { data: Told[]; meta: { page: { total: number } } }
    },
    async file(person: number, enterprise?: number): Promise<string> {
      const claims = { person, ...(enterprise === undefined ? {} : { enterprise }) }
      const headers = { 'idempotency-key': randomUUID() }
      const filed = await call(hub, 'POST', PERMIT, { ...claims, headers, body: {} })
      const { id } = filed.json().data as { id: string }
      for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
        const { data } = (await call(hub, 'GET', `${PERMIT}/${id}`, claims)).json() as { data: { state: string } }
        if (data.state === 'reviewing') return id
      }
      throw new Error(`${id} is not there`)
    },
    async phone(person: number, number: string) {
      const id = userId(person)
      await database('users')
        .where({ id })
        .update({ phone_sealed: vault.seal(number, `users.phone:${id}`) })
    },
    async mandate(person: number, enterprise: number, role: string, scope = '*') {
      const id = randomUUID()
      const terms = { scope, status: 'active', granted_by: 'test', starts_at: 0, ends_at: Date.now() + 1e11 }
      await database('mandates').insert({ id, user_id: userId(person), enterprise_id: enterpriseId(enterprise), role, ...terms })
      return id
    },
    deliveries: async (query = '') =>
      (await call(hub, 'GET', `/admin/messages/deliveries${query}`, { person: OPERATOR })).json().data as Record<string, unknown>[],
    /** Locks an account and opens it again: two messages, both urgent. */
    async trouble(person: number) {
      for (const act of ['lock', 'unlock'])
        await call(hub, 'POST', `/admin/users/${userId(person)}/${act}`, { person: ADMIN, body: { purpose: '例行检查' } })
    },
  }
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { hub, push, clock, settle, list, file, phone, mandate, deliveries, caught, trouble } = await open(t, target)
    const { database } = hub.app

    t.test('every state of a filing is told: in the message centre and over the first channel', async (t) => {
      const id = await file(4)
      await settle()
      const { data, meta } = await list(4)
      t.same(
        data.map(({ title, kind, about, connector }) => [title, kind, about, connector]).sort(),
        [
          ['办件进度：审核中', 'filing', id, 'desk'],
          ['办件进度：已提交', 'filing', id, 'desk'],
        ].sort(),
      )
      t.equal(meta.page.total, 2)
      t.match(data[0]?.body, `“占道申请”（演示单位）`)
      const [sent] = push.taken
      t.match(sent, { to: 'sandbox-person-4', urgent: false })
      t.notMatch(JSON.stringify(push.taken), id, 'no number leaves')
      t.same(await deliveries('?state=sent').then((rows) => rows.map(({ channel, attempts }) => [channel, attempts])), [
        ['push', 1],
        ['push', 1],
      ])
      const asked = push.asked[0]
      const [time, name] = [asked?.headers['webhook-timestamp'], asked?.headers['webhook-id']]
      const hmac = createHmac('sha256', 'push-key').update(`${name}.${time}.${asked?.body}`).digest('base64')
      t.equal(asked?.headers['webhook-signature'], `v1,${hmac}`)
    })

    t.test('a reader reads, counts, marks and deletes his own, and nobody else’s', async (t) => {
      const { data } = await list(4)
      const [first, second] = data as [Told, Told]
      const one = `${MESSAGES}/${first.id}`
      t.ok(first.createdAt >= second.createdAt, 'newest first')
      t.same((await list(4, '?pageSize=1&page=2')).data[0]?.id, second.id)
      t.same((await call(hub, 'GET', `${MESSAGES}/count`, { person: 4 })).json().data, { unread: 2, byKind: { filing: 2 } })
      for (const [method, url] of [
        ['GET', one],
        ['POST', `${one}/read`],
        ['DELETE', one],
        ['GET', `${MESSAGES}/${randomUUID()}`],
      ] as const)
        t.same(verdict(await call(hub, method, url, { person: 5 })), NONE, `${method} ${url}`)
      t.same((await list(5)).data, [])
      t.match((await call(hub, 'POST', `${one}/read`, { person: 4 })).json().data, { id: first.id, readAt: /^\d{4}-/ })
      t.same(
        (await list(4, '?unread=true')).data.map(({ id }) => id),
        [second.id],
      )
      t.same((await call(hub, 'POST', `${MESSAGES}/read-all?kind=mandate`, { person: 4 })).json().data, { marked: 0 })
      t.same((await call(hub, 'POST', `${MESSAGES}/read-all`, { person: 4 })).json().data, { marked: 1 })
      t.equal((await call(hub, 'DELETE', one, { person: 4 })).statusCode, 204)
      t.same(verdict(await call(hub, 'GET', one, { person: 4 })), NONE)
      t.same(
        (await list(4)).data.map(({ id }) => id),
        [second.id],
      )
      t.equal((await database('messages').where({ id: first.id }).first()).content_sealed, null, 'its words are gone')
    })

    t.test('filters say what they take', async (t) => {
      for (const query of [
        'kind=gossip',
        `connector=${'a'.repeat(65)}`,
        'connector=a%20b',
        'since=yesterday',
        'unread=perhaps',
        'page=0',
        'pageSize=101',
        'x=1',
      ])
        t.same(verdict(await call(hub, 'GET', `${MESSAGES}?${query}`, { person: 4 })), INVALID, query)
      t.same(verdict(await call(hub, 'GET', `${MESSAGES}/42`, { person: 4 })), INVALID)
      t.same((await list(4, '?kind=filing&connector=desk&since=2020-01-01T00:00:00%2B08:00')).data.length, 1)
      t.same((await list(4, `?since=${encodeURIComponent(inDays(1))}`)).data, [])
      t.same((await list(4, '?connector=elsewhere')).data, [])
    })

    t.test('an enterprise’s go to its legal representative and to the agent who filed, while his mandate is in force', async (t) => {
      const agent = await mandate(5, 2, 'agent')
      await mandate(6, 2, 'agent')
      await mandate(7, 2, 'legal-representative')
      const id = await file(5, 2)
      await settle()
      const about = async (person: number) => (await list(person)).data.filter((each) => each.about === id)
      t.equal((await about(7)).length, 2, 'the representative')
      t.match(await about(5), [{ enterpriseId: enterpriseId(2) }, {}])
      t.equal((await about(5)).length, 2, 'the agent who filed')
      t.same(await about(6), [], 'a colleague is told nothing')
      const [one] = await about(5)
      await database('mandates').where({ id: agent }).update({ status: 'disabled' })
      t.same(await about(5), [])
      t.same(verdict(await call(hub, 'GET', `${MESSAGES}/${one?.id}`, { person: 5 })), NONE)
      t.equal((await about(7)).length, 2)
    })

    t.test('whoever is invited gets a text, three a day at most, without anybody’s name', async (t) => {
      await mandate(1, 1, 'legal-representative')
      const AGENTS = `/v1/enterprises/${enterpriseId(1)}/agents`
      const before = caught('sms').length
      const draft = (day: string) => ({
        name: '新人甲：{state}',
        phone: '13812345678',
        idNumber: inventIdNumber(day),
        scope: ['desk'],
        endsAt: inDays(30),
      })
      const broken = { ...draft('19910101'), name: '新人\r\n甲' }
      t.same(verdict(await call(hub, 'POST', AGENTS, { person: 1, body: broken })), [400, 'HUB_VALIDATION'])
      for (const day of ['19910101', '19910102', '19910103', '19910104', '19910105'])
        t.equal((await call(hub, 'POST', AGENTS, { person: 1, body: draft(day) })).statusCode, 201, day)
      await settle()
      const texts = caught('sms').slice(0, caught('sms').length - before)
      t.equal(texts.length, 3)
      t.match(texts[0]?.parcel, { to: '13812345678', text: /邀请您在“我的许昌”担任经办人/ })
      t.notMatch(JSON.stringify(texts), /新人|许昌示例|1991/)
      t.equal((await deliveries('?state=limited')).length, 2)
    })

    t.test('the next channel’s turn where one fails; a dead letter is seen and tried again, on record', async (t) => {
      await phone(4, '13912345678')
      push.mood = 404
      await trouble(4)
      await settle()
      const texts = caught('sms').filter(({ parcel }) => parcel['to'] === '13912345678')
      t.equal(texts.length, 2, 'by text instead')
      const dead = await deliveries(`?state=failed&channel=push&user=${userId(4)}`)
      t.match(dead, [
        { lastError: 'STATUS-404', attempts: 1, stateName: '发送失败' },
        { lastError: 'STATUS-404', attempts: 1 },
      ])
      push.mood = 'ok'
      const url = `/admin/messages/deliveries/${dead[0]?.['id']}/replay`
      t.same(verdict(await call(hub, 'POST', url, { person: OPERATOR, body: {} })), INVALID, 'not without a reason')
      t.same(verdict(await call(hub, 'POST', url, { person: AUDITOR, body: { purpose: '网关已恢复' } })), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await call(hub, 'GET', '/admin/messages/deliveries', { person: 4 })), [403, 'HUB_ROLE_REQUIRED'])
      const { traceId, headers } = trace()
      t.match((await call(hub, 'POST', url, { person: OPERATOR, headers, body: { purpose: '网关已恢复' } })).json().data, {
        state: 'waiting',
      })
      t.match(await auditOf(hub, traceId), [{ service: 'messages.replay', purpose: '网关已恢复', target: dead[0]?.['id'] }])
      const taken = push.taken.length
      await settle()
      t.equal(push.taken.length, taken + 1)
      t.same(
        verdict(await call(hub, 'POST', url, { person: OPERATOR, body: { purpose: '再试一次' } })),
        NONE,
        'what was sent is not sent again',
      )
    })

    t.test('a gateway that hangs, breaks or leads elsewhere', async (t) => {
      await database('users')
        .where({ id: userId(4) })
        .update({ phone_sealed: null })
      const elsewhere = await startGateway()
      t.teardown(() => elsewhere.close())
      const waiting = () => deliveries(`?state=waiting&user=${userId(4)}`)
      push.mood = 'hang'
      await trouble(4)
      await settle()
      t.match(await waiting(), [
        { lastError: 'TIMEOUT', attempts: 1 },
        { lastError: 'TIMEOUT', attempts: 1 },
      ])
      push.mood = 500
      clock.ahead += 5000
      await settle()
      t.match(await waiting(), [{ lastError: 'STATUS-500', attempts: 2 }, { attempts: 2 }])
      push.mood = 'ok'
      const asked = push.asked.length
      clock.ahead += HOUR
      await settle()
      t.same(await waiting(), [])
      const ids = push.asked.map(({ parcel }) => parcel.id)
      t.ok(ids.slice(0, asked).includes(ids[asked] ?? ''), 'tried again under the same id')
      push.mood = `to ${elsewhere.url}`
      await trouble(4)
      await settle()
      t.same(elsewhere.asked, [], 'no redirect is followed')
      t.match(await deliveries(`?state=failed&user=${userId(4)}`), [{ lastError: 'STATUS-307' }, {}])
      push.mood = 'ok'
    })

    t.test('a clock that goes back takes nothing away and tells nothing twice', async (t) => {
      const before = push.taken.length
      await trouble(6)
      await database('message_deliveries')
        .where({ state: 'waiting' })
        .update({ lease_until: Date.now() + 40 * HOUR })
      clock.ahead = -HOUR
      await settle()
      t.equal(push.taken.length, before, 'not due yet by that clock')
      clock.ahead = 0
      await settle()
      await settle()
      t.equal(push.taken.length, before + 2)
      // A worker of before the clock went back seems to hold it for an hour yet.
      await trouble(6)
      await database('notices').update({ lease_owner: randomUUID(), lease_until: Date.now() + HOUR })
      await settle()
      t.equal(push.taken.length, before + 4)
    })

    t.test('quiet hours are the reader’s; what is urgent does not wait for them', async (t) => {
      const beijing = (at: number) => new Date(at + 8 * HOUR).toISOString().slice(11, 16)
      const quietHours = `${beijing(Date.now() - HOUR)}-${beijing(Date.now() + HOUR)}`
      t.match((await call(hub, 'PUT', SETTINGS, { person: 4, body: { quietHours } })).json().data, { quietHours })
      const before = push.taken.length
      await file(4)
      await settle()
      t.equal(push.taken.length, before)
      await trouble(4)
      await settle()
      t.equal(push.taken.length, before + 2, 'urgent')
      t.equal((await list(4, '?kind=filing&unread=true')).data.length, 2, 'in the message centre at once')
      clock.ahead = 2 * HOUR
      await settle()
      t.equal(push.taken.length, before + 4)
      clock.ahead = 0
      t.match((await call(hub, 'PUT', SETTINGS, { person: 4, body: { quietHours: '' } })).json().data, { quietHours: '' })
      for (const body of [{ quietHours: '25:00-08:00' }, { quietHours: '22:00' }, {}, { off: [{ kind: 'filing' }] }, { x: 1 }])
        t.same(verdict(await call(hub, 'PUT', SETTINGS, { person: 4, body })), INVALID, JSON.stringify(body))
    })

    t.test('a channel is turned off by topic, save where it must be told', async (t) => {
      const off = [{ kind: 'filing', channel: 'push' }]
      const { data } = (await call(hub, 'PUT', SETTINGS, { person: 4, body: { off } })).json() as {
        data: { topics: { kind: string; mandatory: boolean; channels: { channel: string; on: boolean }[] }[] }
      }
      t.same(data.topics.find(({ kind }) => kind === 'filing')?.channels.find(({ channel }) => channel === 'push')?.on, false)
      const before = push.taken.length
      await file(4)
      await settle()
      t.equal(push.taken.length, before)
      const refused = await call(hub, 'PUT', SETTINGS, { person: 4, body: { off: [{ kind: 'account', channel: 'sms' }] } })
      t.same(verdict(refused), INVALID)
      t.match(refused.json().errors, [{ pointer: '/body/off/0/kind', detail: '“账户安全”必须通知，不能关闭' }])
    })

    t.test('a letter goes to an address that was confirmed, and to no other', async (t) => {
      for (const email of [
        'a@b',
        'a b@c.example',
        'a@c.example\r\nBcc: d@e.example',
        'a@c.example,d@e.example',
        `${'a'.repeat(65)}@c.example`,
        '"a"@c.example',
      ])
        t.same(verdict(await call(hub, 'PUT', SETTINGS, { person: 5, body: { email } })), INVALID, email)
      const set = await call(hub, 'PUT', SETTINGS, { person: 5, body: { email: 'jia@example.org' } })
      t.match(set.json().data, { email: 'j***@example.org', emailConfirmed: false })
      const [letter] = caught('mail')
      t.match(letter?.parcel, { to: 'jia@example.org' })
      const code = /\d{6}/.exec(String(letter?.parcel['text']))?.[0] ?? ''
      const confirm = (given: string, person = 5) => call(hub, 'POST', `${SETTINGS}/email/confirm`, { person, body: { code: given } })
      const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
      for (let time = 0; time < 4; time++) t.same(verdict(await confirm(wrong)), INVALID)
      t.same(verdict(await confirm(code, 6)), INVALID, 'somebody else')
      t.match((await confirm(code)).json().data, { emailConfirmed: true })
      t.same(verdict(await confirm(code)), INVALID, 'once')
      await call(hub, 'PUT', SETTINGS, { person: 5, body: { email: 'yi@example.org' } })
      const next = /\d{6}/.exec(String(caught('mail')[0]?.parcel['text']))?.[0] ?? ''
      for (let time = 0; time < 5; time++) await confirm(String((Number(next) + 1) % 1_000_000).padStart(6, '0'))
      t.same(verdict(await confirm(next)), INVALID, 'guessed too often')
    })

    t.test('messages are forgotten in the end, and what was sent of them', async (t) => {
      const { centre } = hub.app.messages
      await centre.purge(Date.now() - 30 * 24 * HOUR)
      t.not((await list(4)).data.length, 0)
      await centre.purge(Date.now() + 24 * HOUR)
      t.same((await list(4)).data, [])
      t.same(await deliveries(), [])
    })
  })
}

t.test('killed between commit and send, and two at once: told once', async (t) => {
  const target = targets[0] as Target
  const created = await target.create()
  t.teardown(() => created.drop())
  const push = await startGateway()
  t.teardown(() => push.close())
  const options = {
    store: created.settings,
    declarations: [deskConnector()],
    env: { MESSAGE_PUSH_URL: push.url, MESSAGE_PUSH_KEY: 'k', MESSAGE_QUIET_HOURS: '00:00-00:00', MESSAGE_HOURLY_LIMIT: '3' },
    messagesPace: { sweepMs: NEVER, timeoutMs: 2000 },
  }
  const killed = await build(t, options)
  await actions(killed).trouble(4)
  t.equal(Number((await killed.app.database('notices').count({ n: '*' }).first())?.['n']), 2, 'with the change of state')
  await killed.app.close()
  t.same(push.asked, [])
  const [one, other] = [await build(t, options), await build(t, options)]
  await Promise.all([one.app.messages.settle(), other.app.messages.settle(), one.app.messages.settle()])
  await Promise.all([other.app.messages.settle(), one.app.messages.settle()])
  t.equal((await actions(one).list(4)).data.length, 2)
  t.equal(push.asked.length, 2)

  t.test('an agency that goes mad does not flood anybody’s telephone', async (t) => {
    for (let time = 0; time < 6; time++) await actions(one).trouble(4)
    await one.app.messages.settle()
    t.equal((await actions(one).list(4)).data.length, 14, 'in the message centre all')
    t.equal(push.asked.length, 6, 'urgent ones up to twice the limit')
    t.equal((await actions(one).deliveries('?state=limited')).length, 8)
  })

  t.test('whoever leaves leaves no message behind', async (t) => {
    const { database } = one.app
    await one.app.deregister(userId(4), randomUUID())
    for (const table of ['messages', 'message_deliveries', 'message_settings', 'subscriptions', 'notices'])
      t.equal((await database(table).where({ user_id: userId(4) })).length, 0, table)
  })
})
