import type { Inputs } from '../../core/contract/inputs.ts'
import type { Meta } from '../access/asking.ts'
import { escapeHtml } from '../web/page.ts'
import { readable } from '../web/parts.ts'
import type { Card } from './cards.ts'
import { controls, type FormState } from './controls.ts'
import { cards, type Look, record, type Shape } from './shown.ts'

/** A face verification that is under way for the page. */
export interface FaceWay {
  id: string
  /** Where it is done; null once it is known to be. */
  url: string | null
}

/** Names too can be what somebody wrote: those of an address’s query. */
const hidden = (name: string, value: string) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`

const takesFiles = (inputs: Inputs) => Object.values(inputs).some(({ notes }) => (notes.item ?? notes).type === 'file')
const asksAgency = (inputs: Inputs) => Object.values(inputs).some(({ notes }) => (notes.from ?? notes.item?.from) !== undefined)

/** The form of a question; what is asked stands in the address, so that an answer can be kept and shared with oneself. */
export function askForm({ path }: Card, inputs: Inputs, state: FormState, face: FaceWay | null): string {
  const own = controls(inputs, state)
  const verified = face === null ? '' : hidden('face', face.id)
  if (own === '' && face === null) return ''
  return `${faceNote(face)}<form method="get" action="${escapeHtml(path)}">${verified}${own}<button name="do" value="ask">${face?.url ? '已完成核验，继续' : '查询'}</button></form>`
}

/** What ties a form to the one it was made for, and makes it count once. */
export interface FormTies {
  seal: string
  /** Idempotency key. */
  key: string
  /** The one of several accounts at the agency that was chosen. */
  binding?: string | undefined
}

/** The form of something that is done. */
export function doForm(action: string, inputs: Inputs, state: FormState, ties: FormTies, face: FaceWay | null, button: string): string {
  const coding = takesFiles(inputs) ? ' enctype="multipart/form-data"' : ''
  const verified = face === null ? '' : hidden('face', face.id)
  const options = asksAgency(inputs) ? '<button class="second" name="do" value="options" formnovalidate>更新选项</button>' : ''
  return `${faceNote(face)}<form method="post" action="${escapeHtml(action)}"${coding}>${hidden('seal', ties.seal)}${hidden('key', ties.key)}${ties.binding === undefined ? '' : hidden('binding', ties.binding)}${verified}${controls(inputs, state)}${options}<button name="do" value="submit">${escapeHtml(button)}</button></form>`
}

function faceNote(face: FaceWay | null): string {
  if (face?.url == null) return ''
  return `<div class="note"><p>这项服务需要人脸核验：先打开核验页面完成核验，再回到这里继续。</p><p><a href="${escapeHtml(face.url)}" target="_blank" rel="noopener">打开人脸核验页面</a></p></div>`
}

/** A button that begins a face verification; what was typed comes along. */
export function faceButton(action: string, seal: string, typed: FormState['typed']): string {
  const values = Object.entries(typed).flatMap(([name, given]) => given.map((value) => hidden(name, value)))
  return `<form method="post" action="${escapeHtml(action)}">${hidden('seal', seal)}${values.join('')}<button name="do" value="face">开始人脸核验</button></form>`
}

/** What came of a question. `shape` is that of `data`. */
export function answerPart(shape: Shape, data: unknown, meta: Meta, look: Look, turn: (page: number) => string): string {
  const body = Array.isArray(data)
    ? data.length === 0
      ? '<p class="note">没有查到记录。</p>'
      : cards(shape.items ?? {}, data, look)
    : record(shape, (data ?? {}) as Readonly<Record<string, unknown>>, look)
  return `<h2>查询结果</h2>${marks(meta)}${body}${pager(meta, turn)}<p><small>数据时间 ${escapeHtml(
    String(meta['asOf'] ?? '')
      .slice(0, 16)
      .replace('T', ' '),
  )}</small></p>`
}

function marks(meta: Meta): string {
  const closed = meta['closed'] as { reason: string; until: string } | undefined
  const earlier =
    closed === undefined
      ? ''
      : `<p class="note">${escapeHtml(closed.reason)}，${escapeHtml(readable(closed.until))} 恢复；以下是您上一次查到的结果，可能已有变化。</p>`
  const found = (meta['marks'] ?? []) as readonly { title: string }[]
  const unreadable = (meta['unreadable'] ?? []) as readonly string[]
  const odd = unreadable.length === 0 ? '' : `<p class="note">有 ${unreadable.length} 处内容对方系统发来的格式有误，暂不能显示。</p>`
  return `${earlier}${found.map(({ title }) => `<p class="note">${escapeHtml(title)}</p>`).join('')}${odd}`
}

function pager({ page }: Meta, turn: (page: number) => string): string {
  if (!page || page.total <= page.size) return ''
  const last = Math.ceil(page.total / page.size)
  const link = (to: number, words: string) => (to < 1 || to > last ? '' : `<a href="${escapeHtml(turn(to))}">${words}</a>`)
  return `<nav class="ways" aria-label="分页">${link(page.number - 1, '上一页')}<span>第 ${page.number} 页，共 ${last} 页，${page.total} 条</span>${link(page.number + 1, '下一页')}</nav>`
}

const FORMATS: Readonly<Record<string, string>> = { pdf: '下载 PDF', xlsx: '下载 Excel 表格', csv: '下载 CSV' }

/** Ways to the same answer as a file. */
export function exportsPart(formats: readonly string[], address: (format: string) => string): string {
  const links = formats.flatMap((format) => (FORMATS[format] ? [`<a href="${escapeHtml(address(format))}">${FORMATS[format]}</a>`] : []))
  return links.length === 0 ? '' : `<p class="ways">${links.join('')}</p>`
}

/** What the user did before with a service that keeps things, the newest first. */
export function keptPart(title: string, path: string, rows: readonly Readonly<Record<string, unknown>>[]): string {
  if (rows.length === 0) return ''
  const line = (row: Readonly<Record<string, unknown>>) => {
    const at = String(row['createdAt'] ?? row['updatedAt'] ?? '')
      .slice(0, 16)
      .replace('T', ' ')
    const words = [row['number'] ?? row['receipt'] ?? '', at].filter(Boolean).join(' · ')
    return `<li><a href="${escapeHtml(`${path}/${row['id']}`)}">${escapeHtml(String(row['stateName'] ?? '查看'))}</a> <small>${escapeHtml(words)}</small></li>`
  }
  return `<h2>${escapeHtml(title)}</h2><ul>${rows.map(line).join('')}</ul>`
}

interface Event {
  stateName: string
  at: string
}

/** One that is kept: where it stands, how it came there, and what it says. */
export function keptOne(shape: Shape, view: Readonly<Record<string, unknown>>, look: Look): string {
  const { stateName, history = [], final, ...rest } = view
  const { history: _history, stateName: _stateName, ...members } = shape.properties ?? {}
  const events = (history as readonly Event[]).map(
    ({ stateName: words, at }) => `<li>${escapeHtml(words)} <small>${escapeHtml(at.slice(0, 16).replace('T', ' '))}</small></li>`,
  )
  const standing =
    stateName === undefined ? '' : `<p class="${final === true ? 'good' : 'note'}" role="status">${escapeHtml(String(stateName))}</p>`
  return `${standing}${record({ ...shape, properties: members }, rest, { ...look, leaveOutEmpty: true })}${events.length === 0 ? '' : `<h2>办理经过</h2><ol>${events.join('')}</ol>`}`
}
