import t from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import {
  ADMIN,
  application,
  CITIZEN,
  DEVELOPER,
  data,
  OPERATOR,
  OWNER,
  organisation,
  PAPERS,
  partnered,
  SECOND,
  steps,
} from '../../helper/partner.ts'
import { verdict } from '../../helper/queries.ts'
import { confirm as decided } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const NONE = [404, 'HUB_NO_RECORD']
const SECOND_PERSON = [403, 'HUB_SECOND_PERSON']

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const hub = await build(t, { store: settings, declarations: [deskConnector()], messagesPace: { sweepMs: NEVER } })
    const { database } = hub.app
    const { begin, confirm, code, send, decide, openReview, approve, inOffice } = steps(hub)
    await inOffice()
    const join = (person: number, code: string) => call(hub, 'POST', '/v1/partners/memberships', { person, body: { code } })

    await t.test('whoever decided about an organisation does not become its member', async (t) => {
      const { receipt } = data(await begin(organisation('own@rent.example', 1), '192.0.2.60'))
      await confirm(receipt, code('own@rent.example'))
      for (const kind of PAPERS) await send(receipt, kind)
      await approve(await openReview())
      for (const person of [OPERATOR, ADMIN]) t.same(verdict(await join(person, receipt)), SECOND_PERSON, 'by its receipt')
      const joined = await join(OWNER, receipt)
      t.equal(joined.statusCode, 201, 'the receipt is still good for its holder')
      const at = `/v1/partners/${data(joined).id}`
      const { code: invitation } = data(await call(hub, 'POST', `${at}/invitations`, { person: OWNER, body: { role: 'developer' } }))
      t.same(verdict(await join(ADMIN, invitation)), SECOND_PERSON, 'nor by an invitation')
      const suspend = (act: string, person: number) =>
        call(hub, 'POST', `/admin/partners/${data(joined).id}/${act}`, { person, body: { purpose: '核查' } })
      t.equal((await suspend('suspend', ADMIN)).statusCode, 200)
      t.equal((await suspend('resume', SECOND)).statusCode, 200)
      t.same(verdict(await join(SECOND, invitation)), SECOND_PERSON, 'nor who resumed it')
    })

    const id = await partnered(hub, 'race@rent.example', 2)
    const at = `/v1/partners/${id}`
    const invited = async (person: number, role = 'owner') =>
      data(await call(hub, 'POST', `${at}/invitations`, { person, body: { role } })).code as string
    const memberId = async (person: number): Promise<string> =>
      (
        await database('partner_members')
          .where({ partner_id: id, user_id: userId(person) })
          .first('id')
      )?.id

    await t.test('of two who use one invitation at once one joins', async (t) => {
      const invitation = await invited(OWNER)
      const both = await Promise.all([join(CITIZEN, invitation), join(DEVELOPER, invitation)])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [201, 404])
      t.equal(
        await database('partner_members')
          .where({ partner_id: id })
          .count({ n: '*' })
          .first()
          .then((row) => Number(row?.['n'])),
        2,
      )
      for (const person of [CITIZEN, DEVELOPER]) {
        const own = await memberId(person)
        if (own) await call(hub, 'DELETE', `${at}/members/${own}`, { person: OWNER })
      }
    })

    await t.test('nobody who is no owner any more has an invitation that is good', async (t) => {
      await join(CITIZEN, await invited(OWNER))
      // As it comes when the route asked for his role just before he was removed.
      await call(hub, 'DELETE', `${at}/members/${await memberId(CITIZEN)}`, { person: OWNER })
      const late = await hub.app.partners.invitations.invite(id, 'owner', userId(CITIZEN)).catch((error) => error)
      t.match(late, { code: 'HUB_ROLE_REQUIRED' })
      await join(CITIZEN, await invited(OWNER))
      const kept = await invited(CITIZEN)
      await database('partner_members')
        .where({ id: await memberId(CITIZEN) })
        .delete()
      t.same(verdict(await join(DEVELOPER, kept)), NONE, 'however he went')
    })

    await t.test('invitations that nobody used in time keep no room', async (t) => {
      const old = Array.from({ length: 60 }, (_, n) => ({ code_hash: `old-${n}`, partner_id: id, role: 'developer', expires_at: 1 }))
      await database('partner_invitations').insert(old)
      t.equal((await call(hub, 'POST', `${at}/invitations`, { person: OWNER, body: { role: 'developer' } })).statusCode, 201)
    })

    await t.test('owners see what invitations are open, and withdraw one; whoever holds it is told how it ended', async (t) => {
      await database('partner_invitations').where({ partner_id: id }).delete()
      const made = data(await call(hub, 'POST', `${at}/invitations`, { person: OWNER, body: { role: 'developer' } }))
      const open = async (person: number = OWNER) => call(hub, 'GET', `${at}/invitations`, { person })
      const withdraw = (person: number, invitation: string) => call(hub, 'DELETE', `${at}/invitations/${invitation}`, { person })
      const listed = await open()
      t.match(data(listed), [{ id: made.id, role: 'developer', invitedBy: /\*/, expiresAt: made.expiresAt }])
      t.notMatch(listed.body, made.code)

      const developers = await invited(OWNER, 'developer')
      await join(DEVELOPER, developers)
      t.match(data(await open()), [{ id: made.id }], 'what was used is not open')
      for (const answer of [await open(DEVELOPER), await withdraw(DEVELOPER, made.id)])
        t.same(verdict(answer), [403, 'HUB_ROLE_REQUIRED'], 'developers neither')
      for (const answer of [await open(CITIZEN), await withdraw(CITIZEN, made.id)]) t.same(verdict(answer), NONE)

      t.equal((await withdraw(OWNER, made.id)).statusCode, 204)
      t.same(data(await open()), [])
      const refused = await join(CITIZEN, made.code)
      t.match([...verdict(refused), refused.json().detail], [...NONE, /撤回/])
      t.same(verdict(await withdraw(OWNER, made.id)), NONE, 'once')
      const acts = await database('partner_events').where({ partner_id: id, event: 'invitation.withdrawn' })
      t.match(acts, [{ acted_by: userId(OWNER) }])
      const rows: { record: string }[] = await database('audit_rows').where({ service: 'partners.invitations.withdraw', outcome: 'ok' })
      t.match(
        rows.map(({ record }) => JSON.parse(record)),
        [{ target: id, status: 204 }],
      )

      const late = await invited(OWNER)
      await database('partner_invitations').where({ partner_id: id, withdrawn_at: null }).update({ expires_at: Date.now() })
      const expired = await join(CITIZEN, late)
      t.match([...verdict(expired), expired.json().detail], [...NONE, /过期/])
      t.same(data(await open()), [])
      await invited(OWNER)
      t.match((await join(CITIZEN, late)).json().detail, /过期/, 'also after the next one was made')

      // As a process of before invitations had ids makes it.
      await database('partner_invitations').insert({
        ...{ code_hash: 'of-before', partner_id: id, role: 'owner', invited_by: userId(OWNER), expires_at: Date.now() + 1000 },
      })
      const [{ id: first }] = data(await open())
      t.equal((await withdraw(OWNER, first)).statusCode, 204)
      t.equal(data(await open()).length, 1)

      await database('partner_invitations').where({ partner_id: id }).update({ expires_at: 1 })
      await hub.app.partners.invitations.purge()
      t.same(await database('partner_invitations').where({ partner_id: id }), [])
      await call(hub, 'DELETE', `${at}/members/${await memberId(DEVELOPER)}`, { person: OWNER })
    })

    await t.test('of withdrawing an invitation and using it at once one is done', async (t) => {
      for (let turn = 0; turn < 3; turn++) {
        const made = data(await call(hub, 'POST', `${at}/invitations`, { person: OWNER, body: { role: 'developer' } }))
        const both = await Promise.all([call(hub, 'DELETE', `${at}/invitations/${made.id}`, { person: OWNER }), join(DEVELOPER, made.code)])
        t.match(both.map(({ statusCode }) => statusCode).join(), /^(204,404|404,201)$/)
        const own = await memberId(DEVELOPER)
        if (own) await call(hub, 'DELETE', `${at}/members/${own}`, { person: OWNER })
      }
    })

    await t.test('whoever was a member decides nothing of it after he was removed, not even what he asked for', async (t) => {
      await database('administrators').insert({ user_id: userId(CITIZEN), role: 'admin', granted_by: null, granted_at: 0 })
      await join(CITIZEN, await invited(OWNER, 'developer'))
      const asked = data(await call(hub, 'POST', `${at}/applications`, { person: CITIZEN, body: application() }))
      t.equal(asked.state, 'checked')
      t.equal((await call(hub, 'DELETE', `${at}/members/${await memberId(CITIZEN)}`, { person: OWNER })).statusCode, 204)
      for (const act of ['review', 'refuse'] as const) t.same(verdict(await decide(asked.id, act, CITIZEN)), SECOND_PERSON, act)
      await decide(asked.id, 'review', OPERATOR)
      t.same(verdict(await decide(asked.id, 'approve', CITIZEN)), SECOND_PERSON)
      const left = await decide(asked.id, 'approve', ADMIN)
      t.match([...verdict(left), left.json().detail], [409, 'HUB_REQUEST_STATE', /已经不是接入方的成员/], 'nobody answers for it any more')
      t.equal((await decide(asked.id, 'refuse', ADMIN)).statusCode, 200)

      const anew = data(await call(hub, 'POST', `${at}/applications`, { person: OWNER, body: application() }))
      t.equal((await approve(anew.id)).statusCode, 200)
      const body = { state: 'running', purpose: '上线' }
      const open = `/admin/partner-applications/${anew.applicationId}/state`
      t.same(verdict(await call(hub, 'POST', open, { person: CITIZEN, body })), SECOND_PERSON)
      t.equal((await call(hub, 'POST', open, { person: SECOND, body })).statusCode, 200)
      t.same(verdict(await join(SECOND, await invited(OWNER))), SECOND_PERSON, 'nor does who put it on line join')
      await database('administrators')
        .where({ user_id: userId(CITIZEN) })
        .delete()
    })

    await t.test('a partner keeps an owner, however an account ends', async (t) => {
      const busy = { status: 409, code: 'HUB_ACCOUNT_BUSY', detail: /安居租房有限公司.*负责人/ }
      t.match((await hub.post('/v1/me/deregister', { person: OWNER })).json(), busy)
      const body = { purpose: '本人书面申请' }
      const asked = await call(hub, 'POST', `/admin/users/${userId(OWNER)}/delete`, { person: ADMIN, body })
      t.match((asked.statusCode === 202 ? await decided(hub, asked, SECOND) : asked).json(), busy, 'nor by administrators')

      // Merged, he acts under the other account: the stronger role wins.
      await join(DEVELOPER, await invited(OWNER, 'developer'))
      const { moves } = hub.app.accounts
      const who = { from: userId(OWNER), into: userId(DEVELOPER), actor: 'cli:test', reason: '同一人', despite: '试' }
      const move = await moves.merge(who)
      const roles = async () =>
        Object.fromEntries((await database('partner_members').where({ partner_id: id })).map(({ user_id, role }) => [user_id, role]))
      t.same(await roles(), { [userId(DEVELOPER)]: 'owner' })
      t.match((await hub.post('/v1/me/deregister', { person: DEVELOPER })).json(), busy)
      await moves.undo(move)
      t.same(await roles(), { [userId(OWNER)]: 'owner', [userId(DEVELOPER)]: 'developer' }, 'as before')

      await call(hub, 'DELETE', `${at}/members/${await memberId(DEVELOPER)}`, { person: OWNER })
      const empty = await moves.merge(who)
      t.same(await roles(), { [userId(DEVELOPER)]: 'owner' }, 'who was no member is one')
      await moves.undo(empty)
      t.same(await roles(), { [userId(OWNER)]: 'owner' })
    })
  })
}
