import { escapeHtml, PAGE_POLICY, page } from '../../web/page.ts'
import type { Agency } from './registration.ts'

/** Without `form-action`: browsers hold it against every hop that follows the form, and the last may be an application's own. */
export const AGENCY_PAGE_POLICY = PAGE_POLICY.replace(" form-action 'self';", '')

/** Signing on and consenting in one: it posts `person`, somebody's index or `none`. */
export function consentPage({ name, holders }: Agency, scope: string): string {
  const button = (value: string | number, text: string, kind = '') =>
    `<li><button name="person" value="${value}"${kind}>${escapeHtml(text)}</button></li>`
  const list = holders.map((holder) => button(holder.index, `${holder.name} 登录并同意`)).join('')
  const asks = `<p>“我的许昌”请求访问您在${escapeHtml(name)}的账户（${escapeHtml(scope)}）。</p>`
  const sandbox = `<p>这是沙箱里模拟的登录页面，不是${escapeHtml(name)}的网站。这些人都是虚构的，选择一位。</p>`
  return page(
    `${name}（沙箱）`,
    `${asks}${sandbox}<form method="post"><ul>${list}${button('none', '不同意', ' class="second"')}</ul></form>`,
  )
}

const WORDS: Readonly<Record<string, string>> = {
  invalid_client: '应用没有登记',
  invalid_redirect_uri: '回调地址没有登记',
  invalid_request: '授权请求不完整或不正确（须用 PKCE，S256）',
  session_not_found: '登录已过期，请回到应用重新开始',
}

/** `error`: the code of OAuth or of oidc-provider. */
export function noticePage({ name }: Agency, error: string): string {
  return page(`${name}（沙箱）`, `<p>${escapeHtml(WORDS[error] ?? '没有这个页面')}</p>`)
}
