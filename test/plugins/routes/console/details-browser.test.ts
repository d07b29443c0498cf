import { randomUUID } from 'node:crypto'
import t from 'tap'
import { inspect, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { administrator, atConsole } from '../../../helper/console.ts'
import { words } from '../../../helper/hall.ts'
import { call, userId } from '../../../helper/identity.ts'
import { openOrders } from '../../../helper/orders.ts'
import { ADMIN, application, applied, OWNER, partnered, SECOND, steps } from '../../../helper/partner.ts'
import { targets } from '../../../helper/targets.ts'

const purpose = '例行处理'
const rights = [{ scope: 'real-name', why: '核对承租人姓名' }]

t.test('the console’s pages of one thing each, in words and in a browser', async (t) => {
  const { hub, make } = await openOrders(t, targets[0] as (typeof targets)[number])
  const { address, port } = hub.app.server.address() as { address: string; port: number }
  const origin = `http://${address}:${port}`
  await steps(hub).inOffice()
  const partner = await partnered(hub)
  const { id: applicationId } = await applied(hub, partner, { rights })
  const second = application({ name: '安居租房二期', redirectUris: ['https://rent.example/two'], rights })
  const review = (await call(hub, 'POST', `/v1/partners/${partner}/applications`, { person: OWNER, body: second })).json().data
  const order = await make('B101')
  const asked = await call(hub, 'PUT', `/admin/administrators/${userId(4)}`, { person: ADMIN, body: { role: 'auditor', purpose } })
  const alert = await alerted()
  const pages = {
    'console-alert': `/alerts/${alert}`,
    'console-order': `/orders/${order.id}`,
    'console-reconciliation': `/reconciliations/${await reconciled()}`,
    'console-request': String(asked.headers.location).replace('/admin', ''),
    'console-partner': `/partners/${partner}`,
    'console-partner-review': `/partner-reviews/${review.id}`,
    'console-partner-application': `/partner-applications/${applicationId}`,
    'console-user-sessions': `/users/${userId(4)}/sessions`,
    'console-enrol': '/enrol',
  }
  const seat = await atConsole(hub, origin, await administrator(hub, ADMIN, 'admin'))
  t.match(words(await seat.open(`/console${pages['console-request']}`)), '管理角色 审计员')
  await hub.app.database('orders').where({ id: order.id }).update({ state: 'exception' })
  const settled = await call(hub, 'POST', `/admin/orders/${order.id}/resolve`, { person: SECOND, body: { outcome: 'closed', purpose } })
  t.equal(settled.statusCode, 202, settled.body)
  t.match(words(await seat.open(`/console${String(settled.headers.location).replace('/admin', '')}`)), '核实的结果 没有支付，关闭')
  if (withoutBrowser) return t.comment(withoutBrowser)
  const browser = await openChromium(t)
  for (const look of looks)
    await t.test(look.name, async (t) => {
      const page = await openPage(t, browser, look)
      for (const name of ['hub_session', 'hub_console'])
        await page.context().addCookies([{ name, value: seat.cookie(name) ?? '', url: `${origin}/console` }])
      for (const [name, path] of Object.entries(pages)) {
        t.equal((await page.goto(`${origin}/console${path}`))?.status(), 200, path)
        await inspect(t, page, look, name)
      }
    })

  /** That agencies are away. → the id of one alert. */
  async function alerted(): Promise<string> {
    const at = Date.now()
    const row = { id: randomUUID(), rule: 'agency-down', target: 'waterworks', connector: 'waterworks', open_key: 'agency-down waterworks' }
    await hub.app
      .database('alerts')
      .insert({ ...row, severity: 'critical', state: 'firing', value: '2', since: at, seen_at: at, fired_at: at })
    return row.id
  }

  /** A day on which a payment is missing. → its id. */
  async function reconciled(): Promise<string> {
    const [id, now] = [randomUUID(), Date.now()]
    const sums = { channelCount: 2, channelFen: 12_345, hubCount: 1, hubFen: 10_000, companyCount: 1, companyFen: 10_000 }
    const none = { returnedCount: 0, returnedFen: 0, channelRefundCount: 0, channelRefundFen: 0, hubRefundCount: 0, hubRefundFen: 0 }
    const day = { id, connector: 'waterworks', channel: 'wechat', day: '2026-11-20', state: 'differing' }
    const told = { sums: JSON.stringify({ ...sums, ...none }), settled: 1, differing: 1, runs: 1 }
    await hub.app.database('reconciliations').insert({ ...day, ...told, created_at: now, updated_at: now, ended_at: now })
    const difference = { id: randomUUID(), reconciliation_id: id, kind: 'unknown-payment', reference: 'T2026112000001', channel_fen: 2345 }
    await hub.app.database('reconciliation_differences').insert({ ...difference, state: 'open', created_at: now, updated_at: now })
    return id
  }
})
