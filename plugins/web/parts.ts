import type { Problem } from '../../core/base/errors.ts'
import { escapeHtml, page } from './page.ts'

/** What is told of something: titles and values, both text. → HTML. */
export function facts(rows: readonly (readonly [title: string, value: string])[]): string {
  return `<dl>${rows.map(([title, value]) => `<dt>${escapeHtml(title)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`
}

/** `2026-11-22 10:40` of a time in RFC 3339 with Beijing's offset. */
export function readable(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}

/** A form in which one code is typed; it is sent in the address, so that the answer has one of its own. */
export function codeForm(action: string, label: string, button: string): string {
  return `<form action="${escapeHtml(action)}" method="get"><label class="field">${escapeHtml(label)}<input name="code" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false"></label><button>${escapeHtml(button)}</button></form>`
}

/** A way on; `address` is a path of the hub or an address that it was given by somebody it trusts. */
export function wayOn(address: string, words: string): string {
  return `<a class="button" href="${escapeHtml(address)}">${escapeHtml(words)}</a>`
}

/** By which those who run the hub find what happened. */
export function trace(id: string, code = ''): string {
  return `<p><small>${code === '' ? '' : `${escapeHtml(code)} · `}追踪号 ${escapeHtml(id)}</small></p>`
}

/** What a browser shows of a problem document (RFC 9457); `more` is HTML, a way on. */
export function problemPage({ title, detail, traceId }: Pick<Problem, 'title' | 'detail' | 'traceId'>, more: string): string {
  return page(title, `<p>${escapeHtml(detail)}</p>${more}${trace(traceId)}`)
}
