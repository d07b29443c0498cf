import type { Asker } from '../../core/contract/asker.ts'
import { createShown, type Shown } from '../attempt/shown.ts'
import { plainLine } from '../plain.ts'
import { checkAnswer } from './answers.ts'
import { checkDeeds } from './deeds.ts'
import { checkFiles } from './files.ts'
import { type Finding, skipped } from './finding.ts'
import { checkForgeries, forgeryHeadings } from './forgeries.ts'
import { checkLedger } from './ledger.ts'
import { type Listening, withListener } from './listener.ts'
import { checkPaging } from './lists.ts'
import { checkNotices, skippedNotices } from './notices.ts'
import { checkOAuth } from './oauth.ts'
import { checkErrors, checkUnknown } from './strangers.ts'
import type { Subject } from './subject.ts'
import { checkTransport } from './transport.ts'
import { type Wire, withClient, withWire } from './wire.ts'

export interface VerifyOptions {
  readonly subject: Subject
  readonly credentials: Readonly<Record<string, string>>
  /** Whether acts may be done. */
  readonly write: boolean
  /** Where to wait for notices; null where none is waited for. */
  readonly listening: Listening | null
  /** Hears of each part before it begins. */
  readonly report: (line: string) => void
}

/** Tries an agency's service from outside, one thing after the other. What rests on something that is not there is skipped. */
export async function verifyAgency(options: VerifyOptions): Promise<Finding[]> {
  const { subject, credentials, report } = options
  const shown = createShown(secretsIn(subject, credentials), askerOf(subject), {})
  report('连接与证书')
  const transport = await checkTransport(subject.baseUrl)
  if (!transport.isUsable) return [...transport.findings]
  const service = await withWire(subject, credentials, async (wire) => {
    report('正确的查询')
    const told = await wire.send(await wire.sign(subject.known.outgoing))
    const answered = checkAnswer(subject, told, shown)
    if (told.outcome !== 'accepted') return [...answered, ...forgeryHeadings.map((heading) => skipped(heading, '正确的签名没有被接受'))]
    report('查无此人与业务错误')
    const strangers = [await checkUnknown(subject, wire, told, shown), await checkErrors(subject, wire, shown)]
    report('伪造、改动、过期与重放')
    const forgeries = await checkForgeries(subject, wire, shown)
    report('分页、文件与对账')
    const lists = [
      await checkPaging(subject, wire, shown),
      ...(await checkFiles(subject, wire, shown)),
      ...(await checkLedger(subject, wire, shown)),
    ]
    report('办理与回调')
    return [...answered, ...strangers, ...forgeries, ...lists, ...(await checkActs(options, wire, shown))]
  })
  const oauth = await oauthOf(subject, credentials, report)
  return [...transport.findings, ...service, ...oauth].map((each) => ({ ...each, sent: plainLine(each.sent), got: told(each.got, shown) }))
}

/** Far more than says what is wrong. */
const LONGEST = 1000

/** What came is whatever the agency sent: keys of its answers, codes of its errors. */
function told(got: string, shown: Shown): string {
  const text = plainLine(shown.text(got))
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…（共 ${got.length} 字）` : text
}

/** The act, and the notices that it brings about: who listens has to before it is done. */
async function checkActs({ subject, credentials, write, listening, report }: VerifyOptions, wire: Wire, shown: Shown): Promise<Finding[]> {
  const { callback } = subject
  if (!callback || !listening) {
    const { findings } = await checkDeeds(subject, wire, write, shown)
    return [...findings, ...skippedNotices(callback ? '没有加 --listen' : '说明里没有写 callback')]
  }
  return withListener({ callback, credentials, listening }, async (listener) => {
    const { findings, done } = await checkDeeds(subject, wire, write, shown)
    const where = `http://${listening.host}:${listening.port}`
    report(`在 ${where} 等待回调，最多 ${listening.waitMs / 1000} 秒${done ? '' : '：请在测试系统里办理一件'}`)
    return [...findings, ...(await checkNotices(subject, listener, listening.waitMs, done, shown))]
  })
}

async function oauthOf({ oauth, timeoutMs }: Subject, credentials: Readonly<Record<string, string>>, report: (line: string) => void) {
  if (!oauth) return []
  report('OAuth')
  const { oauthClientId, oauthClientSecret, clientId = oauthClientId, clientSecret = oauthClientSecret, refreshToken } = credentials
  const client = { clientId: oauthClientId ?? clientId ?? '', clientSecret: oauthClientSecret ?? clientSecret ?? '' }
  return withClient(oauth.baseUrl, timeoutMs, (send) => checkOAuth(oauth, client, refreshToken, send))
}

/** What nobody may see in a report: credentials, and what the test persons are asked by. */
function secretsIn({ dialect, callback, known, unknown }: Subject, credentials: Readonly<Record<string, string>>): string[] {
  const notes = { ...dialect.credentials, ...callback?.credentials }
  const secrets = Object.entries(credentials).flatMap(([name, value]) => (notes[name]?.secret === false ? [] : [value]))
  const params = [known, unknown].flatMap((question) => Object.values(question?.outgoing.params ?? {}))
  return [...secrets, ...params.filter((value): value is string => typeof value === 'string' && value.length > 1)]
}

/** Whom the known question names: a report shows neither number nor name in full. */
function askerOf({ known: { number, outgoing } }: Subject): Asker {
  const name = Object.values(outgoing.params).find((value) => typeof value === 'string' && /^[\p{Script=Han}·]{2,20}$/u.test(value))
  return { person: { id: '', name: String(name ?? ''), idType: '居民身份证', idNumber: number }, enterprise: null }
}
