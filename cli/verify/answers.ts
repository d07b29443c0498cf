import { compileOwnership } from '../../core/call/ownership.ts'
import type { Asker } from '../../core/contract/asker.ts'

import { decodeText } from '../../core/dialects/exchange-reply.ts'
import { isObject, type SourceRow } from '../../core/upstream/envelope.ts'
import type { Shown } from '../attempt/shown.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Subject } from './subject.ts'
import type { Told } from './wire.ts'

/** What the answer to one good question shows. */

const headings = {
  time: { id: 'time', title: '在时限内答复' },
  clock: { id: 'clock', title: '时钟准（响应的 Date 头）' },
  genuine: { id: 'genuine', title: '正确的签名被接受' },
  form: { id: 'form', title: '答复的格式与字符集' },
  size: { id: 'size', title: '答复大小有界' },
  digits: { id: 'long-numbers', title: '长号码是字符串，没有丢位' },
  fields: { id: 'fields', title: '只给约定的字段' },
  owner: { id: 'owner', title: '记录写明是谁的，且就是所问的人' },
} as const
const CLOCK_MS = 60_000
const LARGE_BYTES = 1024 * 1024
/** So many digits a double does not keep. */
const LONG_NUMBER = 16

export function checkAnswer(subject: Subject, told: Told, shown: Shown): Finding[] {
  const sent = sentIn(told, shown)
  const { reply } = told
  const inTime = checkTime(subject, told, sent)
  if (!reply) return [inTime, ...rest('time', '没有答复')]
  const before = [inTime, checkClock(reply.headers?.['date'], sent), checkGenuine(told, sent, shown)]
  if (told.outcome !== 'accepted') return [...before, ...rest('genuine', '没有得到查询结果')]
  const rows = told.opened?.rows ?? []
  return [
    ...before,
    checkForm(told, sent),
    checkSize(reply.body.length, sent),
    checkDigits(decodeText(told.clear ?? reply), sent),
    checkFields(subject, rows, sent),
    checkOwner(subject, rows, sent),
  ]
}

/** The checks after this one, none of which can be made. */
function rest(after: keyof typeof headings, why: string): Finding[] {
  const all = Object.values(headings)
  return all.slice(all.findIndex(({ id }) => id === after) + 1).map((heading) => skipped(heading, why))
}

function checkTime({ timeoutMs }: Subject, told: Told, sent: string): Finding {
  const { outcome } = told
  const late = outcome === 'timeout' || outcome === 'unreachable'
  const advice =
    outcome === 'timeout'
      ? `约定 ${timeoutMs} 毫秒内答复：请看服务端日志里这次请求卡在哪里（数据库、下游系统、线程池），并给自己的下游也设时限。`
      : '连接建立后被断开：请看网关、WAF 和服务端的日志，是否因为没有见过的请求头或来源地址。'
  return finding(headings.time, late ? 'failed' : 'passed', sent, gotIn(told), advice)
}

function checkClock(header: string | string[] | undefined, sent: string): Finding {
  const at = Date.parse(String(header ?? ''))
  if (Number.isNaN(at))
    return finding(headings.clock, 'doubtful', sent, '没有 Date 头', '请让服务器带上 Date 响应头（RFC 9110 §6.6.1），双方才能对时。')
  const off = Math.round((at - Date.now()) / 1000)
  const got = `Date: ${String(header)}，与本机差 ${off} 秒`
  const verdict = Math.abs(off * 1000) > CLOCK_MS ? 'failed' : 'passed'
  return finding(
    headings.clock,
    verdict,
    sent,
    got,
    '请用 NTP 校时（先确认运行本命令的机器是准的）：时钟不准，正确的签名也会被当作过期拒绝。',
  )
}

function checkGenuine(told: Told, sent: string, shown: Shown): Finding {
  const words = told.reply ? shown.text(decodeText(told.reply).slice(0, 300)) : ''
  const advice: Readonly<Record<string, string>> = {
    refused:
      '签名或凭据没有被认可：请照 docs/agencies.md 里这种方言的算例逐步核对待签字符串、编码、大小写和密钥，再核对应用编号和时间单位。',
    declined: '签名被认可，但这个测试人员的查询得到业务错误：请核对参数名和测试数据。',
    broken: '答复读不出来：须是 HTTP 2xx 的 JSON，包装与约定一致（见 docs/agencies.md 的“答复的包装”）。',
  }
  const got = told.outcome === 'accepted' ? gotIn(told) : `${gotIn(told)}；内容：${words}`
  return finding(headings.genuine, told.outcome === 'accepted' ? 'passed' : 'failed', sent, got, advice[told.outcome] ?? '')
}

