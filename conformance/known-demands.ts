import type { LightMyRequestResponse } from 'fastify'
import type { CompiledService } from '../core/call/service.ts'
import { systemOf } from '../core/contract/systems.ts'
import { type Bench, describe, readJson } from './bench.ts'
import type { Demand, Lack } from './demand.ts'
import { listsStaff, plansAhead, tiesToContract, warnsOfRisk } from './demand-aids.ts'
import { asOneCase, inOnePlace, sideBySide } from './demand-cases.ts'
import { handsOutFiles, letsFamilySee, letsStaffCompare, opensToBoth, subscribes, takesAppeals } from './demand-deeds.ts'
import { addsUp, asksAnyWay, filters, marksMoments, narrowsByTime, slices } from './demand-lists.ts'
import { checkLists } from './lists.ts'

interface KnownDemand {
  /** Demands that this is about; one that several are about has to pass them all. */
  words: RegExp
  /** What is missing, as the end of a sentence; null: it is met. */
  lacks(demand: Demand, bench: Bench): Lack | Promise<Lack>
}

const only =
  (isMet: (service: CompiledService) => boolean, lack: string): KnownDemand['lacks'] =>
  ({ service }) =>
    isMet(service) ? null : lack

/** What the words of a contract mean to this hub: each is looked up in the declaration, or tried. */
export const knownDemands: readonly KnownDemand[] = [
  { words: /实名认证|身份验证|身份核验|统一身份认证|授权认证|权限|访问控制|本人|权利人/, lacks: refusesStrangers },
  { words: /已绑定的户号/, lacks: only(({ needsAccount }) => needsAccount, '：不是按绑定的账户查询') },
  { words: /人脸/, lacks: only(({ contract }) => contract.identity === 'face' || contract.face !== undefined, '：没有要求人脸核验') },
  { words: /单位经办人|单位身份验证|所在单位/, lacks: refusesWithoutMandate },
  { words: /个人和企业(用户|均可)/, lacks: opensToBoth },
  { words: /家庭成员/, lacks: letsFamilySee },
  { words: /日志与审计|访问审计/, lacks: leavesARow },
  {
    words: /共享交换平台/,
    lacks: only(({ connector, contract }) => systemOf(connector, contract).dialect.name === 'exchange', '：不经共享交换平台'),
  },
  {
    words: /接口验签/,
    lacks: only(
      ({ connector, contract }) => Object.values(systemOf(connector, contract).dialect.credentials).some(({ secret }) => secret),
      '：请求没有签名',
    ),
  },
  { words: /实时/, lacks: only(({ contract }) => contract.cache === undefined, '：答复可能是缓存') },
  { words: /导出/, lacks: (demand, bench) => comesAs(['csv', 'xlsx'], demand, bench) },
  { words: /打印/, lacks: (demand, bench) => comesAs(['pdf'], demand, bench) },
  { words: /结果(下载|留存)|记录留存|信息留存|在线下载/, lacks: (demand, bench) => comesAs(['csv'], demand, bench) },
  { words: /(凭证|证明|照片)(下载|查看)|查看.*图片|在线预览/, lacks: handsOutFiles },
  { words: /自动生成.*证明|^下载$/, lacks: (demand, bench) => comesAs(['pdf'], demand, bench) },
  { words: /分页/, lacks: turnsPages },
  { words: /时间范围/, lacks: narrowsByTime },
  { words: /检索|筛选|选择(查询范围|贷款账号)/, lacks: filters },
  { words: /任一方式/, lacks: asksAnyWay },
  { words: /按期|按年|年度.*总额|历史.*对比/, lacks: addsUp },
  { words: /切片/, lacks: slices },
  { words: /关键时点/, lacks: marksMoments },
  { words: /财务规划|还款策略/, lacks: plansAhead },
  { words: /风险预判/, lacks: warnsOfRisk },
  { words: /人员增减/, lacks: listsStaff },
  { words: /合同关联验证|共同借款人/, lacks: tiesToContract },
  { words: /异议申诉/, lacks: takesAppeals },
  { words: /管理端/, lacks: letsStaffCompare },
  { words: /订阅/, lacks: subscribes },
  { words: /在线提交|在线申办/, lacks: only(({ contract }) => contract.submission !== undefined, '：不能在线提交') },
  { words: /业务办理/, lacks: only(({ contract }) => contract.submission !== undefined, '：不能在线办理') },
  { words: /^预约$/, lacks: only(({ contract }) => Object.values(contract.inputs).some(({ notes }) => notes.ahead), '：不能预约日期') },
  {
    words: /^(自助|便民)服务$/,
    lacks: ({ service, answered }) => (answered || service.contract.submission ? null : '：没有人得到答复'),
  },
  { words: /在线开具/, lacks: (demand, bench) => comesAs(['pdf'], demand, bench) },
  { words: /一站式办理/, lacks: inOnePlace },
  { words: /一窗受理/, lacks: asOneCase },
  { words: /并联审批/, lacks: sideBySide },
  { words: /状态查询/, lacks: only(({ contract }) => (contract.submission?.progress.length ?? 0) > 0, '：看不到办理状态') },
  {
    words:
      /^(一键|一站式|在线发起|精准|实时|检索并)?(查看|查询|获取)|一站式(查询|获取|逐笔)|一键查看|在线发起查询|精准查询|明细查看|查看明细|追溯每笔/,
    lacks: ({ answered }) => (answered ? null : '：没有人得到答复'),
  },
]

async function turnsPages({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  if (service.rows !== 'many') return '：不是列表'
  if (!answered) return '：没有人得到答复'
  const found = await checkLists({ ...bench, answered: [answered] })
  return Array.isArray(found) && found[0] !== undefined ? `：${found[0]}` : null
}

/** Nobody is told anything without a name. */
async function refusesStrangers({ service }: Demand, { send }: Bench): Promise<Lack> {
  const response = await send({ url: pathOf(service), bearer: {} })
  return response.statusCode === 401 ? null : `：没有登录也有答复：${describe(response)}`
}

/** Who stands for no enterprise asks about none. */
async function refusesWithoutMandate({ service, answered }: Demand, { send }: Bench): Promise<Lack> {
  if (service.contract.audience !== 'enterprise') return '：不是单位的服务'
  const { enterprise: _, ...person } = answered?.bearer ?? {}
  const response = await send({ url: pathOf(service), bearer: person })
  return response.statusCode === 401 || response.statusCode === 403 ? null : `：没有单位授权也有答复：${describe(response)}`
}

async function leavesARow({ answered }: Demand, { ask, lab }: Bench): Promise<Lack> {
  if (!answered) return '：没有人得到答复'
  const { meta } = readJson(await ask(answered)) as { meta?: { traceId?: string } }
  return (await lab.auditRows(meta?.traceId ?? '')) > 0 ? null : '：没有留下审计记录'
}

const SIGNS = { csv: '', xlsx: 'PK', pdf: '%PDF-' } as const

async function comesAs(formats: readonly (keyof typeof SIGNS)[], { service, answered }: Demand, { ask }: Bench): Promise<Lack> {
  if (!answered) return '：没有人得到答复'
  for (const format of formats) {
    const response = await ask(answered, service, { format })
    if (!isFile(response, SIGNS[format])) return `：没有 ${format.toUpperCase()}：${describe(response)}`
  }
  return null
}

function isFile(response: LightMyRequestResponse, sign: string): boolean {
  return response.statusCode === 200 && response.rawPayload.length > 0 && response.rawPayload.toString('latin1', 0, sign.length) === sign
}

function pathOf({ connector, contract }: CompiledService): string {
  return `/v1/${connector.id}/${contract.id}`
}
