import { randomBytes } from 'node:crypto'
import { lookup } from '../../core/upstream/envelope.ts'
import type { Shown } from '../attempt/shown.ts'
import type { Subject } from './description.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Told, Wire } from './wire.ts'

const ONCE = { id: 'idempotency', title: '同一流水号办两次，只办一次' }

/** Sends the same act twice under one number of the hub's, signed anew: as after an answer that was lost. */
export async function checkOnce({ write }: Subject, wire: Wire, allowed: boolean, shown: Shown): Promise<Finding> {
  if (!write) return skipped(ONCE, '说明里没有写 write')
  if (!allowed) return skipped(ONCE, '没有加 --write：会真的办理，只在测试系统里用')
  const key = `HUBVERIFY${randomBytes(8).toString('hex')}`
  const send = async () => wire.send(await wire.sign(write.outgoing(key)))
  const first = await send()
  const sent = `${write.record}，流水号 ${key}：${sentIn(first, shown)}`
  if (first.outcome !== 'accepted') return finding(ONCE, 'failed', sent, gotIn(first), '第一次办理就没有成功：请核对测试数据和参数。')
  const again = await send()
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

function referenceIn({ opened }: Told, key: string): string | null {
  const value = opened?.rows[0] ? lookup(opened.rows[0], [key]) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
