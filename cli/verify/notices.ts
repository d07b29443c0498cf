import { namesSomebody, type Shown } from '../attempt/shown.ts'
import type { Done } from './deeds.ts'
import { type Finding, finding, type Heading, skipped } from './finding.ts'
import type { Heard, Listener } from './listener.ts'
import type { Subject } from './subject.ts'

/** The agency's notices of a filing: they make the hub ask sooner, and nothing that they say is believed. */

const headings = {
  signed: { id: 'callback', title: '回调送得到，签名和时间正确' },
  number: { id: 'callback-number', title: '回调说的是这一件' },
  repeated: { id: 'callback-repeat', title: '没有收下的回调会再发，收下的不再发' },
  bare: { id: 'callback-content', title: '回调里没有个人信息，不超过 16 KB' },
} as const
/** So long nothing more may come after a notice was taken; less where little time was given. */
const QUIET_MS = 3000

export const skippedNotices = (why: string): Finding[] => Object.values(headings).map((heading: Heading) => skipped(heading, why))

/** Waits for what the act brings about; where none was done, for what whoever runs the command brings about by hand. */
export async function checkNotices(
  subject: Subject,
  listener: Listener,
  waitMs: number,
  done: Done | null,
  shown: Shown,
): Promise<Finding[]> {
  const { heard, until } = listener
  const own = () => heard.filter(({ notice }) => notice?.isInTime)
  await until(() => own().length > 0, waitMs)
  const [first] = own()
  if (!first) return [notHeard(heard, shown, waitMs), ...skippedNotices('没有收到可信的回调').slice(1)]
  await until(() => own().length > 1, waitMs)
  const taken = own().length
  if (taken > 1) await until(() => own().length > taken, Math.min(QUIET_MS, waitMs / 4))
  const sent = '第一次答 503（中枢正在重启），之后答 200'
  return [
    finding(headings.signed, 'passed', '等待对方的回调', `收到 ${heard.length} 次，可信的 ${own().length} 次`),
    checkNumber(first, done),
    checkRepeated(own(), sent, waitMs),
    checkBare(heard, subject),
  ]
}

function notHeard(heard: readonly Heard[], shown: Shown, waitMs: number): Finding {
  const heading = headings.signed
  const sent = '等待对方的回调'
  const [last] = heard.slice(-1)
  if (!last)
    return finding(
      heading,
      'failed',
      sent,
      `${waitMs / 1000} 秒内没有收到`,
      '请核对测试系统里配置的回调地址，防火墙是否放行，办理之后是否真的会发。',
    )
  const got = `收到 ${heard.length} 次，都不可信；最后一次：${last.arrival.method} ${shown.text(last.arrival.path)}，${last.arrival.body.length} 字节`
  if (last.notice) return finding(heading, 'failed', sent, `${got}，签名正确，时间相差太多`, '签名里的时间请取发出时的，并用 NTP 对时。')
  const advice =
    last.answered === 413
      ? '正文超过 16 KB：回调里只放编号。'
      : '签名不对，或缺了约定的请求头、编号：请把待签字符串逐字打印出来，与约定的 parts 比较；正文取发出的原文，密钥用回调的那一把。'
  return finding(heading, 'failed', sent, got, advice)
}

function checkNumber({ notice }: Heard, done: Done | null): Finding {
  if (!done) return skipped(headings.number, '没有办理（--write），不知道应是哪一件')
  const expected = done[notice?.by ?? 'serial']
  const got = `回调里的编号是 ${notice?.number}`
  return finding(
    headings.number,
    notice?.number === expected ? 'passed' : 'failed',
    `刚办理的是 ${expected}`,
    got,
    '回调里请写这次办理的编号：中枢按它去查询。',
  )
}

function checkRepeated(own: readonly Heard[], sent: string, waitMs: number): Finding {
  const [, second, third] = own
  if (!second)
    return finding(
      headings.repeated,
      'doubtful',
      sent,
      `${waitMs / 1000} 秒内没有再发`,
      '没有收到 200 的回调请过一会儿再发（重新签名），共三次以上；中枢定时查询，只是会知道得晚。',
    )
  const isQuiet = third === undefined || third.notice?.number !== second.notice?.number
  return finding(
    headings.repeated,
    isQuiet ? 'passed' : 'doubtful',
    sent,
    `可信的共 ${own.length} 次`,
    '答了 200 的回调请不要再发：中枢不会重复办理，但白占双方的连接。',
  )
}

function checkBare(heard: readonly Heard[], { known }: Subject): Finding {
  const words = Object.values(known.outgoing.params).filter(
    (value): value is string => typeof value === 'string' && /^(\p{Script=Han}{2,}|[0-9A-Za-z]{15,})$/u.test(value),
  )
  const personal = heard.filter(({ arrival: { body } }) => namesSomebody(body) || words.some((word) => body.includes(word)))
  const long = heard.filter(({ answered }) => answered === 413)
  const got = `${heard.length} 次中，有个人信息的 ${personal.length} 次，过长的 ${long.length} 次`
  const advice = '回调里只放流水号或受理号、时间、随机数和签名：姓名、证件号码、电话和办理结果都不要放，中枢会自己来查询。'
  return finding(headings.bare, personal.length + long.length > 0 ? 'failed' : 'passed', '查看收到的全部正文', got, advice)
}
