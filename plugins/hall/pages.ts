import { escapeHtml, PAGE_POLICY, page } from '../web/page.ts'
import { wayOn } from '../web/parts.ts'
import type { Card, Zone } from './cards.ts'
import type { LaidOut } from './layouts/laid-out.ts'

/** Who looks, as the heading shows it; null where nobody is signed on. */
export type Who = string | null

const options = (who: Who) => ({ home: true, wide: true, ...(who === null ? {} : { who }) })

/** A page of the hall. `body` is HTML. */
export function hallPage(title: string, who: Who, body: string): string {
  return page(title, `${body}<p class="ways"><a href="/hall">办事大厅</a></p>`, options(who))
}

const tile = (path: string, icon: string, name: string, words: string) =>
  `<li><a href="${escapeHtml(path)}"><i aria-hidden="true">${escapeHtml(icon)}</i>${escapeHtml(name)}<small>${escapeHtml(words)}</small></a></li>`

const cardTile = ({ link, icon, name, summary, category, agency }: Card) => tile(link, icon, name, summary ?? `${category} · ${agency}`)

const tiles = (lines: readonly string[]) => `<ul class="tiles">${lines.join('')}</ul>`

const searchForm = (words: string) =>
  `<form class="search" role="search" action="/hall/search" method="get"><label class="field">搜索服务，可以用拼音<input type="search" name="q" value="${escapeHtml(words)}" maxlength="40" autocomplete="off"></label><button>搜索</button></form>`

/** What the one who looks reaches for. */
interface Own {
  favourites?: readonly Card[]
  recent?: readonly Card[]
}

const OWN_PAGES = '<p class="ways"><a href="/hall/ledger">谁用了我的数据</a><a href="/hall/sessions">登录记录</a></p>'

/** 办事服务: what is recommended, then every zone as a card that leads into it (合同 1.3.3.1). */
export function frontPage(zones: readonly Zone[], who: Who, { favourites = [], recent = [] }: Own = {}): string {
  const recommended = zones.flatMap(({ cards }) => cards.filter((card) => card.recommended))
  const zoneTiles = zones.map(({ id, icon, name, cards }) => tile(`/hall/zones/${id}`, icon, name, `${cards.length} 项服务`))
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? '' : `<h2>${title}</h2>${tiles(lines)}`)
  const own = `${section('我的常用', favourites.map(cardTile))}${section('最近使用', recent.map(cardTile))}`
  const body = `${searchForm('')}${own}${section('热门推荐', recommended.map(cardTile))}${section('服务专区', zoneTiles)}${who === null ? '' : OWN_PAGES}`
  return page('办事大厅', body, options(who))
}

/** The front page as administrators have laid it out (contract annex 1.2.2.3). Pictures are the app's: a page of the hall loads none. */
export function laidOutPage(cards: readonly LaidOut[], who: Who): string {
  const sections = cards.map(({ component, title, text, style, items }) => {
    const heading = title === null ? '' : `<h2>${escapeHtml(title)}</h2>`
    if (component === 'search') return searchForm('')
    if (component === 'notice') return `${heading}<p class="note">${escapeHtml(text ?? '')}</p>`
    const lines = items.map(({ address, icon, name, words }) => tile(address, icon, name, words))
    return `${heading}<ul class="tiles${style === 'grid' ? '' : ' one'}">${lines.join('')}</ul>`
  })
  return page('办事大厅', sections.join(''), options(who))
}

/** One zone with all of its services (1.3.3.2). */
export function zonePage({ name, introduction, cards }: Zone, who: Who): string {
  const groups = new Map<string | null, Card[]>()
  for (const card of cards) groups.set(card.group, [...(groups.get(card.group) ?? []), card])
  const body = [...groups].map(
    ([title, members]) => `${title === null ? '' : `<h2>${escapeHtml(title)}</h2>`}${tiles(members.map(cardTile))}`,
  )
  return hallPage(name, who, `${introduction === null ? '' : `<p>${escapeHtml(introduction)}</p>`}${body.join('')}`)
}

