import type { ConnectorDeclaration } from '../../core/contract/types.ts'

/** What a connector may say of its pages in the hall, beyond what follows from its services. */
export interface PagesPolicy {
  /** 所属专区; default: the connector's name. */
  zone?: string
  /** One or two characters that stand for it where a picture would; default: the first of its name. */
  icon?: string
  /** 服务简介: a sentence about the connector, read above its services. */
  introduction?: string
  /** Service ids in the order in which people look for them; those left out follow in the order of the declaration. */
  order?: readonly string[]
  /** Service ids under headings of their own. */
  groups?: Readonly<Record<string, readonly string[]>>
  /** 服务简介 of single services, by id: what it is for and what to have at hand. */
  help?: Readonly<Record<string, string>>
  /** 办理时效, by service id, as the agency promises it: `即时`, `3 个工作日`. */
  within?: Readonly<Record<string, string>>
  /** 热门推荐. */
  recommended?: readonly string[]
}

declare module '../../core/contract/types.ts' {
  interface ConnectorDeclaration {
    /** How its services are shown in the hall (docs/hall.md). */
    pages?: PagesPolicy
  }
}

const NAMES = ['order', 'recommended'] as const

/** → in Chinese, what a connector's pages name that is no service of it. */
export function checkPages({ services: declared, pages: policy = {} }: Pick<ConnectorDeclaration, 'services' | 'pages'>): string[] {
  const services = new Set(declared.map(({ contract }) => contract.id))
  const { groups = {}, help = {}, within = {}, ...pages } = policy
  const named = [
    ...NAMES.flatMap((place) => (pages[place] ?? []).map((id) => [place, id] as const)),
    ...Object.entries(groups).flatMap(([title, ids]) => ids.map((id) => [`groups.${title}`, id] as const)),
    ...Object.keys(help).map((id) => ['help', id] as const),
    ...Object.keys(within).map((id) => ['within', id] as const),
  ]
  return named.filter(([, id]) => !services.has(id)).map(([place, id]) => `pages.${place}：没有服务 ${id}`)
}
