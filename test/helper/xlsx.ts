import { inflateRawSync } from 'node:zlib'

/** The files of a ZIP archive (APPNOTE 6.3, by its central directory) as text. */
function unzip(archive: Buffer): Map<string, string> {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end === -1) throw new Error('no ZIP archive')
  const files = new Map<string, string>()
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)]
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [number, number, number]
    const local = archive.readUInt32LE(at + 42)
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    const body = archive.subarray(start, start + size)
    files.set(archive.toString('utf8', at + 46, at + 46 + name), (method === 8 ? inflateRawSync(body) : body).toString('utf8'))
    at += 46 + name + extra + comment
  }
  return files
}

/** The names of a workbook's sheets, in their order. */
export function sheetsOf(workbook: Buffer): string[] {
  return [...(unzip(workbook).get('xl/workbook.xml') ?? '').matchAll(/<sheet [^>]*?name="([^"]*)"/g)].map(([, name = '']) => name)
}

/** The cells of one of a workbook's sheets (1: the first), row by row; an empty cell is null. */
export function readXlsx(workbook: Buffer, number = 1): (string | number | null)[][] {
  const files = unzip(workbook)
  const sheet = files.get(`xl/worksheets/sheet${number}.xml`)
  if (sheet === undefined) throw new Error(`no sheet among ${[...files.keys()].join()}`)
  if (/<f[ >]/.test(sheet)) throw new Error('a formula')
  const shared = [...(files.get('xl/sharedStrings.xml') ?? '').matchAll(/<si>(.*?)<\/si>/gs)].map(([, item = '']) => textOf(item))
  return [...sheet.matchAll(/<row[ >].*?<\/row>/gs)].map(([row]) => {
    const cells: (string | number | null)[] = []
    for (const [, attributes = '', inner = ''] of row.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const column = columnOf(/r="([A-Z]+)/.exec(attributes)?.[1] ?? '')
      while (cells.length < column) cells.push(null)
      const value = /<v>(.*?)<\/v>/s.exec(inner)?.[1]
      const type = /t="(\w+)"/.exec(attributes)?.[1] ?? 'n'
      if (type === 's') cells.push(shared[Number(value)] ?? null)
      else if (type === 'n') cells.push(value === undefined ? null : Number(value))
      else cells.push(textOf(inner))
    }
    return cells
  })
}

/** A → 0, Z → 25, AA → 26 */
function columnOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function textOf(xml: string): string {
  const text = [...xml.matchAll(/<(?:t|v)(?: [^>]*)?>(.*?)<\/(?:t|v)>/gs)].map(([, part = '']) => part).join('')
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
}