export function foundPage(words: string, found: readonly Card[], who: Who, hotWords: readonly string[] = []): string {
  // By way of the hub, which counts that something was opened; not by whom.
  const opened = found.map((card) => ({ ...card, link: `/hall/found?${new URLSearchParams({ q: words, service: card.service.key })}` }))
  const hot = hotWords.map((word) => `<a href="/hall/search?q=${encodeURIComponent(word)}">${escapeHtml(word)}</a>`)
  const ways = hot.length === 0 ? '' : `<p class="ways"><small>热搜</small> ${hot.join(' ')}</p>`
  const none = '<p>没有找到。换一个说法，或者只输入其中几个字、拼音的首字母试试。</p>'
  return hallPage('搜索结果', who, `${searchForm(words)}${ways}${found.length === 0 ? none : tiles(opened.map(cardTile))}`)
}

/** What stands at the head of every service's page. */
export function cardFacts({ summary, category, agency, access, within }: Card): string {
  const time = within === null ? '' : ` · 办理时效：${escapeHtml(within)}`
  return `${summary === null ? '' : `<p>${escapeHtml(summary)}</p>`}<p><small>${category} · ${escapeHtml(agency)} · ${escapeHtml(access)}${time}</small></p>`
}

/** Puts a service on the front page of whoever looks, or takes it off. */
export function starForm({ path }: Card, isFavourite: boolean, seal: string): string {
  const [value, words] = isFavourite ? ['off', '★ 已收藏，取消'] : ['on', '☆ 收藏到首页']
  return `<form method="post" action="${escapeHtml(path)}/favourite" class="star"><input type="hidden" name="tie" value="${escapeHtml(seal)}"><button class="second" name="do" value="${value}">${words}</button></form>`
}

/** Whoever came with the app's code sees in whose name he goes on. */
export function comerPage(name: string, to: string, seal: string): string {
  const hidden = `<input type="hidden" name="seal" value="${seal}"><input type="hidden" name="to" value="${escapeHtml(to)}">`
  return page(
    '请确认是您本人',
    `<p>您将以 <strong>${escapeHtml(name)}</strong> 的身份使用办事大厅。如果这不是您，请关闭本页，不要填写任何内容。</p><form method="post" action="/hall/enter">${hidden}<button>是我本人，继续</button></form>`,
  )
}

/** Instead of the page of a service that administrators took off line. */
export function offlinePage({ name }: Card, who: Who, words: string): string {
  return hallPage(name, who, `<p class="note" role="alert">${escapeHtml(words)}</p>`)
}

export function strangerPage(card: Card | null, signsOn: boolean): string {
  const back = card === null ? '/hall' : card.path
  const way = signsOn ? wayOn(`/sign-on/start?return=${encodeURIComponent(back)}`, '登录') : ''
  const head = card === null ? '' : cardFacts(card)
  return hallPage(card?.name ?? '请先登录', null, `${head}<p class="note">请在“我的许昌”里打开本页，或者先登录。</p>${way}`)
}

export function goneCodePage(): string {
  return page('链接已失效', '<p>这个链接已经用过，或者已超过一分钟。请回到“我的许昌”重新打开。</p>')
}

export function leavingPage(url: string): string {
  return page('正在转到对方的页面', wayOn(url, '没有自动跳转？点这里'), { onTo: url })
}

/** Pages with a picture of the hub's own making. */
export const PICTURE_POLICY = `${PAGE_POLICY}; img-src data:`

/** A picture to show at a gate; it lives for minutes, so there is a way to a new one. `picture`: a data URL. */
export function picturePage(title: string, who: Who, picture: string, back: string): string {
  return hallPage(
    title,
    who,
    `<p><img class="code" src="${escapeHtml(picture)}" alt="${escapeHtml(title)}"></p><p class="muted">几分钟内有效，过期请返回重新打开。</p>${wayOn(back, '返回')}`,
  )
}
