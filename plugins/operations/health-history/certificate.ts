import { beijing } from '../../../core/base/time.ts'
import { type DocumentBody, ISSUER } from '../../workshop/body.ts'
import type { Outage } from './outages.ts'

/** What a certificate of outages is about. */
export interface CertifiedSpan {
  /** Of the connector, and the agency whose systems they are. */
  connector: string
  agency: string
  /** Systems that were looked at; names of services by their id. */
  systems: readonly string[]
  nameOf(service: string): string
  /** Epoch milliseconds; `to` at most now. */
  from: number
  to: number
  outages: readonly Outage[]
  /** Milliseconds of the span in which the hub looked, by system: of the rest it certifies nothing. */
  known: ReadonlyMap<string, number>
}

export const OUTAGE_TITLE = '系统中断证明'
const HEAD = ['中断开始', '中断结束', '分钟', '其间调用', '无应答', '受影响的服务']

/** What the hub's own records say of the times in which an agency could not be reached, in words and tables for a certificate. */
export function composeOutages({ connector, agency, systems, nameOf, from, to, outages, known }: CertifiedSpan): DocumentBody {
  return {
    title: OUTAGE_TITLE,
    agency: ISSUER,
    source: ISSUER,
    holder: [['系统', `${agency}“${connector}”`]],
    conditions: [['起止时间', `${readable(from)} 至 ${readable(to)}`]],
    records: systems.map((system) => {
      const own = outages.filter((outage) => outage.system === system)
      const away = own.reduce((sum, outage) => sum + outage.until - outage.from, 0)
      const looked = Math.max(known.get(system) ?? 0, away)
      return {
        facts: [
          ['系统', system],
          ['中断次数', String(own.length)],
          ['中断合计', `${minutes(away)} 分钟`],
          ['有记录的时间', `${minutes(looked)} 分钟（所问时间共 ${minutes(to - from)} 分钟）`],
          ['可用率', looked > 0 ? `${(((looked - away) / looked) * 100).toFixed(2)}%（按有记录的时间）` : '没有记录，不能证明'],
        ],
        tables: [{ title: '中断经过', head: HEAD, rows: own.map((outage) => rowOf(outage, nameOf)) }],
      }
    }),
  }
}

function rowOf({ from, until, isOver, calls, failed, services }: Outage, nameOf: CertifiedSpan['nameOf']): string[] {
  const affected = services.map(({ service, failed: count }) => `${nameOf(service)}（${count} 次）`).join('、')
  const end = isOver ? readable(until) : `${readable(until)}（尚未恢复）`
  return [readable(from), end, minutes(until - from), String(calls), String(failed), affected || '—']
}

const minutes = (ms: number) => String(Math.round(ms / 60_000))

/** `2026-11-22 10:40:05` */
const readable = (at: number) => beijing(at).slice(0, 19).replace('T', ' ')
