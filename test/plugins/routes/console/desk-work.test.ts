import { randomUUID } from 'node:crypto'
import t from 'tap'
import type { Browser } from '../../../helper/browser.ts'
import { administrator, atConsole } from '../../../helper/console.ts'
import { listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'
import { declarations } from '../../../helper/identity.ts'

const purpose = '例行处理'
const HOUR_MS = 3_600_000
/** As a browser's `datetime-local` has it, Beijing time. */
const inHours = (hours: number) => new Date(Date.now() + (hours + 8) * HOUR_MS).toISOString().slice(0, 16)

t.test('what operators do at their desk', async (t) => {
  const hub = await build(t, { declarations: declarations() })
  const { database } = hub.app
  const origin = await listen(hub)
  const operator = await atConsole(hub, origin, await administrator(hub, 2, 'operator'))
  const auditor = await atConsole(hub, origin, await administrator(hub, 3, 'auditor'))
  const act = async (browser: Browser, path: string, given: Record<string, string>, action: string) =>
    send(browser, await browser.open(path), { purpose, ...given }, { action })
  const optionOf = async (path: string, action: string) =>
    /<option value="([0-9a-f-]{36})"/.exec((await operator.open(path)).text.split(`${action}"`)[1] ?? '')?.[1] ?? ''

  await t.test('closings that an agency announces, on the connector’s page', async (t) => {
    const path = '/console/connectors/demo'
    t.match(words(await operator.open(path)), '没有登记停机。')
    const times = { from: inHours(24), to: inHours(26) }
    t.match(
      words(await act(operator, path, { system: 'demo', title: '系统升级', ...times }, '/closings/add')),
      /已登记：.*demo 系统升级 .*尚未开始/,
    )
    t.match(await database('agency_closings').first(), { system: 'demo', title: '系统升级' })
    t.match(words(await operator.open('/console/connectors/housing-fund')), '没有登记停机。', 'it is of another connector')
    t.notMatch((await auditor.open(path)).text, '/closings/', 'who may not is not offered it')
    t.match(
      words(await act(operator, path, { system: 'demo', title: '系统升级', from: inHours(3), to: inHours(2) }, '/closings/add')),
      '须晚于开始时间',
    )
    t.match(words(await act(operator, path, { id: await optionOf(path, '/closings/end') }, '/closings/end')), /已取消：.*已取消或提前结束/)
  })

  await t.test('silences: of everything, of a rule or a target, and ended early', async (t) => {
    const path = '/console/alerts/silences'
    t.match((await operator.open('/console/alerts')).text, `href="${path}"`)
    t.match(words(await act(operator, path, { rule: '', target: 'demo', minutes: '90' }, '/add')), /已静默。.*所有告警 demo .*例行处理/)
    t.equal((await act(operator, path, { minutes: '99999' }, '/add')).status, 400)
    t.notMatch((await auditor.open(path)).text, '/silences/add')
    t.match(words(await act(operator, path, { id: await optionOf(path, '/silences/end') }, '/silences/end')), /又会通知了。.*没有静默。/)
  })

  await t.test('a day of three ledgers: what differs, settling it, and the workbook', async (t) => {
    const now = Date.now()
    const [id, differenceId] = [randomUUID(), randomUUID()]
    const sums = { channelCount: 2, channelFen: 12_345, hubCount: 1, hubFen: 10_000, companyCount: 1, companyFen: 10_000 }
    const none = { returnedCount: 0, returnedFen: 0, channelRefundCount: 0, channelRefundFen: 0, hubRefundCount: 0, hubRefundFen: 0 }
    const day = {
      id,
      connector: 'waterworks',
      channel: 'wechat',
      day: '2026-11-20',
      state: 'differing',
      sums: JSON.stringify({ ...sums, ...none }),
    }
    await database('reconciliations').insert({ ...day, settled: 1, differing: 1, runs: 1, created_at: now, updated_at: now, ended_at: now })
    const difference = { id: differenceId, reconciliation_id: id, kind: 'unknown-payment', reference: 'T2026112000001', channel_fen: 2345 }
    await database('reconciliation_differences').insert({ ...difference, state: 'open', created_at: now, updated_at: now })
    t.match(words(await operator.open('/console/reconciliations?state=differing')), /2026-11-20 waterworks .*有差异 1 1/)
    const path = `/console/reconciliations/${id}`
    t.match(words(await operator.open(path)), /渠道收款 2 123\.45 .*渠道已收款，中枢没有这个订单 T2026112000001 23\.45 — — — 待人工处理/)
    const file = await operator.open(`${path}/file`)
    t.match(file.headers.get('content-disposition'), 'reconciliation.xlsx')
    t.notMatch((await auditor.open(path)).text, '/resolve')
    const solved = await act(operator, path, { difference: differenceId, outcome: 'explained' }, '/resolve')
    t.match(words(solved), /已处理。.*已处理 例行处理/)
    t.match(words(await act(operator, path, {}, '/run')), /已重新排队对账。/)
    t.equal((await operator.open('/console/reconciliations/x/file')).status, 400)
  })
})
