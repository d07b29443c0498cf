import * as client from 'openid-client'
import t from 'tap'
import civilAffairs from '../../../connectors/civil-affairs/index.ts'
import { deskConnector } from '../../helper/desk-connector.ts'
import { pdfOf, png, sha256 } from '../../helper/file-bytes.ts'
import { build } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import {
  ADMIN,
  AUDITOR,
  application,
  applied,
  CITIZEN,
  DEVELOPER,
  data,
  OPERATOR,
  OWNER,
  organisation,
  PAPERS,
  PURPOSE,
  partnered,
  REDIRECT,
  SECOND,
  steps,
} from '../../helper/partner.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { browse, consent, redeem, request, serve } from '../../helper/third-party.ts'

const STATE = [409, 'HUB_REQUEST_STATE']
const NONE = [404, 'HUB_NO_RECORD']
const INVALID = [400, 'HUB_VALIDATION']
const SECOND_PERSON = [403, 'HUB_SECOND_PERSON']
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const SERVICE = 'civil-affairs.marriage-registration'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const messagesPace = { sweepMs: NEVER }
    const declarations = [civilAffairs, deskConnector()]
    // What members are told is looked at at any time of the day.
    const hub = await serve(t, { store: settings, declarations, messagesPace, env: { MESSAGE_QUIET_HOURS: '00:00-00:00' } })
    const second = await build(t, { store: settings, declarations, messagesPace, env: { PUBLIC_URL: hub.origin } })
    const { database } = hub.app
    const { begin, confirm, code, send, decide, openReview, approve, inOffice, caught } = steps(hub)
    await inOffice()
    const standing = async (receipt: string) => data(await hub.app.inject(`/v1/partner-applications/${receipt}`))

    let first = ''
    await t.test('nobody reviews an organisation before its e-mail is confirmed', async (t) => {
      const bad = organisation()
      t.same(verdict(await begin({ ...bad, uscc: '91411000MA0000000X' })), INVALID, 'check digit')
      const { receipt, state } = data(await begin(bad))
      first = receipt
      t.same(verdict(await send(receipt, 'other')), STATE, 'no papers before the mailbox is confirmed')
      t.equal(state, 'draft')
      t.same(data(await call(hub, 'GET', '/admin/partner-reviews?state=checked', { person: OPERATOR })), [])
      const [draft] = data(await call(hub, 'GET', '/admin/partner-reviews', { person: OPERATOR }))
      t.same(verdict(await decide(draft.id, 'review', OPERATOR)), STATE, 'unconfirmed')

      const right = code('lin@rent.example')
      const wrong = right === '000000' ? '000001' : '000000'
      t.same(verdict(await confirm(receipt, wrong)), [403, 'HUB_CODE_WRONG'])
      const confirmed = data(await confirm(receipt, right))
      t.equal(confirmed.state, 'checked')
      t.ok(confirmed.checks.every(({ passed }: { passed: boolean }) => passed))
      t.same(verdict(await confirm(receipt, right)), [403, 'HUB_CODE_WRONG'], 'a code works once')
      t.same(
        verdict(await call(hub, 'POST', '/v1/partners/memberships', { person: OWNER, body: { code: receipt } })),
        NONE,
        'not before it is approved',
      )

      const other = data(await begin({ ...bad, contact: { ...bad.contact, email: 'other@rent.example' } }, '192.0.2.2')).receipt
      for (let tries = 0; tries < 5; tries++) await confirm(other, '999999')
      t.same(verdict(await confirm(other, code('other@rent.example'))), [403, 'HUB_CODE_WRONG'], 'no more guesses')
      for (let sent = 0; sent < 2; sent++)
        await begin({ ...bad, contact: { ...bad.contact, email: 'many@rent.example' } }, `192.0.2.${10 + sent}`)
      t.equal((await begin({ ...bad, contact: { ...bad.contact, email: 'MANY@rent.example' } }, '192.0.2.13')).statusCode, 201)
      t.same(
        verdict(await begin({ ...bad, contact: { ...bad.contact, email: 'many@rent.example' } }, '192.0.2.14')),
        [429, 'HUB_RATE_LIMITED'],
        'letters to one address',
      )
    })

    await t.test('papers come with the receipt, and without them nobody passes the first step', async (t) => {
      const papers = `/v1/partner-applications/${first}/papers`
      const review = await openReview()
      const { lacking } = await standing(first)
      t.same(
        lacking.map(({ kind }: { kind: string }) => kind),
        PAPERS,
        'by the kind of organisation that the credit code tells',
      )
      t.same(verdict(await decide(review, 'review', ADMIN)), STATE)
      t.same(verdict(await send('x'.repeat(32), 'other')), NONE)
      t.same(verdict(await send(first, 'other', png, { type: 'text/plain' })), [415, 'HUB_MEDIA_TYPE'])
      t.same(verdict(await send(first, 'other', pdfOf(2000))), [422, 'HUB_FILE_REFUSED'], 'a PDF that says it is a picture')
      t.same(verdict(await send(first, 'other', Buffer.alloc(11 * 1024 ** 2))), [413, 'HUB_BODY_TOO_LARGE'])
      t.same(verdict(await send(first, 'diploma')), INVALID)
      const pdf = pdfOf(3000)
      const sent = data(await send(first, 'business-licence', pdf, { type: 'application/pdf', name: '../执照.pdf' }))
      t.match(sent, { kindName: '营业执照', name: '执照.pdf', size: 3000, sha256: sha256(pdf) })
      t.same(verdict(await decide(review, 'review', ADMIN)), STATE, 'one is still missing')
      const extra = data(await send(first, 'other')).id
      t.equal((await hub.app.inject({ method: 'DELETE', url: `${papers}/${extra}` })).statusCode, 204)
      t.same(verdict(await hub.app.inject({ method: 'DELETE', url: `${papers}/${extra}` })), NONE)
      await send(first, 'authorisation')
      t.match(await standing(first), { lacking: [], papers: [{ kind: 'business-licence' }, { kind: 'authorisation' }] })

      const listed = data(await call(hub, 'GET', `/admin/partner-reviews/${review}`, { person: OPERATOR })).papers
      t.equal(listed.length, 2)
      const { traceId, headers } = trace()
      const read = await call(hub, 'GET', listed[0].href, { person: OPERATOR, headers })
      t.ok(read.rawPayload.equals(pdf))
      t.match(read.headers, { 'content-type': 'application/pdf', 'content-disposition': /^attachment/ })
      t.match(await auditOf(hub, traceId), [{ service: 'partner-applications.files', target: sent.id, outcome: 'ok' }])
      t.same(verdict(await call(hub, 'GET', listed[0].href, { person: CITIZEN })), [403, 'HUB_ROLE_REQUIRED'])
      const elsewhere = `/admin/partner-applications/${crypto.randomUUID()}/files/${sent.id}`
      t.same(verdict(await call(hub, 'GET', elsewhere, { person: OPERATOR })), NONE, 'of no other application')
    })

    await t.test('two people approve, neither alone, and the applicant becomes the owner', async (t) => {
      const id = await openReview()
      t.same(verdict(await decide(id, 'approve', ADMIN)), STATE, 'the first step comes first')
      t.same(verdict(await decide(id, 'review', AUDITOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.equal((await decide(id, 'review', ADMIN)).statusCode, 200)
      t.same(verdict(await send(first, 'other')), STATE, 'papers are settled once somebody has reviewed them')
      t.same(verdict(await decide(id, 'approve', ADMIN)), SECOND_PERSON, 'whoever reviewed')
      t.same(verdict(await decide(id, 'approve', OPERATOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.same(verdict(await decide(id, 'review', SECOND)), STATE)
      await database('administrators')
        .where({ user_id: userId(ADMIN) })
        .delete()
      t.same(verdict(await decide(id, 'approve', SECOND)), STATE, 'whoever reviewed is in office no more')
      await inOffice()
      const approved = await decide(id, 'approve', SECOND)
      t.match(data(approved), { state: 'approved', reviewedBy: userId(ADMIN), decidedBy: userId(SECOND), reviewOpinion: PURPOSE })
      t.equal((await decide(id, 'approve', SECOND)).statusCode, 200, 'again by the same person changes nothing')
      t.same(verdict(await decide(id, 'approve', ADMIN)), STATE, 'a replayed approval')
      await hub.app.messages.settle()
      t.ok(
        caught().some(({ channel, parcel }) => channel === 'sms' && /入驻申请已批准/.test(String(parcel['text']))),
        'told',
      )
      t.equal(
        await database('partner_events')
          .where({ review_id: id, to_state: 'approved' })
          .count({ n: '*' })
          .first()
          .then((row) => Number(row?.['n'])),
        1,
      )
    })

    await t.test('an organisation is a partner once, and its receipt is used once', async (t) => {
      const email = 'twin@rent.example'
      const { receipt } = data(await begin(organisation(email), '192.0.2.20'))
      const refused = data(await confirm(receipt, code(email)))
      t.match(refused, { state: 'refused', reason: /自动检查/ })
      t.match(
        refused.checks.find(({ passed }: { passed: boolean }) => !passed),
        { id: 'duplicate' },
      )
      const withdrawn = data(await begin(organisation('gone@rent.example', 2), '192.0.2.21')).receipt
      await confirm(withdrawn, code('gone@rent.example'))
      const { id } = data(await send(withdrawn, 'other'))
      t.equal((await hub.app.inject({ method: 'POST', url: `/v1/partner-applications/${withdrawn}/withdrawal` })).statusCode, 200)
      t.match(await standing(withdrawn), { state: 'withdrawn', papers: [{ id }] })
      await hub.app.partners.papers.purge()
      t.match(await standing(withdrawn), { papers: [{ id }] }, 'they stay for a while')
      await database('partners')
        .where({ state: 'closed' })
        .update({ updated_at: Date.now() - 31 * 86_400_000 })
      await hub.app.partners.papers.purge()
      t.match(await standing(withdrawn), { papers: [] })
      t.match((await database('files').where({ id }).first()) ?? { key_sealed: null }, { key_sealed: null }, 'nobody reads it again')
      t.same(verdict(await hub.app.inject(`/v1/partner-applications/${'x'.repeat(32)}`)), NONE)
    })

    const id = await partnered(hub, 'second@rent.example', 2)
    const at = `/v1/partners/${id}`

    await t.test('only members see a partner, only its owner invites', async (t) => {
      t.match(data(await call(hub, 'GET', at, { person: OWNER })), {
        role: 'owner',
        state: 'active',
        contact: { email: 'second@rent.example' },
      })
      for (const path of ['', '/members', '/applications', '/reviews'])
        t.same(verdict(await call(hub, 'GET', at + path, { person: CITIZEN })), NONE, `a stranger ${path}`)
      const { code: invitation } = data(await call(hub, 'POST', `${at}/invitations`, { person: OWNER, body: { role: 'developer' } }))
      const join = (person: number) => call(hub, 'POST', '/v1/partners/memberships', { person, body: { code: invitation } })
      t.equal((await join(DEVELOPER)).statusCode, 201)
      t.same(verdict(await join(CITIZEN)), NONE, 'once')
      t.same(verdict(await call(hub, 'POST', `${at}/invitations`, { person: DEVELOPER, body: { role: 'owner' } })), [
        403,
        'HUB_ROLE_REQUIRED',
      ])
      const members = data(await call(hub, 'GET', `${at}/members`, { person: DEVELOPER }))
      t.same(
        members.map(({ role }: { role: string }) => role),
        ['owner', 'developer'],
      )
      t.same(verdict(await call(hub, 'DELETE', `${at}/members/${members[0].id}`, { person: OWNER })), STATE, 'the last owner stays')

      const invited = async (person: number) => data(await call(hub, 'POST', `${at}/invitations`, { person, body: { role: 'owner' } })).code
      const accept = (code: string) => call(hub, 'POST', '/v1/partners/memberships', { person: CITIZEN, body: { code } })
      t.equal((await accept(await invited(OWNER))).statusCode, 201)
      const kept = await invited(CITIZEN)
      const { id: own } = data(await call(hub, 'GET', `${at}/members`, { person: CITIZEN })).find(({ self }: { self: boolean }) => self)
      t.equal((await call(hub, 'DELETE', `${at}/members/${own}`, { person: OWNER })).statusCode, 204)
      t.same(verdict(await accept(kept)), NONE, 'whoever was removed is not back by an invitation of his own')
    })

    await t.test('an application that asks for what it cannot have is refused by itself, with what was found', async (t) => {
      const review = data(
        await call(hub, 'POST', `${at}/applications`, {
          person: DEVELOPER,
          body: application({
            home: 'http://rent.example/',
            redirectUris: ['http://10.0.0.8/callback', REDIRECT, REDIRECT],
            rights: [
              { scope: 'civil-affairs', why: '整个系统都要用' },
              { scope: 'no-such.service', why: '没有这项服务' },
              { scope: 'offline_access', why: '不必申请的授权' },
            ],
          }),
        }),
      )
      t.equal(review.state, 'refused')
      const failed = review.checks.filter(({ passed }: { passed: boolean }) => !passed)
      t.same(
        failed.map((check: { id: string }) => check.id),
        ['home', 'redirects', 'rights'],
      )
      t.match(failed[2].detail, /civil-affairs：须逐项.*no-such\.service：没有.*offline_access：没有/s)
      t.same(verdict(await decide(review.id, 'review', OPERATOR)), STATE)
    })

    const app = await applied(hub, id, { rights: [{ scope: SERVICE, why: '核对婚姻登记' }] })
    const setUp = (secret: string) =>
      client.discovery(new URL(hub.origin), app.clientId, undefined, client.ClientSecretBasic(secret), {
        execute: [client.allowInsecureRequests],
      })
    const signedOn = async (person: number) => {
      const browser = browse(hub)
      await browser.signOn(person)
      return browser
    }
    const basic = (secret: string, url = '/oauth/introspect') =>
      second.app.inject({
        method: 'POST',
        url,
        headers: {
          authorization: `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        payload: 'token=x',
      })
    const exchanged = async (person: number) => {
      const config = await setUp(app.secret)
      const flow = await request(config, `openid ${SERVICE}`, { redirect_uri: REDIRECT })
      const tokens = await redeem(config, flow, await consent(await signedOn(person), flow))
      const fields = {
        subject_token: tokens.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'civil-affairs',
      }
      return (await client.genericGrantRequest(config, EXCHANGE, fields)).access_token
    }

    await t.test('approved, it is a client whose key its partner alone was shown, and which only its own people can try', async (t) => {
      const made = await call(hub, 'GET', `/admin/partner-applications/${app.id}`, { person: ADMIN })
      t.match(data(made), { state: 'testing', rights: ['openid', 'offline_access', SERVICE], keys: [{ state: 'living' }] })
      t.notMatch(made.body, app.secret)
      t.same(
        verdict(await call(hub, 'POST', `/admin/clients/${app.clientId}/rotate`, { person: ADMIN, body: { purpose: PURPOSE } })),
        [403, 'HUB_ROLE_REQUIRED'],
        'no reviewer gets a secret',
      )
      const alone = { client: { scopes: ['openid', 'id-number'] }, purpose: PURPOSE }
      t.same(verdict(await call(hub, 'PATCH', `/admin/clients/${app.clientId}`, { person: ADMIN, body: alone })), [
        403,
        'HUB_ROLE_REQUIRED',
      ])
      t.equal((await basic(app.secret)).statusCode, 200)
      t.ok(await exchanged(OWNER))
      const flow = await request(await setUp(app.secret), 'openid', { redirect_uri: REDIRECT })
      const refused = await (await signedOn(CITIZEN)).follow(flow.url.href)
      t.equal(refused.left, null)
      t.equal(refused.response.status, 400, 'a citizen while it is tested')
    })

    await t.test('a key is replaced with an overlap, or at once', async (t) => {
      const add = (body: object, person: number = DEVELOPER) => call(hub, 'POST', app.keys, { person, body })
      t.same(verdict(await add({}, CITIZEN)), NONE)
      t.same(verdict(await call(hub, 'POST', app.keys, { person: OWNER, body: { overlapDays: -1 } })), INVALID)
      const made = await add({ overlapDays: 1 })
      t.equal(made.headers['cache-control'], 'no-store')
      const { secret, id: fresh } = data(made)
      for (const each of [secret, app.secret]) t.equal((await basic(each)).statusCode, 200, 'both, for a day')
      const keys = data(await call(hub, 'GET', app.keys, { person: OWNER }))
      t.same(keys.map(({ state }: { state: string }) => state).sort(), ['ending', 'living'])
      t.ok(keys.every(({ lastUsedAt }: { lastUsedAt: string | null }) => lastUsedAt !== null))
      await database('oauth_client_keys')
        .where({ client_id: app.clientId })
        .whereNot({ id: fresh })
        .update({ ends_at: Date.now() - 1 })
      t.equal((await basic(app.secret)).statusCode, 401, 'the overlap is over')
      t.equal((await call(hub, 'DELETE', `${app.keys}/${fresh}`, { person: OWNER })).statusCode, 200)
      t.equal((await basic(secret)).statusCode, 401, 'revoked, in the next request of another process')
      app.secret = data(await add({ overlapDays: 0 })).secret
      t.equal((await basic(app.secret)).statusCode, 200)
      for (let more = 0; more < 4; more++) await add({})
      t.same(verdict(await add({})), STATE, 'five at a time')
    })

    await t.test('quotas hold across processes, and say when to come again', async (t) => {
      const token = await exchanged(OWNER)
      const ask = (index: number) => {
        const { app } = index % 2 === 0 ? hub : second
        return app.inject({ url: `/v1/${SERVICE.replace('.', '/')}`, headers: { authorization: `Bearer ${token}` } })
      }
      const limit = (perDay: number | null, more: object[] = []) =>
        call(hub, 'PUT', `/admin/partner-applications/${app.id}/limits`, {
          person: ADMIN,
          body: { limits: [{ service: '*', perMinute: null, perDay, perMonth: null }, ...more], purpose: PURPOSE },
        })
      t.same(verdict(await limit(5, [{ service: 'no-such.service', perMinute: 1, perDay: null, perMonth: null }])), INVALID)
      t.equal((await limit(5)).statusCode, 200)
      await database('application_usage').where({ client_id: app.clientId }).delete()
      const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(index)))
      const over = answers.filter(({ statusCode }) => statusCode === 429)
      t.equal(over.length, 7, 'five of twelve at once, in two processes')
      t.match(over[0]?.json(), { code: 'HUB_RATE_LIMITED', detail: /今日.*5 次/ })
      t.ok(Number(over[0]?.headers['retry-after']) > 0)
      t.match(data(await call(hub, 'GET', `${at}/applications/${app.id}`, { person: OWNER })).used, [
        { service: '*', period: 'perDay', used: 5 },
      ])
      await limit(null, [{ service: SERVICE, perMinute: null, perDay: 1, perMonth: null }])
      await hub.app.inject(`/v1/partner-applications/${'x'.repeat(32)}`)
      t.equal((await ask(0)).statusCode === 429, false)
      t.match((await ask(0)).json(), { code: 'HUB_RATE_LIMITED', detail: /这项服务今日/ })
    })

    await t.test('a change of rights waits for two people; states take effect at once', async (t) => {
      const token = await exchanged(OWNER).catch(() => '')
      const ask = () => second.app.inject({ url: `/v1/${SERVICE.replace('.', '/')}`, headers: { authorization: `Bearer ${token}` } })
      const change = () =>
        call(hub, 'POST', `${at}/applications/${app.id}/changes`, {
          person: OWNER,
          body: application({ rights: [{ scope: 'real-name', why: '只核对姓名即可' }] }),
        })
      const review = data(await change())
      t.same(verdict(await change()), STATE, 'one at a time')
      t.match(
        data(await call(hub, 'GET', `${at}/applications/${app.id}`, { person: OWNER })).rights,
        ['openid', 'offline_access', SERVICE],
        'as before',
      )
      await approve(review.id)
      t.same(data(await call(hub, 'GET', `${at}/applications/${app.id}`, { person: OWNER })).rights, [
        'openid',
        'offline_access',
        'real-name',
      ])
      t.same(verdict(await ask()), [403, 'HUB_SCOPE_INSUFFICIENT'], 'a right that was given up is gone with its tokens')

      const state = (state: string, person: number = ADMIN) =>
        call(hub, 'POST', `/admin/partner-applications/${app.id}/state`, { person, body: { state, purpose: PURPOSE } })
      t.same(verdict(await state('running', OPERATOR)), [403, 'HUB_ROLE_REQUIRED'])
      t.equal(data(await state('running')).state, 'running')
      t.equal(
        (await (await signedOn(CITIZEN)).follow((await request(await setUp(app.secret), 'openid', { redirect_uri: REDIRECT })).url.href))
          .response.status,
        200,
      )
      t.equal((await call(hub, 'POST', `/admin/partners/${id}/suspend`, { person: ADMIN, body: { purpose: PURPOSE } })).statusCode, 200)
      t.equal((await basic(app.secret)).statusCode, 401, 'with its partner')
      t.same(verdict(await state('resumed')), STATE, 'not before its partner')
      t.same(verdict(await call(hub, 'POST', app.keys, { person: OWNER, body: {} })), STATE)
      await call(hub, 'POST', `/admin/partners/${id}/resume`, { person: ADMIN, body: { purpose: PURPOSE } })
      t.equal(data(await state('resumed')).state, 'running')
      t.equal((await basic(app.secret)).statusCode, 200)
      t.equal(data(await state('offline')).state, 'offline')
      t.same(verdict(await state('running')), STATE)
      t.equal((await basic(app.secret)).statusCode, 401)
    })

    await t.test('a member never reviews his own partner', async (t) => {
      const review = data(
        await call(hub, 'POST', `${at}/applications`, {
          person: OWNER,
          body: application({ redirectUris: ['https://second.example/cb'] }),
        }),
      )
      await database('administrators').insert({ user_id: userId(OWNER), role: 'admin', granted_by: null, granted_at: 0 })
      t.same(verdict(await decide(review.id, 'review', OWNER)), SECOND_PERSON)
      await decide(review.id, 'review', OPERATOR)
      t.same(verdict(await decide(review.id, 'approve', OWNER)), SECOND_PERSON)
      t.same(verdict(await decide(review.id, 'refuse', OWNER)), SECOND_PERSON)
      const partner = (act: string, person: number) =>
        call(hub, 'POST', `/admin/partners/${id}/${act}`, { person, body: { purpose: PURPOSE } })
      const [own] = data(await call(hub, 'GET', `${at}/applications`, { person: OWNER }))
      const his = (method: 'POST' | 'PUT', path: string, body: object) =>
        call(hub, method, `/admin/partner-applications/${own.id}/${path}`, { person: OWNER, body: { ...body, purpose: PURPOSE } })
      t.same(verdict(await his('PUT', 'limits', { limits: [] })), SECOND_PERSON, 'nor lifts its limits')
      t.same(verdict(await his('POST', 'state', { state: 'running' })), SECOND_PERSON, 'nor opens its application')
      t.equal((await partner('suspend', OWNER)).statusCode, 200, 'stopping it is always open to him')
      t.same(verdict(await partner('resume', OWNER)), SECOND_PERSON, 'nor resumes it')
      t.equal((await partner('resume', ADMIN)).statusCode, 200)
      t.equal((await call(hub, 'POST', `${at}/reviews/${review.id}/withdrawal`, { person: DEVELOPER })).statusCode, 200)
      t.same(verdict(await decide(review.id, 'approve', ADMIN)), STATE, 'withdrawn meanwhile')
      await database('administrators')
        .where({ user_id: userId(OWNER) })
        .delete()
    })
  })
}
