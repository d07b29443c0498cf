import type { Shown } from '../attempt/shown.ts'
import type { Told } from './wire.ts'

/** `doubtful`: it works, and somebody should look at it; `skipped`: it could not be tried, or there is nothing to try. */
export type Verdict = 'passed' | 'failed' | 'doubtful' | 'skipped'

/** One thing that was tried, for whoever runs the agency's service. */
export interface Finding {
  readonly id: string
  readonly title: string
  /** What was sent, secrets masked. */
  readonly sent: string
  readonly got: string
  readonly verdict: Verdict
  /** What to do about it; '' where there is nothing to do. */
  readonly advice: string
}

/** A check without its verdict. */
export interface Heading {
  readonly id: string
  readonly title: string
}

export const finding = (heading: Heading, verdict: Verdict, sent: string, got: string, advice = ''): Finding => ({
  ...heading,
  sent,
  got,
  verdict,
  advice: verdict === 'passed' ? '' : advice,
})

export const skipped = (heading: Heading, why: string): Finding => finding(heading, 'skipped', '', why)

/** A request as it left, by the names of what it held: values of parameters are somebody's. */
export function sentIn({ request: { method, path, headers, body } }: Pick<Told, 'request'>, shown: Shown): string {
  const [place = '', query] = path.split('?')
  const names = [...(query === undefined ? [] : new URLSearchParams(query).keys()), ...namesIn(body)]
  const carried = Object.entries(headers).map(([name, value]) => `${name}: ${shown.text(value, name)}`)
  return [`${method} ${shown.text(place)}`, names.length > 0 ? `参数 ${names.join('、')}（值已遮盖）` : '没有参数', ...carried].join('；')
}

function namesIn(body: string | null): string[] {
  if (body === null) return []
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? Object.keys(value) : []
  } catch {
    return [...new URLSearchParams(body).keys()]
  }
}

const OUTCOMES: Readonly<Record<Told['outcome'], string>> = {
  accepted: '作为查询结果答复',
  refused: '拒绝了调用方（签名或凭据）',
  declined: '答复了业务错误',
  broken: '答复读不出来',
  timeout: '没有在时限内答复',
  unreachable: '没有答复',
}

export function gotIn({ reply, outcome, ms, opened, trouble }: Told): string {
  const kind = OUTCOMES[outcome]
  if (!reply) return `${kind}（${trouble}，${ms} 毫秒）`
  const rows = opened ? `，${opened.rows.length} 条` : ''
  return `HTTP ${reply.status}，${reply.contentType || '没有 Content-Type'}，${reply.body.length} 字节，${ms} 毫秒；${kind}${outcome === 'broken' && trouble !== '' ? `（${trouble}）` : ''}${rows}`
}
