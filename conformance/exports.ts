import { createHash } from 'node:crypto'
import { isPrinted } from '../plugins/kinds/document/printing.ts'
import type { Answered, Bench } from './bench.ts'
import { describe, readJson, rowsIn } from './bench.ts'
import { holdsIdNumber, maskedValues, valuesByField } from './bronze.ts'
import type { Finding } from './check.ts'
import { textOfPdf } from './pdf-text.ts'

/** Every query once as CSV and once as XLSX; one query after the other, since a user may have two files made at once. */
export async function checkExports(bench: Bench): Promise<Finding> {
  return (await inTurn(bench.answered, (answer) => checkTables(bench, answer))).flat()
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}

async function checkTables({ ask }: Bench, answer: Answered): Promise<string[]> {
  const { contract } = answer.service
  const [csv, xlsx] = await Promise.all(['csv', 'xlsx'].map((format) => ask(answer, answer.service, { format })))
  const [head = '', ...lines] = csv?.statusCode === 200 ? csv.body.split('\n').filter((line) => line.trim() !== '') : []
  // A cell may itself have several lines.
  const isWhole = Object.values(contract.fields).every(({ notes }) => head.includes(notes.title)) && lines.length >= countOf(answer)
  return [
    ...(isWhole ? [] : [`${contract.id}：CSV 不完整（${csv?.statusCode}）`]),
    ...(xlsx?.statusCode === 200 && xlsx.rawPayload.subarray(0, 2).toString() === 'PK' ? [] : [`${contract.id}：不能导出 XLSX`]),
  ]
}

function countOf({ response }: Answered): number {
  const { page } = (readJson(response)['meta'] ?? {}) as { page?: { total?: number } }
  return page?.total ?? rowsIn(response).length
}

/** Every service that offers PDF: one is issued, read, and verified by the code that stands on it. */
export async function checkDocuments(bench: Bench): Promise<Finding> {
  const printed = bench.answered.filter(({ service }) => isPrinted(service))
  if (printed.length === 0) return { skip: '没有出具证明的服务' }
  return (await inTurn(printed, (answer) => checkDocument(bench, answer))).flat()
}

const CODE = /(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}/

async function checkDocument(bench: Bench, answer: Answered): Promise<string[]> {
  const { id } = answer.service.contract
  const response = await bench.ask(answer, answer.service, { format: 'pdf' })
  const pdf = response.rawPayload
  if (response.statusCode !== 200 || response.headers['content-type'] !== 'application/pdf' || pdf.subarray(0, 5).toString() !== '%PDF-')
    return [`${id}：没有出具 PDF：${describe(response)}`]
  const text = textOfPdf(pdf)
  const code = CODE.exec(text)?.[0]
  if (!code) return [`${id}：证明上没有验证码`]
  const verified = await bench.send({ url: `/v1/verify/${code}`, bearer: {} })
  const { valid, contentHash } = (readJson(verified)['data'] ?? {}) as { valid?: boolean; contentHash?: string }
  return [
    ...(valid === true ? [] : [`${id}：验证码核验不了：${describe(verified)}`]),
    ...(contentHash === createHash('sha256').update(pdf).digest('hex') ? [] : [`${id}：核验给出的文件摘要不是这份证明的`]),
    ...contentTroubles(bench, answer, text),
  ]
}

/** A document says what the answer says, masks included, and nothing that the agency said beyond it. */
function contentTroubles({ lab }: Bench, { service, subject, response }: Answered, text: string): string[] {
  const { id, fields } = service.contract
  // Lines are broken where the page's columns end.
  const flat = (value: string) => value.replace(/\s+/g, '')
  const page = flat(text)
  const held = subject ? maskedValues(fields, lab.rowsOf(service, subject)) : []
  // The holder's own name stands in full above his records; the address of a house may be no secret in another field.
  const shown = held.filter(
    ({ mask, value }) => value.length > 1 && mask !== 'address' && value !== subject?.name && page.includes(flat(value)),
  )
  const masked = new Set(held.map(({ field }) => field))
  const missing = valuesByField(fields, rowsIn(response)).filter(({ field, value }) => masked.has(field) && !page.includes(flat(value)))
  const untitled = Object.values(fields).filter(({ notes }) => notes.type !== 'files' && !page.includes(flat(notes.title)))
  return [
    ...new Set([
      ...shown.map(({ field }) => `${id}.${field}：证明上原样给出`),
      ...missing.map(({ field }) => `${id}.${field}：证明上没有答复里的内容`),
      ...untitled.map(({ notes }) => `${id}：证明上没有“${notes.title}”`),
      ...(holdsIdNumber(text) ? [`${id}：证明上含有证件号码`] : []),
    ]),
  ]
}
