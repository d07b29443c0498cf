import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as client from 'openid-client'
import t from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { build } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { NEVER, startGateway } from '../../helper/message-gateway.ts'
import { ADMIN, applied, CITIZEN, data, OWNER, PURPOSE, partnered, REDIRECT, steps } from '../../helper/partner.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'
import { browse, consent, redeem, request, serve } from '../../helper/third-party.ts'

const NONE = [404, 'HUB_NO_RECORD']
const INVALID = [400, 'HUB_VALIDATION']
const HOUR = 3_600_000
const PERMIT = '/v1/desk/permit'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const receiver = await startGateway()
    t.teardown(() => receiver.close())
    const clock = { ahead: 0 }
    const pace = { sweepMs: NEVER, firstRetryMs: 4000, timeoutMs: 500, now: () => Date.now() + clock.ahead }
    const declarations = [deskConnector()]
    const common = {
      store: settings,
      declarations,
      messagesPace: { sweepMs: NEVER },
      jobs: { sweepMs: 50, pace: { baseMs: 20, settleMs: 400 } },
    }
    const hub = await serve(t, { ...common, webhooksPace: { ...pace, internal: true }, sandboxTiming: { progressStepMs: 600_000 } })
    const { webhooks, database } = hub.app
    await steps(hub).inOffice()
    const partner = await partnered(hub)
    const app = await applied(hub, partner)
    const at = `/v1/partners/${partner}/applications/${app.id}`
    const add = (url: string, person: number = OWNER) =>
      call(hub, 'POST', `${at}/webhooks`, { person, body: { url, kinds: ['filing', 'order'] } })
    const deliveries = async (state?: string) =>
      data(await call(hub, 'GET', `${at}/webhook-deliveries${state ? `?state=${state}` : ''}`, { person: OWNER })) as Record<
        string,
        unknown
      >[]

    const config = await client.discovery(new URL(hub.origin), app.clientId, undefined, client.ClientSecretBasic(app.secret), {
      execute: [client.allowInsecureRequests],
    })
    const browser = browse(hub)
    await browser.signOn(OWNER)
    const flow = await request(config, 'openid desk.permit', { redirect_uri: REDIRECT })
    const tokens = await redeem(config, flow, await consent(browser, flow))
    const sub = tokens.claims()?.sub

    async function file(person: number): Promise<string> {
      const filed = await call(hub, 'POST', PERMIT, { person, headers: { 'idempotency-key': randomUUID() }, body: {} })
      const { id } = data(filed)
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20))
        if (data(await call(hub, 'GET', `${PERMIT}/${id}`, { person })).state === 'reviewing') return id
      throw new Error(`${id} is not there`)
    }

    const made = await add(receiver.url)
    const { id: hook, secret } = data(made)

    await t.test('what moves of a user who consented is told, signed, under the name that the application has for him', async (t) => {
      t.same(verdict(await add(receiver.url, CITIZEN)), NONE)
      t.notMatch((await call(hub, 'GET', `${at}/webhooks`, { person: OWNER })).body, secret)
      const [mine] = [await file(OWNER), await file(CITIZEN)]
      await webhooks.settle()
      const events = receiver.asked.map(({ body }) => JSON.parse(body))
      t.ok(events.length >= 2)
      t.ok(
        events.every(({ subject }) => subject === mine),
        'nothing of somebody who granted nothing',
      )
      t.match(events.at(-1), {
        specversion: '1.0',
        type: 'hub.filing.moved',
        source: hub.origin,
        data: { sub, service: 'desk.permit', id: mine },
      })
      t.notMatch(receiver.asked.map(({ body }) => body).join(), userId(OWNER))
      for (const { headers, body } of receiver.asked) {
        const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
        const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
        t.equal(headers['webhook-signature'], `v1,${signed}`)
      }
      t.equal((await deliveries('sent')).length, events.length)
    })

    await t.test('a receiver that breaks, hangs or leads elsewhere rests, and what it never took is a dead letter', async (t) => {
      for (const mood of [500, 'hang', `to ${receiver.url}/elsewhere`] as const) {
        const before = receiver.asked.length
        receiver.mood = mood
        await file(OWNER)
        await webhooks.settle()
        t.equal(receiver.asked.length, before + 1, `${mood}: one call, then the whole address rests`)
        clock.ahead += HOUR
      }
      t.match(data(await call(hub, 'GET', `${at}/webhooks`, { person: OWNER })), [{ state: 'active', failures: 3 }])
      const codes = (await deliveries('waiting')).map(({ lastError }) => lastError).filter((code) => code !== null)
      t.ok(codes.length > 0 && codes.every((code) => /STATUS-500|TIMEOUT|STATUS-307/.test(String(code))), String(codes))
      clock.ahead += 25 * HOUR
      for (let turns = 0; turns < 30 && (await deliveries('failed')).length === 0; turns++) {
        await webhooks.settle()
        clock.ahead += HOUR
      }
      const [dead] = await deliveries('failed')
      t.ok(dead)
      receiver.mood = 'ok'
      const replay = (person: number) => call(hub, 'POST', `${at}/webhook-deliveries/${dead?.['id']}/replay`, { person })
      t.same(verdict(await replay(CITIZEN)), NONE)
      t.equal((await replay(OWNER)).statusCode, 204)
      clock.ahead += HOUR
      await webhooks.settle()
      t.ok((await deliveries('sent')).some(({ id }) => id === dead?.['id']))
      t.same(verdict(await replay(OWNER)), NONE, 'it was taken')
      t.match(data(await call(hub, 'GET', `${at}/webhooks`, { person: OWNER })), [{ failures: 0, failingSince: null }])
    })

    await t.test('after three days without an answer it is disabled, and its people are told', async (t) => {
      receiver.mood = 500
      await file(OWNER)
      await database('application_webhooks')
        .where({ id: hook })
        .update({ failing_since: Date.now() + clock.ahead - 73 * HOUR, failures: 9 })
      await webhooks.settle()
      t.match(data(await call(hub, 'GET', `${at}/webhooks`, { person: OWNER })), [{ state: 'disabled' }])
      t.same(await deliveries('waiting'), [])
      await hub.app.messages.settle()
      t.match(data(await call(hub, 'GET', '/v1/me/messages?kind=partner', { person: OWNER }))[0], { title: /事件推送已停用/ })
      const before = receiver.asked.length
      await file(OWNER)
      await webhooks.settle()
      t.equal(receiver.asked.length, before)
      t.match(data(await call(hub, 'POST', `${at}/webhooks/${hook}/enable`, { person: OWNER })), { state: 'active' })
    })

    await t.test('no address inside is ever called', async (t) => {
      const strict = await build(t, { ...common, env: { PUBLIC_URL: hub.origin }, webhooksPace: pace })
      for (const url of [
        'http://rent.example/hook',
        'https://127.0.0.1/hook',
        'https://[::1]/hook',
        'https://169.254.169.254/',
        'https://10.1.2.3/',
        'https://localhost/',
        'https://hub.internal/',
        'https://u:p@rent.example/',
        'https://2130706433/',
      ])
        t.same(verdict(await call(strict, 'POST', `${at}/webhooks`, { person: OWNER, body: { url, kinds: ['filing'] } })), INVALID, url)
      const before = receiver.asked.length
      receiver.mood = 'ok'
      await file(OWNER)
      await strict.app.webhooks.settle()
      t.equal(receiver.asked.length, before, 'nor one that stands in the store')
      t.ok((await deliveries()).some(({ lastError }) => lastError === 'ERR_ADDRESS_CLOSED'))
      await database('application_webhooks').where({ id: hook }).update({ rests_until: 0, failures: 0, failing_since: null })
    })

    await t.test('its calls are shown to its people and to administrators, and to nobody else', async (t) => {
      const fields = {
        subject_token: tokens.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'desk',
      }
      const { access_token: token } = await client.genericGrantRequest(config, EXCHANGE, fields)
      for (let calls = 0; calls < 3; calls++) await hub.app.inject({ url: PERMIT, headers: { authorization: `Bearer ${token}` } })
      const calls = await call(hub, 'GET', `${at}/calls?service=desk.permit`, { person: OWNER })
      t.equal(data(calls).length, 3)
      t.match(data(calls)[0], {
        ip: '127.0.0.1',
        service: 'desk.permit',
        serviceName: '占道申请',
        outcome: 'ok',
        status: 200,
        user: /^[0-9a-f]{32}$/,
      })
      t.notMatch(calls.body, (await hub.app.users.byId(userId(OWNER))).pseudonym, 'a name that no other application has')
      const first = (await call(hub, 'GET', `${at}/calls?service=desk.permit&pageSize=2`, { person: OWNER })).json()
      const rest = data(await call(hub, 'GET', `${at}/calls?service=desk.permit&pageSize=2&after=${first.meta.next}`, { person: OWNER }))
      t.same([first.data.length, rest.length], [2, 1])
      t.same(data(await call(hub, 'GET', `${at}/calls?outcome=HUB_RATE_LIMITED`, { person: OWNER })), [])
      t.same(verdict(await call(hub, 'GET', `${at}/calls`, { person: CITIZEN })), NONE)
      t.equal(data(await call(hub, 'GET', `/admin/partner-applications/${app.id}/calls?service=desk.permit`, { person: ADMIN })).length, 3)
      const hour = Math.floor(Date.now() / HOUR) * HOUR - HOUR
      const buckets = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`bucket_${index}`, index === 0 ? 4 : 0]))
      const day = new Date(hour + 8 * HOUR).toISOString().slice(0, 10)
      await database('call_statistics').insert({
        hour,
        day,
        clock: 1,
        connector: 'desk',
        service: 'permit',
        app: app.clientId,
        calls: 4,
        failed: 1,
        duration_ms: 40,
        ...buckets,
      })
      t.match(data(await call(hub, 'GET', `${at}/trend`, { person: OWNER })), [{ key: day, calls: 4, failed: 1 }])
      t.same(verdict(await call(hub, 'GET', `${at}/trend?from=2020-01-01`, { person: OWNER })), INVALID)
    })

    await t.test('what a user takes back is not told any more', async (t) => {
      const before = receiver.asked.length
      await file(OWNER)
      const [grant] = data(await call(hub, 'GET', '/v1/me/authorizations', { person: OWNER }))
      await call(hub, 'DELETE', `/v1/me/authorizations/${grant.id}`, { person: OWNER })
      clock.ahead += HOUR
      await webhooks.settle()
      t.equal(receiver.asked.length, before)
      t.ok((await deliveries('dropped')).length > 0)
      t.equal((await call(hub, 'DELETE', `${at}/webhooks/${hook}`, { person: OWNER })).statusCode, 204)
      t.same(await deliveries(), [])
      t.equal(
        (
          await call(hub, 'POST', `/admin/partner-applications/${app.id}/state`, {
            person: ADMIN,
            body: { state: 'offline', purpose: PURPOSE },
          })
        ).statusCode,
        200,
      )
    })
  })
}
