import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as client from 'openid-client'
import t from 'tap'
import { deskConnector } from '../../helper/desk-connector.ts'
import { call, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { applied, data, OWNER, partnered, REDIRECT, steps } from '../../helper/partner.ts'
import { targets } from '../../helper/targets.ts'
import { browse, consent, redeem, request, serve } from '../../helper/third-party.ts'

const SLOW_MS = 200

for (const target of targets)
  t.test(`a receiver that is slow takes one place at a time, and its turn: ${target.name}`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const asked: string[] = []
    const atOnce = { now: 0, most: 0 }
    const receiver = createServer(async (question, response) => {
      asked.push(question.url ?? '')
      if (question.url === '/slow') {
        atOnce.most = Math.max(atOnce.most, ++atOnce.now)
        await sleep(SLOW_MS)
        atOnce.now--
      }
      response.end('{}')
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    t.teardown(() => receiver.close())
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`

    const hub = await serve(t, {
      ...{ store: settings, declarations: [deskConnector()], messagesPace: { sweepMs: NEVER } },
      webhooksPace: { sweepMs: 50, internal: true },
    })
    await steps(hub).inOffice()
    const partner = await partnered(hub)
    const app = await applied(hub, partner)
    const config = await client.discovery(new URL(hub.origin), app.clientId, undefined, client.ClientSecretBasic(app.secret), {
      execute: [client.allowInsecureRequests],
    })
    const browser = browse(hub)
    await browser.signOn(OWNER)
    const flow = await request(config, 'openid desk.permit', { redirect_uri: REDIRECT })
    await redeem(config, flow, await consent(browser, flow))

    const add = async (path: string): Promise<string> => {
      const body = { url: `${url}${path}`, kinds: ['filing'] }
      return data(await call(hub, 'POST', `/v1/partners/${partner}/applications/${app.id}/webhooks`, { person: OWNER, body })).id
    }
    const waiting = (webhook_id: string, at: number) => ({
      ...{ id: randomUUID(), webhook_id, user_id: userId(OWNER), service: 'desk.permit', kind: 'filing', about: randomUUID() },
      ...{ about_state: 'reviewing', state: 'waiting', attempts: 0, due_at: at, created_at: at, updated_at: at },
    })
    const [slow, quick] = [await add('/slow'), await add('/quick')]
    const now = Date.now()
    const backlog = Array.from({ length: 12 }, (_, n) => waiting(slow, now - 1000 + n))
    await hub.app.database('webhook_deliveries').insert([...backlog, waiting(quick, now), waiting(quick, now)])

    for (const end = Date.now() + 30_000; asked.length < 14 && Date.now() < end; ) await sleep(20)
    t.equal(asked.length, 14, 'all were told')
    t.equal(atOnce.most, 1)
    t.ok(asked.lastIndexOf('/quick') <= 5, `what is quick waits for no backlog: ${asked.join(' ')}`)
  })
