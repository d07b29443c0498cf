import type { Knex } from 'knex'
import { isUscc } from '../../core/base/checksums.ts'
import { type ClientDraft, violationsOf } from '../oauth/client-rules.ts'
import { TOKEN_EXCHANGE } from '../oauth/clients.ts'
import type { Scope } from '../oauth/scopes.ts'
import type { Check, PartnerRow } from './rows.ts'

/** One thing that an application wants to be allowed, and what for. */
export interface Right {
  /** `<connector>.<service>`, or a scope of userinfo. */
  scope: string
  why: string
}

/** An application as its partner wants it to be. */
export interface ApplicationDraft {
  name: string
  home: string
  /** What it wants the data for, in words for citizens. */
  purpose: string
  /** How it keeps what it gets safe. */
  safety: string
  redirectUris: readonly string[]
  rights: readonly Right[]
}

/** What applications of partners are judged by. */
export interface Judge {
  database: Knex
  scopes: ReadonlyMap<string, Scope>
  /** Whether administrators took a service off line. */
  isOffline(service: string): boolean
}

/** Every application may know its users again, and refresh what they granted, asked for or not. */
export const ALWAYS: readonly string[] = ['openid', 'offline_access']

/** The client that an application becomes. */
export function clientDraft(id: string, { name, purpose, redirectUris, rights }: ApplicationDraft): ClientDraft {
  return {
    ...{ id, name, purpose, icon: null, kind: 'web', sector: id, idTokenAlg: 'ES256', trusted: false, redirectUris },
    scopes: [...new Set([...ALWAYS, ...rights.map(({ scope }) => scope)])],
    grantTypes: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE],
  }
}

const verdict = (id: string, title: string, problems: readonly string[]): Check => ({
  ...{ id, title, passed: problems.length === 0 },
  detail: problems.length === 0 ? null : problems.join('；'),
})

/** What is looked at before a person does. The e-mail has been confirmed by then. */
export async function checkPartner(database: Knex, { id, uscc }: Pick<PartnerRow, 'id' | 'uscc'>): Promise<Check[]> {
  const twin = await database('partners').where({ approved_uscc: uscc }).whereNot({ id }).first('id')
  return [
    verdict('email', '联系邮箱已确认', []),
    verdict('uscc', '统一社会信用代码的校验位', isUscc(uscc) ? [] : ['校验位不对']),
    verdict('duplicate', '没有重复入驻', twin ? ['这个单位已经入驻，请由其负责人邀请您加入'] : []),
  ]
}

/** `clientId`: of the client that there is already; its own addresses are no duplicates. */
export async function checkApplication(
  { database, scopes, isOffline }: Judge,
  draft: ApplicationDraft,
  clientId: string | null,
): Promise<Check[]> {
  const client = clientDraft(clientId ?? 'app', draft)
  const wrong = (...fields: string[]) => violationsOf(client, { scopes }, fields).map(({ detail }) => detail)
  const rights = draft.rights.map(({ scope }) => scope)
  return [
    verdict('words', '名称和用途', wrong('name', 'purpose')),
    verdict('home', '主页地址', isHome(draft.home) ? [] : ['须是 https 的绝对地址，不带用户名、密码和片段']),
    verdict('redirects', '回调地址', wrong('redirectUris')),
    verdict('duplicate', '回调地址没有被别的应用使用', await takenBy(database, draft.redirectUris, clientId)),
    verdict('rights', '申请的权限', [
      ...rightProblems(rights, scopes),
      ...rights.filter((scope, at) => rights.indexOf(scope) !== at).map((scope) => `${scope}：重复`),
    ]),
    verdict(
      'open',
      '申请的服务都已上架',
      rights.filter(isOffline).map((scope) => `${scope}：已下架`),
    ),
  ]
}

function isHome(text: string): boolean {
  if (text.length > 500 || !URL.canParse(text)) return false
  const { protocol, username, password, hash, hostname } = new URL(text)
  return protocol === 'https:' && username === '' && password === '' && hash === '' && hostname.includes('.')
}

/** A whole system is never given: each service is asked for with its own reason. */
function rightProblems(rights: readonly string[], scopes: ReadonlyMap<string, Scope>): string[] {
  return rights.flatMap((id) => {
    const scope = scopes.get(id)
    if (!scope || (ALWAYS as readonly string[]).includes(id)) return [`${id}：没有这项权限，或者它不向第三方开放`]
    return scope.services ? [`${id}：须逐项申请这个系统的服务`] : []
  })
}

/** Redirect addresses that another application has by now, however they are spelt; until the transaction ends no other gets them. */
export async function takenBy(transaction: Knex, uris: readonly string[], clientId: string | null): Promise<string[]> {
  const rows: { id: string; redirect_uris: string }[] = await transaction('oauth_clients').forUpdate().select('id', 'redirect_uris')
  const taken = new Set(rows.filter(({ id }) => id !== clientId).flatMap(({ redirect_uris }) => redirect_uris.split(' ').map(oneSpelling)))
  return uris.filter((uri) => taken.has(oneSpelling(uri))).map((uri) => `${uri}：已由另一个应用使用`)
}

const oneSpelling = (uri: string): string => (URL.canParse(uri) ? new URL(uri).href : uri)
