import { isSameText } from '../../core/base/hmac.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import type { User } from '../users/users.ts'
import { escapeHtml, PAGE_POLICY, page, SITE } from '../web/page.ts'
import { facts } from '../web/parts.ts'
import type { OAuthClient } from './clients.ts'
import type { Scope } from './scopes.ts'

/** One question to a user: may this application have that? */
export interface Question {
  /** Id of the interaction. */
  uid: string
  user: User
  client: OAuthClient
  /** What was asked for, and may be asked for by this application. */
  scopes: readonly Scope[]
  redirectUri: string
  /** Epoch milliseconds at which the grant would end. */
  until: number
}

export type Answer = { allowed: false } | { allowed: true; scopes: string[]; refused: string[] }

/** What the form sends. */
export interface Form {
  seal: string
  decision: 'allow' | 'refuse'
  scope?: string | string[]
}

/** The form carries this: it fits one interaction of one user, and exactly what he was shown. */
function sealOf(vault: Vault, { uid, user, client, scopes }: Question): string {
  return vault.fingerprint(JSON.stringify([uid, user.id, client.id, scopes.map(({ id }) => id)]), 'oauth.consent')
}

/** → what the user decided, or null when the form is not the one that he was shown. */
export function readAnswer(vault: Vault, question: Question, form: Form): Answer | null {
  if (!isSameText(form.seal, sealOf(vault, question))) return null
  const ticked = new Set([form.scope ?? []].flat())
  const shown = question.scopes.map(({ id }) => id)
  if ([...ticked].some((id) => !shown.includes(id))) return null
  if (form.decision === 'refuse') return { allowed: false }
  const scopes = question.scopes.filter(({ id, required }) => required || ticked.has(id)).map(({ id }) => id)
  return { allowed: true, scopes, refused: shown.filter((id) => !scopes.includes(id)) }
}

/** The consent page, with its `Content-Security-Policy`. */
export function consentPage(vault: Vault, question: Question): { html: string; policy: string } {
  const { client, user, scopes, redirectUri, until } = question
  const icon = client.icon === null ? '' : `<p><img src="${escapeHtml(client.icon)}" width="56" height="56" alt=""></p>`
  const who = user.person ? `<p>当前账户：${escapeHtml(masks.name(user.person.name))}</p>` : ''
  const body = `${icon}<p><strong>${escapeHtml(client.name)}</strong> 申请使用您在“我的许昌”中的信息。请逐项选择愿意提供的内容。</p>
${facts([
  ['申请方', `${client.name}${client.trusted ? '（“我的许昌”自己的应用）' : '（第三方应用，由其运营者负责）'}`],
  ['用途', client.purpose],
])}${who}
<form method="post" autocomplete="off"><input type="hidden" name="seal" value="${sealOf(vault, question)}">
${choices(scopes)}
<p>没有勾选的内容不会提供，应用的某些功能可能因此不能使用。</p>
<p>同意后有效至 ${dayOf(until)}。您可以随时在“我的许昌”的“我的授权”中撤销，撤销立即生效。</p>
<button name="decision" value="allow">同意提供所选内容</button><button class="second" name="decision" value="refuse">不同意</button></form>
<p><small>本页由${SITE}提供，完成后将前往 ${escapeHtml(originOf(redirectUri))}</small></p>`
  // Chromium holds the redirect that follows a form to form-action too.
  const policy = PAGE_POLICY.replace("form-action 'self'", `form-action 'self' ${originOf(redirectUri)}`)
  return { html: page('授权确认', body), policy: `${policy}; img-src data:` }
}

/** What cannot be left out is said, what can is asked: nothing ticked beforehand, what is sensitive apart and named as such. */
function choices(scopes: readonly Scope[]): string {
  const required = scopes.filter((scope) => scope.required)
  const asked = scopes.filter((scope) => !scope.required)
  const group = (legend: string, kind: string, members: readonly Scope[]) =>
    members.length === 0 ? '' : `<fieldset${kind}><legend>${legend}</legend>${members.map(item).join('')}</fieldset>`
  const given = required.length === 0 ? '' : `<p>登录必需，总会提供：${required.map(({ title }) => escapeHtml(title)).join('、')}。</p>`
  return `${given}${group(
    '一般信息',
    '',
    asked.filter(({ sensitive }) => sensitive === undefined),
  )}${group(
    '敏感个人信息（请单独确认）',
    ' class="sensitive"',
    asked.filter(({ sensitive }) => sensitive !== undefined),
  )}`
}

function item({ id, title, fields, services = [], sensitive }: Scope): string {
  const details = [
    fields.map((field) => field.title).join('、'),
    sensitive ?? '',
    services.length === 0 ? '' : `包括 ${services.length} 项服务：${services.join('、')}`,
  ]
  const shown = details.filter((line) => line !== '' && line !== title).map((line) => `<small>${escapeHtml(line)}</small>`)
  return `<label class="choice"><input type="checkbox" name="scope" value="${escapeHtml(id)}"><span>${escapeHtml(title)}${shown.join('')}</span></label>`
}

/** → origin of a web address, scheme of an application's own. */
function originOf(uri: string): string {
  const { origin, protocol } = new URL(uri)
  return origin === 'null' ? protocol : origin
}

/** Beijing's day. */
function dayOf(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
}
