import { lookup } from '../../core/upstream/envelope.ts'
import { takenTypes } from '../../plugins/agency-files/fetch.ts'
import { sniff } from '../../plugins/files/sniff.ts'
import type { Shown } from '../attempt/shown.ts'
import { guardOf } from './dialects.ts'
import { type Finding, finding, gotIn, type Heading, sentIn, skipped } from './finding.ts'
import { withoutProof } from './forgery.ts'
import type { FileSide, Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

/** A file that the agency hands out, one that it doesn't have, and one for nobody whom it knows. */

const headings = {
  file: { id: 'file', title: '文件给得出，且是所说的类型' },
  unknown: { id: 'file-unknown', title: '没有的文件答错误，不给别的' },
  unsigned: { id: 'file-unsigned', title: '没有签名的拿不到文件' },
} as const
/** A number that no agency gives. */
const NO_FILE = 'hubverify-no-such-file'

export async function checkFiles({ files, dialect }: Subject, wire: Wire, shown: Shown): Promise<Finding[]> {
  if (!files) return allSkipped('说明里没有写 files')
  const asked = await wire.sign(files.outgoing(files.reference))
  const told = await wire.send(asked)
  const given = await fileIn(files, told)
  if (!given) {
    const advice = `请在 HTTP 200 的${files.content === null ? '正文里给文件本身' : `记录的 ${files.content} 里给文件的 Base64`}，不超过 8 MiB，类型是 PDF、PNG、JPEG、GIF、TIFF 或 BMP。`
    const failed = finding(headings.file, 'failed', sentIn(told, shown), gotIn(told), advice)
    return [failed, ...allSkipped('没有得到文件').slice(1)]
  }
  const unsigned = withoutProof(await wire.sign(files.outgoing(files.reference)), guardOf(dialect))
  return [
    finding(headings.file, 'passed', sentIn(told, shown), `${gotIn(told)}；${given}`),
    await checkUnknownFile(files, wire, shown),
    await checkUnsigned(files, await wire.send(unsigned), shown),
  ]
}

const allSkipped = (why: string) => Object.values(headings).map((heading: Heading) => skipped(heading, why))

async function checkUnknownFile(files: FileSide, wire: Wire, shown: Shown): Promise<Finding> {
  const told = await wire.send(await wire.sign(files.outgoing(NO_FILE)))
  const sent = `编号 ${NO_FILE}：${sentIn(told, shown)}`
  const isNothing =
    told.outcome === 'declined' || told.reply?.status === 404 || (told.outcome === 'accepted' && (await fileIn(files, told)) === null)
  const advice = '没有这个编号的文件请答 404 或业务错误码（JSON）：不要给别的文件、网页，也不要答 500。'
  return finding(headings.unknown, isNothing ? 'passed' : 'failed', sent, gotIn(told), advice)
}

async function checkUnsigned(files: FileSide, told: Told, shown: Shown): Promise<Finding> {
  const verdict = (await fileIn(files, told)) !== null ? 'failed' : told.outcome === 'refused' ? 'passed' : 'doubtful'
  const advice =
    verdict === 'failed'
      ? '没有签名也给了文件：文件的接口要与其他接口一样核对签名。这一条必须改好才能上线。'
      : '请明确拒绝（401），不要答 500、网页或断开。'
  return finding(headings.unsigned, verdict, `去掉了签名：${sentIn(told, shown)}`, gotIn(told), advice)
}

/** → what the file is, in words; null where the answer holds none that the hub would hand on. */
async function fileIn({ content }: FileSide, { reply, clear, opened }: Told): Promise<string | null> {
  const text = content === null || !opened?.rows[0] ? undefined : lookup(opened.rows[0], [content])
  const whole = content === null && reply?.status === 200 ? (clear ?? reply).body : null
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : whole
  const found = bytes && bytes.length > 0 ? await sniff(bytes) : null
  return found && takenTypes.has(found.mediaType) ? `${found.mediaType}，${bytes?.length} 字节` : null
}
