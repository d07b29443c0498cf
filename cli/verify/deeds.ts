import { randomBytes } from 'node:crypto'
import { lookup } from '../../core/upstream/envelope.ts'
import type { Shown } from '../attempt/shown.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Deed, Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

const ONCE = { id: 'idempotency', title: '同一流水号办两次，只办一次' }
const STATUS = { id: 'status', title: '按流水号查得到办了没有' }

/** An act that the agency took: the hub's number for it, and its own. */
export interface Done {
  readonly serial: string
  readonly reference: string
}

/** Does the described act, where that is allowed. `done`: null where nothing was. */
export async function checkDeeds({ write }: Subject, wire: Wire, allowed: boolean, shown: Shown) {
  const why = !write ? '说明里没有写 write' : allowed ? null : '没有加 --write：会真的办理，只在测试系统里用'
  if (!write || why !== null) return { findings: [skipped(ONCE, why ?? ''), skipped(STATUS, why ?? '')], done: null }
  const serial = newSerial()
  const send = async () => wire.send(await wire.sign(write.outgoing(serial)))
  const first = await send()
  const sent = `${write.record}，流水号 ${serial}：${sentIn(first, shown)}`
  const reference = referenceIn(first, write.reference)
  if (first.outcome !== 'accepted') {
    const failed = finding(ONCE, 'failed', sent, gotIn(first), '第一次办理就没有成功：请核对测试数据和参数。')
    return { findings: [failed, skipped(STATUS, '没有办成')], done: null }
  }
  const once = checkOnce(write, sent, first, await send())
  const done = reference === null ? null : { serial, reference }
  return { findings: [once, await checkStatus(write, wire, done, shown)], done }
}

/** As the hub writes its own: 20 capital letters and digits, by which the agency can tell that it was a trial. */
const newSerial = () => `HUBVERIFY0${randomBytes(5).toString('hex').toUpperCase()}`

/** What the same act did that was sent twice under one number, signed anew: as after an answer that was lost. */
function checkOnce(write: Deed, sent: string, first: Told, again: Told): Finding {
  const [one, other] = [referenceIn(first, write.reference), referenceIn(again, write.reference)]
  const got = `第一次：${gotIn(first)}，编号 ${one ?? '没有'}；第二次：${gotIn(again)}，编号 ${other ?? '没有'}`
  if (one === null) return finding(ONCE, 'failed', sent, got, `答复里没有 ${write.reference}：请给出办理编号，中枢凭它查询进度。`)
  if (other !== null && other !== one)
    return finding(ONCE, 'failed', sent, got, '办了两次：请给流水号建唯一索引，重复到达时返回第一次的结果。这一条必须改好才能上线。')
  const repeats = again.outcome === 'accepted' && other === one
  const isClear = repeats || again.outcome === 'declined'
  const advice = '重复的流水号最好返回第一次的结果（同一编号）；只答“重复提交”的，中枢还要另外查询才知道办成了没有。'
  return finding(ONCE, repeats ? 'passed' : isClear ? 'doubtful' : 'failed', sent, got, advice)
}

/** An answer that got lost is asked for by the number: of an act that was done, and of one that never was. */
async function checkStatus({ status, reference }: Deed, wire: Wire, done: Done | null, shown: Shown): Promise<Finding> {
  if (!status) return skipped(STATUS, '说明里没有写 write.status：中枢没有收到答复时，就无从知道办了没有')
  if (!done) return skipped(STATUS, '办理的答复里没有编号')
  const ask = async (serial: string) => wire.send(await wire.sign(status(serial)))
  const told = await ask(done.serial)
  const never = await ask(newSerial())
  const [found, other] = [referenceIn(told, reference), referenceIn(never, reference)]
  const sent = `流水号 ${done.serial}，和一个没有用过的：${sentIn(told, shown)}`
  const got = `办过的：${gotIn(told)}，编号 ${found ?? '没有'}；没有办过的：${gotIn(never)}，编号 ${other ?? '没有'}`
  if (found !== done.reference)
    return finding(STATUS, 'failed', sent, got, `请按流水号查出这次办理，答复里的 ${reference} 与办理时答的相同。这一条必须改好才能上线。`)
  const isNothing = never.outcome === 'declined' || (never.outcome === 'accepted' && other === null)
  return finding(STATUS, isNothing ? 'passed' : 'failed', sent, got, '没有办过的流水号，请答成功码和空的记录，或约定的业务错误码。')
}

function referenceIn({ opened }: Told, key: string): string | null {
  const value = opened?.rows[0] ? lookup(opened.rows[0], [key]) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
