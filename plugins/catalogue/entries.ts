import type { Life } from './lives.ts'

/** From where citizens look at the services (contract 1.2.2.1). */
export const views = { hot: '民生热点', audience: '用户群体', topic: '办事主题' } as const
export type View = keyof typeof views

/** What the app must have before it opens a service (contract 1.2.2.2). */
export const permissions = { login: '登录', location: '定位', camera: '相机' } as const
export type Permission = keyof typeof permissions

export interface Category {
  id: string
  view: View
  name: string
  icon: string | null
  /** The heavier stands first. */
  weight: number
  /** Whether citizens see it. */
  shown: boolean
}

/** What administrators say of a service; null: as its connector declares. */
export interface Entry {
  name: string | null
  icon: string | null
  /** Where the app goes instead of the service's page. */
  address: string | null
  permissions: readonly Permission[]
  /** Codes of divisions; none: the whole city. */
  regions: readonly string[]
  weight: number
  recommended: boolean | null
  /** Ids of categories. */
  categories: readonly string[]
  online: boolean
  /** Why it is off line, in words for citizens. */
  reason: string | null
}

/** What is said of a service of which nobody said anything. */
export const AS_DECLARED: Entry = {
  ...{ name: null, icon: null, address: null, permissions: [], regions: [], weight: 0, recommended: null, categories: [] },
  ...{ online: true, reason: null },
}

/** The catalogue at one moment; every change makes another. */
export interface Snapshot {
  /** In their order: by view, the heavier first. */
  categories: readonly Category[]
  /** By `<connector>.<service>`; those of which something was said. */
  entries: ReadonlyMap<string, Entry>
  /** Of those that are off line, why; empty most of the time. */
  offline: ReadonlyMap<string, string>
  /** Of capabilities that will not be offered for ever, by id; empty most of the time. */
  lives: ReadonlyMap<string, Life>
  /** Those of them whose time is over. */
  withdrawn: ReadonlySet<string>
}
