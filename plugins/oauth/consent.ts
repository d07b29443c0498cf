import { timingSafeEqual } from 'node:crypto'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import type { User } from '../users/users.ts'
import { escapeHtml, PAGE_POLICY, page } from '../web/page.ts'
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
  const [expected, actual] = [Buffer.from(sealOf(vault, question)), Buffer.from(form.seal)]
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null
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
  const body = `${icon}<p><strong>${escapeHtml(client.name)}</strong> 申请使用您在“我的许昌”中的信息。</p>${who}
<p>用途：${escapeHtml(client.purpose)}</p>
<form method="post" autocomplete="off"><input type="hidden" name="seal" value="${sealOf(vault, question)}">
<p>申请的内容（可以取消不愿提供的）：</p><ul>${scopes.map(item).join('')}</ul>
<p>同意后有效至 ${dayOf(until)}，您可以随时在“我的授权”中撤销。</p>
<button name="decision" value="allow">同意</button><button class="second" name="decision" value="refuse">不同意</button></form>
<p><small>完成后将前往 ${escapeHtml(originOf(redirectUri))}</small></p>`
  // Chromium holds the redirect that follows a form to form-action too.
  const policy = PAGE_POLICY.replace("form-action 'self'", `form-action 'self' ${originOf(redirectUri)}`)
  return { html: page('授权确认', body), policy: `${policy}; img-src data:` }
}

function item({ id, title, fields, required }: Scope): string {
  const detail = fields.length === 0 ? '' : `<br><small>${fields.map((field) => escapeHtml(field.title)).join('、')}</small>`
  const attributes = required ? 'checked disabled' : `name="scope" value="${escapeHtml(id)}" checked`
  return `<li><label><input type="checkbox" ${attributes}> ${escapeHtml(title)}${required ? '（必需）' : ''}${detail}</label></li>`
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
