import { randomUUID } from 'node:crypto'
import t from 'tap'
import { sandboxSecret } from '../../../plugins/oauth/sandbox-clients.ts'
import { post } from '../../../plugins/outbox/outbox.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build } from '../../helper/hub.ts'
import { call, enterpriseId, inDays, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'

const DAY = 86_400_000

t.test('what else is told, and to whom', async (t) => {
  const hub = await build(t, {
    declarations: [deskConnector()],
    env: { MESSAGE_QUIET_HOURS: '00:00-00:00', MESSAGE_HOURLY_LIMIT: '100' },
    messagesPace: { sweepMs: NEVER },
  })
  const { app } = hub
  const { database, messages, vault } = app
  /** Titles and texts of what somebody is told by what happens meanwhile. */
  async function toldOf(person: number, happening: () => Promise<unknown>): Promise<string[]> {
    await messages.settle()
    await call(hub, 'POST', '/v1/me/messages/read-all', { person })
    await happening()
    await messages.settle()
    const { data } = (await call(hub, 'GET', '/v1/me/messages?unread=true', { person })).json() as {
      data: { title: string; body: string }[]
    }
    return data.map(({ title, body }) => `${title}｜${body}`)
  }

  t.test('log-ins that fail until the account is locked, at night too', async (t) => {
    const person = people[4]
    const basic = Buffer.from(`sandbox-backend:${sandboxSecret(vault, 'sandbox-backend')}`).toString('base64')
    for (let time = 0; time < 5; time++) {
      const payload = { eventId: randomUUID(), subject: person?.subject, at: new Date().toISOString() }
      await app.inject({ method: 'POST', url: '/v1/sign-on/failures', headers: { authorization: `Basic ${basic}` }, payload })
    }
    await messages.settle()
    const [row] = await database('messages').where({ user_id: person?.id })
    t.match(row, { topic: 'account', urgent: 1 })
    t.match(app.sandbox?.messages.caught()[0]?.parcel, { to: person?.subject, urgent: true, text: /临时锁定/ })
  })

  t.test('an application of somebody else’s that was granted something; the same again is no news', async (t) => {
    const { adapter } = app.authorizationStore.grants
    const grant = (clientId: string, scope: string) =>
      adapter.upsert(`grant-${clientId}`, { accountId: userId(6), clientId, openid: { scope } } as never, 3600)
    const { name } = await database('oauth_clients').where({ id: 'sandbox-web' }).first('name')
    t.match(await toldOf(6, () => grant('sandbox-web', 'openid profile')), [new RegExp(`^您授权了一个应用｜“${name}”得到了您的授权：`)])
    t.same(await toldOf(6, () => grant('sandbox-web', 'openid profile')), [])
    t.equal((await toldOf(6, () => grant('sandbox-web', 'openid profile phone'))).length, 1)
    t.same(await toldOf(6, () => grant('sandbox-backend', 'openid')), [], 'what belongs to the app itself')
  })

  t.test('a mandate that ends within a week, once; not one that was prolonged meanwhile', async (t) => {
    const mandate = (ends_at: number) => {
      const id = randomUUID()
      const terms = { id, user_id: userId(6), enterprise_id: enterpriseId(1), role: 'agent', scope: 'desk', status: 'active' }
      return { ...terms, granted_by: 'test', starts_at: Date.now() - 30 * DAY, ends_at }
    }
    const [ending, prolonged] = [mandate(Date.now() + 3 * DAY), mandate(Date.now() + 4 * DAY)]
    await database('mandates').insert([ending, prolonged, mandate(Date.now() + 20 * DAY)])
    const found = await toldOf(6, async () => {
      await messages.noticeExpiries()
      await database('mandates')
        .where({ id: prolonged.id })
        .update({ ends_at: Date.now() + 300 * DAY })
    })
    t.match(found, [
      `授权即将到期｜您在许昌示例制造有限公司的授权（经办人）将于 ${new Date(ending.ends_at + DAY / 3).toISOString().slice(0, 10)} 到期。`,
    ])
    t.same(await toldOf(6, messages.noticeExpiries), [], 'told before')
  })

  t.test('an agent of his mandate, and the representative of what the agent does with it', async (t) => {
    const terms = {
      enterprise_id: enterpriseId(1),
      scope: '*',
      status: 'active',
      granted_by: 'test',
      starts_at: 0,
      ends_at: Date.now() + 1e11,
    }
    await database('mandates').insert({ id: randomUUID(), user_id: userId(1), role: 'legal-representative', ...terms })
    const { name, number } = people[6] as { name: string; number: string }
    const draft = { name, phone: '13812345678', idNumber: number, scope: ['desk'], endsAt: inDays(30) }
    const AGENTS = `/v1/enterprises/${enterpriseId(1)}/agents`
    let id = ''
    const granted = await toldOf(7, async () => {
      id = (await call(hub, 'POST', AGENTS, { person: 1, body: draft })).json().data.id
    })
    t.match(granted, [/^您得到一项授权｜您得到许昌示例制造有限公司的授权，身份是经办人/])
    t.match(await toldOf(7, () => call(hub, 'PATCH', `${AGENTS}/${id}`, { person: 1, body: { endsAt: inDays(60) } })), [/^您的授权有变动/])
    t.match(await toldOf(1, () => call(hub, 'DELETE', `/v1/me/mandates/${id}`, { person: 7 })), [/^经办人放弃了授权/])
    const freeze = (act: string) =>
      call(hub, 'POST', `/admin/enterprises/${enterpriseId(1)}/${act}`, { person: 2, body: { purpose: '例行检查' } })
    t.match(await toldOf(1, () => freeze('freeze')), [/^企业服务权限已冻结/])
    t.match(await toldOf(1, () => freeze('unfreeze')), [/^企业服务权限已恢复/])
  })

  t.test('an account at an agency that an administrator has moved', async (t) => {
    const move = (change: 'bound' | 'unbound' | 'suspended') =>
      toldOf(6, () => post(database, { topic: 'binding', userId: userId(6), about: randomUUID(), detail: { connector: 'desk', change } }))
    t.match(await move('bound'), [/^管理员为您绑定了账户｜.*演示单位/])
    t.match(await move('unbound'), [/^管理员解除了账户绑定/])
    t.match(await move('suspended'), [/^账户绑定已暂停/])
  })

  t.test('what is gone, or cannot be told, holds nothing else up', async (t) => {
    const notice = { topic: 'filing', userId: userId(6), about: randomUUID(), detail: { state: 'approved' } } as const
    t.same(await toldOf(6, () => post(database, notice)), [])
    await post(database, notice)
    await database('notices').update({ detail: '{' })
    await t.rejects(messages.settle())
    t.match(await database('notices').first(), { failures: 1, lease_owner: null })
    t.equal(
      (
        await toldOf(6, () =>
          post(database, { topic: 'account', userId: userId(6), about: userId(6), detail: { action: 'x', to: 'active', until: null } }),
        )
      ).length,
      1,
    )
  })
})
