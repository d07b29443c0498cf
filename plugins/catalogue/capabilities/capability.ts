/** Where a capability comes from. */
export const types = { service: '政务服务', platform: '平台能力', native: '移动端原生能力' } as const
export type CapabilityType = keyof typeof types

/** What a capability is, before anybody has said anything of it. */
export interface Described {
  /** `<connector>.<service>` of a service, otherwise a name in kebab-case. */
  id: string
  type: CapabilityType
  name: string
  version: string
  summary: string
  /** Who may use it, in words. */
  permission: string
  /** How often, in words; null where nothing is counted. */
  rate: string | null
  /** Where it is explained; null for what has only its page. */
  docs: string | null
  /** Ids of the operations by which it is used (`GET /openapi.json`). */
  operations: readonly string[]
  /** What goes in and comes out, by its titles: found by as well. */
  words: readonly string[]
}

/** What an administrator says of an ability of the app that he adds. */
export type Own = Pick<Described, 'name' | 'version' | 'summary' | 'permission' | 'rate' | 'docs'>

/** What is said of one beside what it is. */
export interface Said {
  /** Null for one that is declared. */
  own: Own | null
  owner: string | null
  tags: readonly string[]
  /** The heavier stands first. */
  weight: number
  /** 0 where nobody said anything yet. */
  revision: number
  /** Epoch milliseconds; null where nobody said anything yet. */
  createdAt: number | null
  changedAt: number | null
}

export const NOTHING_SAID: Said = {
  ...{ own: null, owner: null, tags: [], weight: 0 },
  ...{ revision: 0, createdAt: null, changedAt: null },
}

export type Capability = Described & Omit<Said, 'own'> & { declared: boolean }

export interface Group {
  id: string
  /** Null at the top. */
  parent: string | null
  name: string
  summary: string | null
  tags: readonly string[]
  weight: number
  /** Whether developers see it, and what lies below it. */
  shown: boolean
  revision: number
  /** Who made it; null where it came with the hub. */
  createdBy: string | null
  createdAt: number
  changedAt: number
  /** Ids of capabilities. */
  members: readonly string[]
}

/** What administrators have said, at one moment; every change makes another. */
export interface Snapshot {
  said: ReadonlyMap<string, Said>
  /** From the top down, the heavier first. */
  groups: readonly Group[]
}
