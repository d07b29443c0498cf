import { masks } from '../../core/contract/masks.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { User } from '../users/users.ts'

export interface ScopeField {
  /** Name in userinfo (OpenID Connect Core §5.1 where it has one). */
  claim: string
  title: string
  /** Without it the provider finds the value itself: it stands in no user's row. */
  value?(user: User): string | null
}

/** What a third party may ask a user for, as the consent page shows it. */
export interface Scope {
  id: string
  title: string
  /** Fields of userinfo that the scope opens; none for those that open a service. */
  fields: readonly ScopeField[]
  /** Names of the services that it opens, where it opens several. */
  services?: readonly string[]
  /** Sensitive personal information (个人信息保护法 第二十八条): what makes it so, in words for citizens. */
  sensitive?: string
  /** The user cannot refuse it and still authorise. */
  required?: boolean
}

/** What somebody acts for: names of enterprises, which the provider asks the mandates for. */
export const ENTERPRISE = 'enterprise'

const masked = (user: User) => (user.person ? masks.name(user.person.name) : null)
const international = (phone: string | null) => (phone === null ? null : `+86${phone}`)

/** Scopes about the user. What the hub's own store doesn't hold is in no scope. */
const ABOUT_USER: readonly Scope[] = [
  { id: 'openid', title: '您在该应用中的专属编号', fields: [], required: true },
  { id: 'offline_access', title: '在您不使用该应用时继续访问已同意的内容', fields: [] },
  {
    id: 'profile',
    title: '基本资料',
    fields: [
      { claim: 'nickname', title: '昵称（没有昵称的，为隐去部分的姓名）', value: (user) => user.profile().nickname ?? masked(user) },
      { claim: 'picture', title: '头像', value: (user) => user.profile().avatarUrl },
      { claim: 'level', title: '实名等级', value: ({ level }) => level },
    ],
  },
  // OpenID Connect Core §5.1 writes numbers as E.164 does; the hub knows mobile numbers of the mainland only.
  {
    id: 'phone',
    title: '手机号码',
    fields: [{ claim: 'phone_number', title: '手机号码', value: (user) => international(user.profile().phone) }],
  },
  { id: 'real-name', title: '真实姓名', fields: [{ claim: 'name', title: '姓名', value: ({ person }) => person?.name ?? null }] },
  {
    id: 'id-number',
    title: '证件号码',
    sensitive: '证件号码属于敏感个人信息，泄露后可能被他人冒用。',
    fields: [
      { claim: 'id_type', title: '证件类型', value: ({ person }) => person?.idType ?? null },
      { claim: 'id_number', title: '证件号码', value: ({ person }) => person?.idNumber ?? null },
    ],
  },
  {
    id: ENTERPRISE,
    title: '您担任法定代表人或经办人的企业',
    fields: [{ claim: 'enterprises', title: '企业名称、统一社会信用代码、法定代表人姓名、您的身份' }],
  },
]

/** What agencies keep of a person tells of property, health or work; none of it is treated as ordinary. */
const SENSITIVE = '可能涉及您的财产、健康、就业等敏感个人信息。'

/** Every scope of this hub by id: those about the user, one a connector, one a service that asks who is calling. */
export function listScopes(connectors: readonly ConnectorDeclaration[]): ReadonlyMap<string, Scope> {
  const services = connectors.flatMap(({ id, name, services }): Scope[] => {
    const personal = services.map(({ contract }) => contract).filter(({ identity }) => identity !== 'none')
    const common = { fields: [], sensitive: SENSITIVE }
    return [
      { ...common, id, title: `以您的身份使用“${name}”的全部服务`, services: personal.map((contract) => contract.name) },
      ...personal.map((contract) => ({ ...common, id: `${id}.${contract.id}`, title: `以您的身份使用“${name}”的“${contract.name}”` })),
    ]
  })
  return new Map([...ABOUT_USER, ...services].map((scope) => [scope.id, scope]))
}

/** → scope → names of claims, as oidc-provider wants them. */
export function claimsByScope(): Record<string, string[]> {
  const named = ABOUT_USER.filter(({ fields }) => fields.length > 0).map(({ id, fields }) => [id, fields.map(({ claim }) => claim)])
  return { openid: ['sub'], ...(Object.fromEntries(named) as Record<string, string[]>) }
}

/** → the claims that a space-separated scope opens, with their values; a field without one is left out. */
export function claimsOf(user: User, scope: string): Record<string, string> {
  const granted = new Set(scope.split(' '))
  const fields = ABOUT_USER.filter(({ id }) => granted.has(id)).flatMap((each) => each.fields)
  return Object.fromEntries(fields.map(({ claim, value }) => [claim, value?.(user) ?? null]).filter(([, value]) => value !== null))
}

/** Whether one of the scopes held covers another: `housing-fund` covers `housing-fund.loans`. */
export function holds(held: readonly string[], wanted: string): boolean {
  return held.some((scope) => scope === wanted || wanted.startsWith(`${scope}.`))
}

/** → what two lists of scopes both allow, each in its narrower form. */
export function meet(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a.filter((scope) => holds(b, scope)), ...b.filter((scope) => holds(a, scope))])]
}
