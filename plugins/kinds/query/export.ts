import type { Readable } from 'node:stream'
import type { Row } from '../../../core/answer/reading.ts'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { type Fields, field } from '../../../core/contract/fields.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { cellsOf, titlesOf } from '../../workshop/tabular.ts'
import type { Place } from '../../workshop/workshop.ts'

const ROWS_A_PIECE = 250
/** A further column, no field's name, for what stands empty because it could not be read. */
const UNREADABLE = '(unreadable)'

/** Rows as a file; all of them, since a page of a file helps nobody. `columns`: null for every field. */
export function exported(
  place: Place,
  { contract: { fields: own, name }, fieldNames }: CompiledService,
  rows: readonly Row[],
  columns: readonly string[] | null,
  type: 'csv' | 'xlsx',
): Promise<Readable> {
  const isWhole = rows.every((row) => unreadableIn(row).length === 0)
  const names = [...(columns ?? fieldNames), ...(isWhole ? [] : [UNREADABLE])]
  const fields = isWhole ? own : { ...own, [UNREADABLE]: field.text('无法识别的内容') }
  function* pieces() {
    for (let at = 0; at < rows.length; at += ROWS_A_PIECE) {
      const piece = rows.slice(at, at + ROWS_A_PIECE)
      yield cellsOf(fields, names, isWhole ? piece : piece.map((row) => ({ ...row, [UNREADABLE]: nameUnreadable(own, row) })))
    }
  }
  return place.make({ type, sheet: name, head: titlesOf(fields, names) }, pieces())
}

/** What stands empty, for people: 缴存年月明细第 1 条的缴存年月. */
function nameUnreadable(fields: Fields, row: Row): string {
  const nameOf = (path: string) => {
    const [, name = '', index, column = ''] = /^(\w+)(?:\[(\d+)\]\.(\w+))?$/.exec(path) ?? []
    const notes = fields[name]?.notes
    const item = index === undefined ? '' : `第 ${Number(index) + 1} 条的${notes?.columns?.[column]?.notes.title ?? column}`
    return `${notes?.title ?? name}${item}`
  }
  return unreadableIn(row).map(nameOf).join('；')
}

/** A document with a gap would say that there is nothing. */
export function assertReadable({ connector, contract }: CompiledService, rows: readonly Row[]): void {
  const [path] = rows.flatMap((row) => unreadableIn(row))
  if (path === undefined) return
  const detail = `对方系统返回的“${path}”无法识别，不能出具证明，请稍后再试。`
  throw new UpstreamError(
    'HUB_UPSTREAM_INVALID',
    { delivery: 'unknown', status: 200 },
    { agency: agencyOf(connector, contract), field: path, detail },
  )
}
