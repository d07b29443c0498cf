import { createHash } from 'node:crypto'

const STYLE = `:root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei",sans-serif;background:#f4f6f8;color:#1a1a1a}main{max-width:26rem;margin:8vh auto 0;padding:2rem 1.5rem;background:#fff;border-radius:12px}h1{margin:0 0 .5rem;font-size:1.35rem}p{margin:.5rem 0}small{color:#666;word-break:break-all}a.button,button{display:block;width:100%;margin:1rem 0 0;padding:.75rem 1rem;border:0;border-radius:8px;background:#1677ff;color:#fff;font:inherit;text-align:center;text-decoration:none}button.second{background:#e6e8eb;color:#1a1a1a}ul{margin:1rem 0 0;padding:0;list-style:none}li a{margin-top:.5rem!important}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}main{background:#1d1d1f}small{color:#999}}`

/** `Content-Security-Policy` of these pages: no script, no frame, nothing from elsewhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A page for a phone. `title` is text, `body` is HTML. */
export function page(title: string, body: string): string {
  const heading = escapeHtml(title)
  return `<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${heading}</title><style>${STYLE}</style></head><body><main><h1>${heading}</h1>${body}</main></body></html>`
}

/** What a browser shows of a problem document (RFC 9457), with a way on. */
export function problemPage({ title, detail, traceId }: { title: string; detail: string; traceId: string }): string {
  return page(
    title,
    `<p>${escapeHtml(detail)}</p><a class="button" href="/sign-on/start">重新登录</a><p><small>追踪号 ${escapeHtml(traceId)}</small></p>`,
  )
}
