import { HubError, type Problem } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { Answer, Meta } from '../access/asking.ts'
import type { ConsolePage, Field, Mark, Note, Pager } from './blocks.ts'
import type { Done, Typed } from './section.ts'

/** `2026-11-22 10:40`, by Beijing's clock, of a time in RFC 3339 in UTC or with Beijing's offset, or of a day; a dash for none. */
export function readable(time: unknown): string {
  if (typeof time !== 'string' || time === '') return '—'
  const local = time.endsWith('Z') ? beijing(Date.parse(time)) : time
  return local.slice(0, 16).replace('T', ' ')
}

export const percent = (share: unknown): string => (typeof share === 'number' ? `${(share * 100).toFixed(1)}%` : '—')

const DAY_MS = 86_400_000
/** So soon an end is told of: as /health does. */
const DUE_DAYS = 30

/** A time or a last day, Beijing time, in colour and word: whether it has passed, or is near. */
export function ending(time: string | null, now: number): Mark | null {
  if (time === null) return null
  const days = Math.floor((Date.parse(time.length === 10 ? `${time}T23:59:59+08:00` : time) - now) / DAY_MS)
  if (days < 0) return { text: '已到期', tone: 'bad', more: readable(time) }
  if (days < DUE_DAYS) return { text: `还有 ${days} 天`, tone: 'note', more: readable(time) }
  return { text: '有效', tone: 'good', more: `到 ${readable(time)}` }
}

/** What a refusal of the API says. */
export function trouble({ title, detail, errors = [], traceId, code }: Problem): Note {
  const lines = [detail, ...errors.map(({ pointer, detail: words }) => `${pointer.split('/').at(-1)}：${words}`)]
  return { kind: 'note', tone: 'bad', title, lines, trace: `${code} · 追踪号 ${traceId}` }
}

/** Why somebody does what he does: every act of an administrator says so. */
export const purposeField: Field = {
  ...{ name: 'purpose', label: '事由', type: 'text', required: true, maxLength: 200 },
  hint: '写入审计日志，2 至 200 个字',
}

/**
 * A path into which parts from outside are put, each staying one part of it: ``pathOf`/admin/users/${id}` ``. Throws HUB_NO_RECORD for
 * a part that means another place in any spelling (RFC 3986 §5.2.4).
 */
export function pathOf(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  if (parts.some((part) => part === '.' || part === '..')) throw new HubError('HUB_NO_RECORD', { detail: '没有找到。' })
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent))
}

/** → `path` with a query of what is given; what is empty is left out. */
export function withQuery(path: string, given: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
  )
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

/** `given`: the filters that go along. */
export function pager(path: string, page: Meta['page'], given: Readonly<Record<string, string | undefined>>): Pager {
  const { number, size, total } = page ?? { number: 1, size: 1, total: 0 }
  const pages = Math.max(1, Math.ceil(total / size))
  const to = (text: string, target: number) => ({ text, href: withQuery(path, { ...given, page: target }) })
  const links = [...(number > 1 ? [to('上一页', number - 1)] : []), ...(number < pages ? [to('下一页', number + 1)] : [])]
  return { kind: 'pager', words: `第 ${number} 页，共 ${pages} 页，${total} 条`, links }
}

/** `datetime-local` of a browser, which knows no zone → RFC 3339 in Beijing's; what is none stays as it is, to be refused. */
export function momentOf(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00+08:00` : text
}

export const link = (text: string, href: string, more?: string): Mark => ({ text, href, ...(more === undefined ? {} : { more }) })

/** What there is to choose of, with all first. */
export function choices(names: Readonly<Record<string, string>>, all?: string): { value: string; label: string }[] {
  const options = Object.entries(names).map(([value, label]) => ({ value, label }))
  return all === undefined ? options : [{ value: '', label: all }, ...options]
}

export const first = (typed: Typed, name: string): string => typed[name]?.[0] ?? ''

/** What follows a button: what was done, that another administrator has to confirm it, or why it was refused; then the page as it is now. */
export async function follow(answer: Answer, said: string, show: () => Promise<ConsolePage>): Promise<Done> {
  const page = await show()
  if (answer.ok) return { page, said: answer.status === 202 ? '已经提出，须由另一位管理员在“待确认”里确认。' : said }
  return { page: { ...page, status: answer.status, blocks: [trouble(answer.problem), ...page.blocks] }, said: null }
}
