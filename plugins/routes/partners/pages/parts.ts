import { escapeHtml } from '../../../web/page.ts'

export const choiceField = (name: string, title: string, choices: Readonly<Record<string, string>>, chosen = '') =>
  `<label class="field">${title}<select name="${name}">${Object.entries(choices)
    .map(([value, label]) => `<option value="${escapeHtml(value)}"${value === chosen ? ' selected' : ''}>${escapeHtml(label)}</option>`)
    .join('')}</select></label>`

/** `attributes`: HTML. */
export const textField = (name: string, title: string, attributes = '', value = '') =>
  `<label class="field">${title}<input name="${name}" value="${escapeHtml(value)}" ${attributes}></label>`

export const areaField = (name: string, title: string, attributes = '', value = '') =>
  `<label class="field">${title}<textarea name="${name}" ${attributes}>${value === '' ? '' : `\n${escapeHtml(value)}`}</textarea></label>`

/** A table that scrolls by itself; cells are text. */
export function table(caption: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const head = columns.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(String(cell))}</td>`).join('')}</tr>`).join('')
  // Whoever uses a keyboard scrolls what has the focus.
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

export const section = (title: string, body: string) => `<h2>${escapeHtml(title)}</h2>${body === '' ? '<p class="muted">没有。</p>' : body}`

export const rowsOf = (lines: readonly string[]) =>
  lines.length === 0 ? '' : `<ul class="plain rows">${lines.map((line) => `<li>${line}</li>`).join('')}</ul>`

/** Ways to the pages before and after. `address` → where page n is. */
export function pager(number: number, size: number, total: number, address: (page: number) => string): string {
  const last = Math.max(1, Math.ceil(total / size))
  if (last === 1) return ''
  const way = (to: number, words: string) => (to < 1 || to > last ? '' : `<a href="${escapeHtml(address(to))}">${words}</a>`)
  return `<p class="ways">${way(number - 1, '上一页')}<span>第 ${number} 页，共 ${last} 页</span>${way(number + 1, '下一页')}</p>`
}
