import { hashSource, STYLE } from './style.ts'

/** `Content-Security-Policy` of these pages: no script, no frame, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src ${hashSource(STYLE)}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

/** The same, for a page that carries one script of its own. */
export const scriptPolicy = (script: string) => `${PAGE_POLICY}; script-src ${hashSource(script)}`

export const SITE = '许昌市政务服务集成中枢'

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export interface PageOptions {
  /** The heading leads to the front page; not where somebody is in the middle of something, nor in the sandbox's pages. */
  home?: boolean
  /** Who is signed on, beside the heading; text. */
  who?: string
  /** As wide as a page for a desk; without it as wide as a phone. */
  wide?: boolean
  /** Goes to the end of the page; {@link scriptPolicy} must allow it. */
  script?: string
  /** Where the browser goes on to by itself, at once. */
  onTo?: string
  /** Seconds after which a browser without scripts asks for the page again. */
  again?: number
}

/** A page of the hub. `title` is text, `body` is HTML. */
export function page(title: string, body: string, { home = false, who, wide = false, script, onTo, again }: PageOptions = {}): string {
  const heading = escapeHtml(title)
  const on = onTo === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escapeHtml(onTo)}">`
  const asksAgain = again === undefined ? '' : `<noscript><meta http-equiv="refresh" content="${again}"></noscript>`
  const person = who === undefined ? '' : `<span class="who">${escapeHtml(who)}</span>`
  const code = script === undefined ? '' : `<script>${script}</script>`
  return `<!DOCTYPE html><html lang="zh-CN"${wide ? ' class="wide"' : ''}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${heading}</title>${on}${asksAgain}<style>${STYLE}</style></head><body><a class="skip" href="#content">跳到正文</a><header>${person}${home ? `<a href="/">${SITE}</a>` : SITE}</header><main id="content"><h1>${heading}</h1>${body}</main>${code}</body></html>`
}

/** Whether the caller is a browser that wants a page; programs that take anything get JSON. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.toLowerCase().includes('text/html') ?? false
}
