import { iconProblem } from './client-icon.ts'
import { type ClientKind, clientKinds, type OAuthClient, TOKEN_EXCHANGE } from './clients.ts'
import { redirectUriProblem } from './redirect-uris.ts'
import type { Scope } from './scopes.ts'

/** A client as somebody wants it to be: texts that nobody has checked. */
export type ClientDraft = Omit<OAuthClient, 'secret' | 'kind' | 'idTokenAlg'> & { kind: string; idTokenAlg: string }

/** `pointer`: RFC 6901, into a request that carries the draft as `client`. */
export interface Violation {
  pointer: string
  detail: string
}

/** What the server grants, and who may have it. */
export const grantTypes: Readonly<Record<string, readonly ClientKind[]>> = {
  authorization_code: ['web', 'native'],
  refresh_token: ['web', 'native'],
  // Whoever has no secret cannot show that it is him who asks (RFC 6749 §4.4).
  client_credentials: ['web'],
  [TOKEN_EXCHANGE]: ['web'],
}

/** Where violations point: the draft's place in a request. */
export const AT = '/body/client'

const MAX_ITEMS = 20
const kindOf = (draft: ClientDraft): ClientKind => (draft.kind === 'native' ? 'native' : 'web')

/** What a draft is judged by. */
export interface Judge {
  /** The scopes of this hub. */
  scopes: ReadonlyMap<string, Scope>
  /** A developer's desk: redirect URIs may be loopback addresses, whatever the kind of client. */
  desk?: boolean
}

type Rule = (draft: ClientDraft, judge: Judge) => (string | null | [item: number, problem: string])[]

/** One rule a field. */
const rules: Readonly<Record<keyof ClientDraft, Rule>> = {
  id: ({ id }) => [/^[a-z][a-z0-9-]{1,63}$/.test(id) ? null : '须以小写字母开头，由小写字母、数字和连字符组成，2 至 64 个字符'],
  name: ({ name }) => [wordsProblem(name, 2, 40)],
  purpose: ({ purpose }) => [wordsProblem(purpose, 4, 100)],
  icon: ({ icon }) => [icon === null ? null : iconProblem(icon)],
  kind: ({ kind }) => [Object.hasOwn(clientKinds, kind) ? null : `只能是：${Object.keys(clientKinds).join('、')}`],
  redirectUris: (draft, { desk }) => [
    draft.grantTypes.includes('authorization_code') && draft.redirectUris.length === 0 ? 'authorization_code 至少要有一个回调地址' : null,
    draft.redirectUris.length > MAX_ITEMS ? `最多 ${MAX_ITEMS} 个` : null,
    ...each(draft.redirectUris, (uri) => redirectUriProblem(uri, kindOf(draft), desk)),
  ],
  scopes: (draft, { scopes: known }) => [
    draft.scopes.length === 0 ? '至少要有一项' : null,
    draft.scopes.includes('offline_access') && !draft.grantTypes.includes('refresh_token') ? 'offline_access 需要 refresh_token' : null,
    ...each(draft.scopes, (scope) => (known.has(scope) ? null : '本平台没有这个授权项')),
  ],
  grantTypes: (draft) => [
    draft.grantTypes.length === 0 ? '至少要有一种' : null,
    draft.grantTypes.includes('refresh_token') && !draft.grantTypes.includes('authorization_code')
      ? 'refresh_token 需要 authorization_code'
      : null,
    ...each(draft.grantTypes, (type) => grantProblem(type, kindOf(draft))),
  ],
  sector: ({ sector }) => [/^[a-z0-9][a-z0-9.-]{0,99}$/.test(sector) ? null : '由小写字母、数字、点和连字符组成，最多 100 个字符'],
  idTokenAlg: ({ idTokenAlg }) => [idTokenAlg === 'ES256' || idTokenAlg === 'RS256' ? null : '只能是：ES256、RS256'],
  trusted: (draft) => [draft.trusted && kindOf(draft) === 'native' ? '可信应用须有密钥，不能是本机应用' : null],
}

/** All that a draft consists of. */
export const clientFields: readonly string[] = Object.keys(rules)

/** → everything that is wrong with some fields of a draft. */
export function violationsOf(draft: ClientDraft, judge: Judge, fields: readonly string[]): Violation[] {
  return fields.flatMap((field) =>
    rules[field as keyof ClientDraft](draft, judge).flatMap((found) => {
      if (found === null) return []
      const [place, detail] = typeof found === 'string' ? ['', found] : [`/${found[0]}`, found[1]]
      return [{ pointer: `${AT}/${field}${place}`, detail }]
    }),
  )
}

function each(items: readonly string[], problem: (item: string) => string | null): [number, string][] {
  return items.flatMap((item, index): [number, string][] => {
    const found = items.indexOf(item) < index ? '重复' : problem(item)
    return found === null ? [] : [[index, found]]
  })
}

/** Words that citizens read on the consent page. */
function wordsProblem(text: string, min: number, max: number): string | null {
  const { length } = [...text]
  if (length < min || length > max) return `须有 ${min} 至 ${max} 个字`
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text) || text.trim() !== text ? '不能有控制字符，前后不能有空白' : null
}

function grantProblem(type: string, kind: ClientKind): string | null {
  const kinds = Object.hasOwn(grantTypes, type) ? grantTypes[type] : undefined
  if (!kinds) return `只能是：${Object.keys(grantTypes).join('、')}`
  return kinds.includes(kind) ? null : '本机应用没有密钥，不能用这种方式'
}
