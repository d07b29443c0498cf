import { decodeText } from '../../core/dialects/exchange-reply.ts'
import type { Shown } from '../attempt/shown.ts'
import { isOf } from './answers.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

/** Questions that have no answer: how the agency says so. */

const UNKNOWN = { id: 'unknown', title: '查无此人的答复' }
const ERRORS = { id: 'errors', title: '业务错误的写法看得懂，不泄露内部信息' }
/** What only the inside of a system says. */
const INSIDE = ['Exception', 'Traceback (most recent call last)', '\tat ', 'java.lang.', 'System.Web.', 'ORA-0', 'SQLSTATE', 'stack trace']

export async function checkUnknown(subject: Subject, wire: Wire, known: Told, shown: Shown): Promise<Finding> {
  const { unknown } = subject
  if (!unknown) return skipped(UNKNOWN, '说明里没有写 unknown')
  const told = await wire.send(await wire.sign(unknown.outgoing))
  const sent = sentIn(told, shown)
  const rows = told.opened?.rows ?? []
  const theirs = JSON.stringify(known.opened?.rows ?? [])
  const others = rows.filter((row) => JSON.stringify([row]) === theirs || unknown.number === '' || !isOf(subject, unknown.number)(row))
  if (told.outcome === 'accepted' && rows.length > 0) {
    const got = `${gotIn(told)}，其中 ${others.length} 条是别人的`
    return finding(
      UNKNOWN,
      'failed',
      sent,
      got,
      '查无此人却给了记录：请检查查询条件是否漏了、缓存的键里有没有证件号码。这一条必须改好才能上线。',
    )
  }
  const says = told.outcome === 'accepted' ? 'nothing' : told.outcome === 'declined' ? 'refusal' : null
  const agreed = unknown.answers === 'nothing' ? '成功码和空的记录' : '约定的业务错误码'
  const advice = `查无此人请答${agreed}：不要当作签名错误、系统故障，也不要不答。说明里的 unknown.answers 写的是 ${unknown.answers}。`
  return finding(UNKNOWN, says === unknown.answers ? 'passed' : says === null ? 'failed' : 'doubtful', sent, gotIn(told), advice)
}

export async function checkErrors({ known }: Subject, wire: Wire, shown: Shown): Promise<Finding> {
  const told = await wire.send(await wire.sign({ ...known.outgoing, params: {} }))
  const sent = `不带参数的请求：${sentIn(told, shown)}`
  const reply = told.clear ?? told.reply
  if (!reply) return finding(ERRORS, 'failed', sent, gotIn(told), '缺少参数也要在时限内答复错误码，不要不答。')
  const text = decodeText(reply)
  const inside = INSIDE.find((word) => text.includes(word))
  if (inside)
    return finding(
      ERRORS,
      'failed',
      sent,
      `${gotIn(told)}；内容里有“${inside.trim()}”`,
      '请不要把异常堆栈、SQL、内部地址写进答复：只给错误码和一句说明。',
    )
  const isReadable = reply.status < 500 && /^\s*[{[]/.test(text)
  const advice = '缺少参数请答 4xx 或业务错误码，正文是 JSON（错误码加一句说明），不要用 500 或网页。'
  return finding(ERRORS, isReadable ? 'passed' : 'failed', sent, gotIn(told), advice)
}
