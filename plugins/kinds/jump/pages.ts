import { HubError } from '../../../core/base/errors.ts'
import { namesInPath } from '../../../core/contract/paths.ts'
import { escapeHtml, PAGE_POLICY, page, scriptPolicy } from '../../web/page.ts'
import { facts, wayOn } from '../../web/parts.ts'

export interface ShownJump {
  /** Of the form. */
  path: string
  service: string
  agency: string
  /** What is handed over, in words. */
  told: readonly string[]
  enterprise: string | null
}

/** Asked once: may the agency be told that? */
export function consentPage({ path, service, agency, told, enterprise }: ShownJump, seal: string): string {
  const list = told.map((title) => `<li>${escapeHtml(title)}</li>`).join('')
  return page(
    `前往${agency}`,
    `<p>您要打开的“${escapeHtml(service)}”在${escapeHtml(agency)}自己的页面上。为了不用再次登录，需要向对方提供：</p><ul>${list}</ul>
${enterprise === null ? '' : facts([['代表的单位', enterprise]])}
<form method="post" action="${escapeHtml(path)}" autocomplete="off"><input type="hidden" name="seal" value="${escapeHtml(seal)}"><button name="decision" value="allow">同意并前往</button><button class="second" name="decision" value="decline">不同意</button></form>
<p class="muted">同意一次即可，以后直接打开。您可以随时在“我的许昌”的“我的授权”里撤销，撤销后再次打开时会重新询问。</p>`,
  )
}

export interface ShownSignOn extends Pick<ShownJump, 'path' | 'service' | 'agency'> {
  /** Of whom the browser will be, as far as he is shown. */
  who: string
}

/** Asked in a browser that isn't the user's yet: a link that somebody else sent would sign it on as that other. */
export function signOnPage({ path, service, agency, who }: ShownSignOn, seal: string): string {
  return page(
    `前往${agency}`,
    `<p>打开“${escapeHtml(service)}”之前，这个浏览器将以下面的身份登录：</p>${facts([['账户', who]])}
<p>不是您本人的账户，或者链接是别人发给您的，请不要继续。</p>
<form method="post" action="${escapeHtml(path)}" autocomplete="off"><input type="hidden" name="seal" value="${escapeHtml(seal)}"><button name="decision" value="allow">是我本人，继续</button><button class="second" name="decision" value="decline">不继续</button></form>`,
  )
}

/** Where a browser is sent, and what it carries. */
export interface Departure {
  agency: string
  url: string
  /** Sent as a form instead of an address. */
  form: readonly [name: string, value: string] | null
}

const SUBMIT = 'document.forms[0].submit()'

/** A form's answer may not lead elsewhere by itself, so this page does. */
export function leavingPage({ agency, url, form }: Departure): { html: string; policy: string } {
  const title = `正在前往${agency}`
  const words = `<p>马上打开${escapeHtml(agency)}的页面。没有自动打开的，请点下面的按钮。</p>`
  if (!form) return { html: page(title, `${words}${wayOn(url, '打开页面')}`, { onTo: url }), policy: PAGE_POLICY }
  const [name, value] = form
  const body = `${words}<form method="post" action="${escapeHtml(url)}"><input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}"><button>打开页面</button></form>`
  const policy = scriptPolicy(SUBMIT).replace("form-action 'self'", `form-action ${new URL(url).origin}`)
  return { html: page(title, body, { script: SUBMIT }), policy }
}

export function gonePage(): string {
  return page('链接已失效', '<p>这个链接已经用过，或者超过了时间。请回到“我的许昌”重新打开。</p>')
}

export function declinedPage(): string {
  return page('没有前往', '<p>您没有同意提供信息，没有向对方提供任何内容。可以关闭本页，回到“我的许昌”。</p>')
}

/** A page behind an address, with its inputs in their places. Throws HUB_VALIDATION for one that would be a step up in the path. */
export function addressOf(base: string, template: string, input: Readonly<Record<string, unknown>>): string {
  const [place] = template.split(/[?#]/, 1)
  // Percent-encoded dots are dots to a URL.
  for (const name of namesInPath(place))
    if (/^\.+$/.test(String(input[name] ?? '')))
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `/body/${name}`, detail: '内容不正确' }] })
  const path = template.replace(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(String(input[name] ?? '')))
  return `${base}/${path.replace(/^\//, '')}`
}
