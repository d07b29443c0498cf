import { escapeHtml } from '../web/page.ts'
import { facts, readable } from '../web/parts.ts'

/** What the pages of the ledger show: answers of `/v1/me/ledger` and `…/questions`. */
export interface Entry {
  id: string
  at: string
  useName: string
  who: string
  behalf: string
  what: string
  purpose: string | null
  fields: readonly string[]
  traceId: string
  delayed: boolean
  shownAt: string
}

export interface Asked {
  id: string
  kindName: string
  text: string
  stateName: string
  createdAt: string
  dueAt: string
  events: readonly { at: string; stateName: string; words: string | null }[]
}

export interface LedgerMeta {
  next: string | null
  archived: string | null
  complete: boolean
  withheld: readonly { name: string; days: string; because: string }[]
}

/** As its filters stand in the address. */
export interface Chosen {
  from: string
  to: string
  use: string
  by: string
}

const note = (words: string) => `<p class="note">${escapeHtml(words)}</p>`

/** The choices above the list; sent in the address, so that a page has one of its own. */
export function filterForm({ from, to, use, by }: Chosen, uses: Readonly<Record<string, string>>): string {
  const options = Object.entries({ '': '全部', ...uses }).map(
    ([value, label]) => `<option value="${value}"${value === use ? ' selected' : ''}>${escapeHtml(label)}</option>`,
  )
  const day = (name: string, words: string, value: string) =>
    `<label class="field">${words}<input type="date" name="${name}" value="${escapeHtml(value)}"></label>`
  const others = `<label class="choice"><input type="checkbox" name="by" value="others"${by === 'others' ? ' checked' : ''}><span>不看本人的使用</span></label>`
  return `<details><summary>筛选</summary><form method="get" action="/hall/ledger">${day('from', '从', from)}${day('to', '到', to)}<label class="field">谁使用<select name="use">${options.join('')}</select></label>${others}<button>查看</button></form></details>`
}

export function entryList(
  entries: readonly Entry[],
  { next, archived, complete, withheld }: LedgerMeta,
  onTo: (after: string) => string,
): string {
  const lines = entries.map(
    (entry) => `<li>${entryFacts(entry)}<p class="ways"><a href="${escapeHtml(`/hall/ledger/${entry.id}`)}">对这条记录有疑问</a></p></li>`,
  )
  const list = lines.length === 0 ? '<p>没有记录。</p>' : `<ul class="plain rows">${lines.join('')}</ul>`
  const more = next === null ? '' : `<p class="ways"><a href="${escapeHtml(onTo(next))}">更早的记录</a></p>`
  const late = withheld.map(({ name, days, because }) => `<li>${escapeHtml(`${name}：最长 ${days}。${because}`)}</li>`).join('')
  return [
    complete ? '' : note('最近的记录还在登记，请稍后再看。'),
    list,
    more,
    archived === null ? '' : note(`${archived} 及以前的记录已经归档，不在这里；需要时请联系客服。`),
    late === '' ? '' : `<h2>依规定延迟公布的</h2><p>下列使用可能暂不显示，到期后会列出并注明。</p><ul>${late}</ul>`,
  ].join('')
}

export function entryFacts({ at, useName, who, behalf, what, purpose, fields, traceId, delayed, shownAt }: Entry): string {
  const rows: [string, string][] = [
    ['时间', readable(at)],
    ['使用者', who === useName ? who : `${who}（${useName}）`],
    ['代表', behalf],
    ['事项', what],
    ...(purpose === null ? [] : [['事由', purpose] as [string, string]]),
    ...(fields.length === 0 ? [] : [['内容', fields.join('、')] as [string, string]]),
    ...(delayed ? [['说明', `依规定延迟到 ${readable(shownAt)} 公布`] as [string, string]] : []),
    ['追踪号', traceId],
  ]
  return facts(rows)
}

/** The form in which something is asked about an entry. */
export function askingForm(id: string, seal: string, kinds: Readonly<Record<string, string>>): string {
  const options = Object.entries(kinds).map(([value, label]) => `<option value="${value}">${escapeHtml(label)}</option>`)
  return `<h2>询问或投诉</h2><form method="post" action="${escapeHtml(`/hall/ledger/${id}`)}"><input type="hidden" name="seal" value="${seal}"><label class="field">种类<select name="kind" required>${options.join('')}</select></label><label class="field">内容<small>请不要填写身份证号、手机号等号码；15 天内答复</small><textarea name="text" rows="4" maxlength="500" required></textarea></label><button>提交</button></form>`
}

export function questionList(questions: readonly Asked[]): string {
  if (questions.length === 0) return ''
  const lines = questions.map(({ kindName, text, stateName, createdAt, dueAt, events }) => {
    const told = events.flatMap(({ at, words }) => (words === null ? [] : [`<p>${escapeHtml(`${readable(at)} ${words}`)}</p>`]))
    return `<li>${facts([
      ['种类', kindName],
      ['状态', stateName],
      ['内容', text],
      ['提出', readable(createdAt)],
      ['期限', readable(dueAt)],
    ])}${told.join('')}</li>`
  })
  return `<h2>我的询问和投诉</h2><ul class="plain rows">${lines.join('')}</ul>`
}

/** Whether he takes part in the statistics of apps, with the button that changes it. */
export function statisticsForm({ given, since }: { given: boolean; since: string | null }, seal: string): string {
  const [value, words] = given ? ['off', '不再参与'] : ['on', '同意参与']
  const now = `${given ? '您参与使用统计' : '您不参与使用统计'}${since === null ? '' : `（${readable(since)} 起）`}。`
  const about = '参与时，应用凭一张不记名的凭条告诉平台有多少台不同的设备在使用；平台不记录凭条是谁的，也不因此知道您做了什么。'
  return `<h2>使用统计</h2><p>${escapeHtml(`${now}${about}`)}</p><form method="post" action="/hall/statistics-consent"><input type="hidden" name="seal" value="${seal}"><button class="second" name="do" value="${value}">${words}</button></form>`
}
