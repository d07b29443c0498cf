import type { SignedRequest } from '../../core/upstream/dialect.ts'
import type { Shown } from '../attempt/shown.ts'
import { guardOf } from './dialects.ts'
import { type Finding, finding, gotIn, type Heading, sentIn, skipped } from './finding.ts'
import { withMore, withoutProof, withWrongProof } from './forgery.ts'
import type { Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

/** What whoever has no key must not get through with. Each begins with a request that would be accepted. */

const headings = {
  signature: { id: 'wrong-signature', title: '错误的签名（凭据）被拒绝' },
  unsigned: { id: 'unsigned', title: '没有签名（凭据）被拒绝' },
  altered: { id: 'altered', title: '改动过的请求被拒绝' },
  old: { id: 'old-time', title: '过期的时间被拒绝' },
  replayed: { id: 'replay', title: '重放被拒绝' },
  refusal: { id: 'refusal-form', title: '拒绝的写法看得懂' },
} as const
const advices: Readonly<Record<string, string>> = {
  [headings.signature.id]: '签名没有真正核对：请用自己保存的密钥重新计算，与传来的逐字比较（恒定时间比较），不一致就拒绝。',
  [headings.unsigned.id]: '缺少签名或凭据也放行了：没有带齐的请求一律拒绝，不要当作内部调用。',
  [headings.altered.id]: '改动过的内容也放行了：待签字符串要取收到的原文（查询串、正文字节），不要取签名之外另传的摘要值。',
  [headings.old.id]: '过期的请求也放行了：先核对签名，再核对请求时间与服务器时间之差，超出约定就拒绝。',
  [headings.replayed.id]: '同一个请求第二次也放行了：请把见过的随机数（票据的 jti）记到它过期为止，再次出现就拒绝；多台服务器要共用一份。',
}

export const forgeryHeadings: readonly Heading[] = Object.values(headings)

export async function checkForgeries(subject: Subject, wire: Wire, shown: Shown): Promise<Finding[]> {
  const { dialect, known, skewSeconds: declared } = subject
  const guard = guardOf(dialect)
  const sign = (shiftMs?: number) => wire.sign(known.outgoing, shiftMs)
  const refusals: Told[] = []

  async function forge(heading: Heading, request: SignedRequest, what: string): Promise<Finding> {
    const told = await wire.send(request)
    if (told.outcome !== 'accepted') refusals.push(told)
    const verdict = told.outcome === 'accepted' ? 'failed' : told.reply === null ? 'doubtful' : 'passed'
    const advice = verdict === 'doubtful' ? '请明确拒绝（401），不要不答或断开：中枢会当作系统故障。' : (advices[heading.id] ?? '')
    return finding(heading, verdict, `${what}：${sentIn(told, shown)}`, gotIn(told), advice)
  }

  const altered = withMore(await sign(), guard)
  const skew = guard.skewSeconds === 'open' ? declared : guard.skewSeconds
  return [
    await forge(headings.signature, withWrongProof(await sign(), guard), '改了签名（凭据）里的一个字符'),
    await forge(headings.unsigned, withoutProof(await sign(), guard), '去掉了签名（凭据）'),
    altered
      ? await forge(headings.altered, altered, '多加了一个参数 hubVerify，签名不变')
      : skipped(headings.altered, '这种方言的签名不含参数，改动由 TLS 防止'),
    skew === null
      ? skipped(headings.old, '这种方言不签时间')
      : await forge(headings.old, await sign(-(skew + 60) * 1000), `签名时间在 ${skew + 60} 秒之前`),
    guard.once ? await replay(wire, await sign(), forge) : skipped(headings.replayed, '这种方言没有一次性的随机数：只能靠时间拒绝'),
    checkRefusals(refusals, shown),
  ]
}

async function replay(
  wire: Wire,
  request: SignedRequest,
  forge: (heading: Heading, request: SignedRequest, what: string) => Promise<Finding>,
): Promise<Finding> {
  const first = await wire.send(request)
  if (first.outcome !== 'accepted') return skipped(headings.replayed, `第一次就没有被接受：${gotIn(first)}`)
  return forge(headings.replayed, request, '同一个请求原样再发一次')
}

/** Whether the hub can tell a refusal of whoever sent it from a business error: only then does it renew credentials, or warn of them. */
function checkRefusals(refusals: readonly Told[], shown: Shown): Finding {
  const unclear = refusals.find(({ outcome, reply }) => reply !== null && (outcome !== 'refused' || reply.status >= 500))
  if (refusals.length === 0) return skipped(headings.refusal, '没有得到拒绝的答复')
  const advice = '请答 HTTP 401，或在 JSON 里给约定的错误码和说明（如“签名验证失败”“请求时间超出允许范围”“请求重复”），不要答 500 或网页。'
  const told = unclear ?? (refusals[0] as Told)
  return finding(headings.refusal, unclear ? 'failed' : 'passed', sentIn(told, shown), gotIn(told), advice)
}