function checkForm({ reply }: Told, sent: string): Finding {
  const { contentType = '', body = Buffer.alloc(0) } = reply ?? {}
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)
  const text = body.toString('utf8')
  const says = /charset=/i.test(contentType)
  const got = `Content-Type: ${contentType || '（没有）'}`
  if (!isJson)
    return finding(
      headings.form,
      'failed',
      sent,
      got,
      '请答 Content-Type: application/json; charset=utf-8，不要用 text/html 或 text/plain。',
    )
  if (!says && text.includes('\ufffd'))
    return finding(headings.form, 'failed', sent, `${got}；正文不是 UTF-8`, '正文用 UTF-8；确需 GBK 的，请在 Content-Type 里写明 charset。')
  return finding(headings.form, 'passed', sent, got)
}

function checkSize(bytes: number, sent: string): Finding {
  const advice = '超过 8 MiB 的答复中枢不收：请分页，图片和文件给编号而不是放在答复里。'
  return finding(headings.size, bytes > LARGE_BYTES ? 'doubtful' : 'passed', sent, `${bytes} 字节`, advice)
}

function checkDigits(text: string, sent: string): Finding {
  const found = longNumbers(text)
  const got =
    found.length === 0
      ? '没有 16 位以上的 JSON 数字'
      : `有 ${found.length} 处 16 位以上的 JSON 数字，在键 ${[...new Set(found)].join('、')}`
  const advice = '证件号码、账号等请写成 JSON 字符串：多数 JSON 库把数字当双精度浮点数，16 位以后会变成 0 或科学计数法。'
  return finding(headings.digits, found.length === 0 ? 'passed' : 'failed', sent, got, advice)
}

/** → the keys under which a number stands that a double changes, or a text that one has gone through. */
export function longNumbers(text: string): string[] {
  const found: string[] = []
  try {
    JSON.parse(text, (key: string, value: unknown, { source = '' }: { source?: string } = {}) => {
      const isLong = typeof value === 'number' && source.replace(/\D/g, '').length >= LONG_NUMBER
      const wasLong = typeof value === 'string' && value.length < 30 && /^\d\.\d+[eE]\+?1\d$/.test(value)
      if (isLong || wasLong || (typeof value === 'number' && /[eE]\+?1\d$/.test(source))) found.push(key)
      return value
    })
  } catch {
    return []
  }
  return found
}

function checkFields({ fields }: Subject, rows: readonly SourceRow[], sent: string): Finding {
  if (!fields) return skipped(headings.fields, '说明里没有写 fields，不知道约定了哪些字段')
  if (rows.length === 0) return skipped(headings.fields, '答复里没有记录')
  const more = [...new Set(rows.flatMap((row) => pathsOf(row)))].filter((path) => !fields.has(path.toLowerCase()))
  const got = more.length === 0 ? '没有约定之外的字段' : `多给了：${more.join('、')}`
  const advice = '最小必要：没有约定的字段请不要返回，尤其是证件号码、电话、住址、家庭成员；确实需要的先写进约定。'
  return finding(headings.fields, more.length === 0 ? 'passed' : 'failed', sent, got, advice)
}

/** Every path of a row that leads to a value; items of a list have the path of the list. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, path))
  if (!isObject(value)) return path === '' ? [] : [path]
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`))
}

function checkOwner(subject: Subject, rows: readonly SourceRow[], sent: string): Finding {
  const { known, ownerKeys } = subject
  if (ownerKeys.length === 0 || known.number === '') return skipped(headings.owner, '说明里没有写 owner，不知道哪个键写着是谁的')
  if (rows.length === 0)
    return finding(headings.owner, 'doubtful', sent, '测试人员没有记录', '请在 known 里写一位有记录的测试人员，否则后面许多项验不出来。')
  const silent = rows.filter((row) => !saysOwner(row, ownerKeys)).length
  const others = rows.filter((row) => !isOf(subject, known.number)(row)).length
  const got = `${rows.length} 条记录，${silent} 条没有写是谁的，${others} 条是别人的`
  const advice =
    others > 0
      ? '答了别人的记录：请检查查询条件是否真的用了传入的证件号码，缓存和线程变量有没有串用。'
      : '请在每条记录里写上证件号码（可以遮盖中间几位），中枢据此核对没有张冠李戴。'
  return finding(headings.owner, others > 0 ? 'failed' : silent > 0 ? 'doubtful' : 'passed', sent, got, advice)
}

const saysOwner = (row: SourceRow, keys: readonly string[]) =>
  Object.keys(row).some((name) => keys.some((key) => key.toLowerCase() === name.toLowerCase()))

/** → whether a row may be that number's, as the hub decides it. */
export function isOf({ ownerKeys }: Subject, number: string): (row: SourceRow) => boolean {
  const asker: Asker = { person: { id: '', name: '', idType: '居民身份证', idNumber: number }, enterprise: null }
  const owns = compileOwnership({}, { person: ownerKeys })
  return (row) => owns(row, asker)
}
