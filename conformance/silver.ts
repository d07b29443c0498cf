import { systemsOf } from '../core/contract/systems.ts'
import { checkAccounts } from './accounts.ts'
import { type Bench, describe, readJson } from './bench.ts'
import { agencyOf, maskedValues } from './bronze.ts'
import { checkCalendar } from './calendar.ts'
import { checkCallbacks } from './callbacks.ts'
import type { Check } from './check.ts'
import { checkDocuments, checkExports } from './exports.ts'
import { kindChecks } from './kinds.ts'
import { checkLists } from './lists.ts'
import { checkSeveral } from './several.ts'
import { checkSubscriptions } from './subscriptions.ts'
import { credentialFaults, variantId } from './variants.ts'

export const silver: readonly Check[] = [
  { id: 'credentials', title: '凭据到期、被更换、时钟不一致时处理得当', tier: 'silver', run: tryCredentials },
  { id: 'health', title: '健康检查如实反映系统状况', tier: 'silver', run: checkHealth },
  { id: 'calendar', title: '计划内停机事先告知，停机时说明何时恢复', tier: 'silver', run: checkCalendar },
  {
    id: 'rates',
    title: '每项服务都限定了调用频率',
    tier: 'silver',
    run: ({ services }) =>
      services
        .filter(({ contract: { rate } }) => !(rate.max >= 1 && rate.perSeconds >= 1 && rate.max / rate.perSeconds <= HIGHEST_RATE))
        .map(({ contract: { id, rate } }) => `${id}：每 ${rate.perSeconds} 秒 ${rate.max} 次，等于没有限制`),
  },
  { id: 'accounts', title: '用户在对方的账户可以绑定、使用、解绑，绑定不了他人的', tier: 'silver', run: checkAccounts },
  ...kindChecks,
  { id: 'callbacks', title: '只相信对方自己签名的办理通知', tier: 'silver', run: checkCallbacks },
  { id: 'lists', title: '列表可以翻页', tier: 'silver', run: checkLists },
  { id: 'several', title: '单条查询查到两条时可以选择', tier: 'silver', run: checkSeveral },
  { id: 'exports', title: '每项查询都能导出 CSV 和 XLSX', tier: 'silver', run: checkExports },
  { id: 'documents', title: '证明可以出具、可以核验，内容已遮盖', tier: 'silver', run: checkDocuments },
  { id: 'subscriptions', title: '订阅可以办、只有本人能取消', tier: 'silver', run: checkSubscriptions },
  // Last, so that everything the others did is in the log.
  { id: 'logs', title: '日志里没有个人信息和凭据', tier: 'silver', run: searchLogs },
]

/** Calls of one user a second. */
const HIGHEST_RATE = 20

/**
 * Where the agency hands out what ends, a renewal follows and nobody notices; what stands for good knows no
 * end and can only be refused. A clock that is wrong is refused too, or compared with nothing.
 */
async function tryCredentials(bench: Bench): Promise<string[]> {
  const { lab, ask, doublesOf } = bench
  const reasons: string[] = []
  for (const kind of credentialFaults) {
    for (const { service, like } of doublesOf(kind)) {
      const { id, upstream } = service.contract
      const before = await ask(like, service)
      const renews = lab.handsOut(service)
      const isSkewed = kind === 'clock-skew'
      lab.setFault(
        isSkewed || renews ? { kind, sid: service.sid, ...(isSkewed ? {} : { times: 1 }) } : { kind: 'bad-sign', sid: service.sid },
      )
      const response = await ask(like, service)
      lab.clearFaults()
      const isRefused =
        response.statusCode === 502 &&
        readJson(response)['code'] === 'HUB_UPSTREAM_CREDENTIAL' &&
        readJson(response)['agency'] === agencyOf(bench, upstream?.system)
      const isFine = isSkewed ? isRefused || response.statusCode === 200 : renews ? response.statusCode === 200 : isRefused
      if (before.statusCode !== 200) reasons.push(`${id}（${kind}）：事前就没有答复：${describe(before)}`)
      else if (!isFine) reasons.push(`${id}（${kind}）：${describe(response)}`)
    }
  }
  return reasons
}

/** What answers is well; what has just failed is not, nor what would fail if it were asked, where the hub can ask it. */
async function checkHealth(bench: Bench): Promise<string[]> {
  const { lab, ask, connector, send } = bench
  const statesOf = async (trouble: string) => {
    const response = await send({ url: `/health/connectors/${variantId(connector, trouble)}`, bearer: {} })
    const health = readJson(response)
    return (health['systems'] ?? [health]) as { system: string; status: string; probe: { asked: string } }[]
  }
  const doubles = bench.doublesOf('health')
  for (const { service, like } of doubles) await ask(like, service)
  const well = await statesOf('health')
  const sickly = variantId(connector, 'sickness')
  for (const {
    sid,
    connector: { id },
  } of lab.services.values())
    if (id === sickly) lab.setFault({ kind: 'http-500', sid })
  const unasked = doubles.length > 0 ? await statesOf('sickness') : []
  for (const { service, like } of bench.doublesOf('sickness')) await ask(like, service)
  const sick = await statesOf('sickness')
  lab.clearFaults()
  // A system without a query has nothing that could be asked here.
  const expected = doubles[0] ? systemsOf(doubles[0].service.connector).length : 0
  return [
    ...well.filter(({ status }) => status !== 'pass').map(({ system, status }) => `${system}：有答复却报告 ${status}`),
    ...sick.filter(({ status }) => status === 'pass').map(({ system }) => `${system}：没有答复却报告 pass`),
    ...unasked
      .filter(({ status, probe }) => status === 'pass' && probe.asked === 'service')
      .map(({ system }) => `${system}：没有人查询时，服务坏了也报告 pass`),
    ...(well.length === expected && sick.length === expected ? [] : [`${expected} 个系统，健康检查只看了 ${well.length} 个`]),
  ]
}

/** Everything that no log may hold, with a name to report it by: a report shows no value itself. */
async function searchLogs({ lab, services }: Bench): Promise<string[]> {
  const marks = new Map(await lab.secrets())
  for (const { number } of [...lab.people, ...lab.enterprises]) marks.set(number, '证件号码或信用代码')
  for (const { name } of lab.people) marks.set(name, '姓名')
  for (const service of services) {
    for (const subject of service.contract.audience === 'enterprise' ? lab.enterprises : lab.people) {
      for (const { field, value } of maskedValues(service.contract.fields, lab.rowsOf(service, subject)))
        if (value.length >= SHORTEST_MARK) marks.set(value, `${service.contract.id}.${field}`)
    }
  }
  const logged = lab.logged()
  return [...new Set([...marks].filter(([value]) => logged.includes(value)).map(([, name]) => `日志中出现：${name}`))]
}

/** Shorter values also occur by chance. */
const SHORTEST_MARK = 6
