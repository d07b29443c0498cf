import type { Group } from './capability.ts'

/** How far groups go down. */
export const DEEPEST = 5

type Linked = Pick<Group, 'id' | 'parent'>

/** → the groups that one lies in, the nearest first. */
export function ancestorsOf(groups: readonly Linked[], id: string): string[] {
  const parents = new Map(groups.map((group) => [group.id, group.parent]))
  const way: string[] = []
  for (let at = parents.get(id) ?? null; at !== null && !way.includes(at); at = parents.get(at) ?? null) way.push(at)
  return way
}

/** → the group and all that lie in it, however deep. */
export function withBelow(groups: readonly Linked[], id: string): Set<string> {
  return new Set(groups.filter((group) => group.id === id || ancestorsOf(groups, group.id).includes(id)).map((group) => group.id))
}

/** → why a group cannot go below another one, in words; null where it can. `id`: null for one that is not there yet. */
export function whyNotBelow(groups: readonly Linked[], id: string | null, parent: string | null): string | null {
  if (parent === null) return null
  if (!groups.some((group) => group.id === parent)) return '没有这个上级分组'
  const below = id === null ? new Set<string>() : withBelow(groups, id)
  if (below.has(parent)) return '分组不能放到自己或自己的下级之下'
  const levels = [...below].map((each) => ancestorsOf(groups, each).length - ancestorsOf(groups, id ?? '').length)
  const deepest = ancestorsOf(groups, parent).length + 2 + Math.max(0, ...levels)
  return deepest > DEEPEST ? `分组最多 ${DEEPEST} 级` : null
}

/** The groups that developers see: those that are shown, in groups that are shown. */
export function shownGroups(groups: readonly Group[]): Group[] {
  const hidden = new Set(groups.filter(({ shown }) => !shown).map(({ id }) => id))
  return groups.filter(({ id }) => !hidden.has(id) && !ancestorsOf(groups, id).some((each) => hidden.has(each)))
}
