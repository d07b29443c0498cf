import { HubError } from '../../../core/base/errors.ts'
import type { Capability, CapabilityType, Snapshot } from '../../catalogue/capabilities/capability.ts'
import type { Capabilities } from '../../catalogue/capabilities/index.ts'
import { shownGroups, withBelow } from '../../catalogue/capabilities/tree.ts'
import type { Search } from '../../hall/search.ts'

export interface Wanted {
  q?: string
  group?: string
  tag?: string
  type?: CapabilityType
}

/** Finds capabilities by words and pinyin, as the hall finds services; narrowed by group, tag and type. */
export function createDirectory(capabilities: Capabilities, isListed: (id: string) => boolean) {
  let made: { of: Snapshot; search: Promise<Search<Capability>> } | null = null

  function search(): Promise<Search<Capability>> {
    if (made?.of !== capabilities.now) {
      const all = capabilities.all()
      const searched = ({ name, summary, tags, words }: Capability) => ({ name, place: [summary, ...tags, ...words], sounds: [name] })
      made = { of: capabilities.now, search: import('../../hall/search.ts').then(({ createSearch }) => createSearch(all, searched)) }
    }
    return made.search
  }

  return {
    /** What fits best first, otherwise the heavier. Throws HUB_VALIDATION for a group that there is not. */
    async find({ q, group, tag, type }: Wanted): Promise<readonly Capability[]> {
      const groups = shownGroups(capabilities.now.groups)
      if (group !== undefined && !groups.some(({ id }) => id === group))
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/group', detail: '没有这个分组' }] })
      const inside = group === undefined ? null : withBelow(groups, group)
      const members = inside && new Set(groups.flatMap(({ id, members }) => (inside.has(id) ? members : [])))
      // Whatever stands in a group with the tag is found by it as well.
      const tagged = new Set(groups.flatMap(({ tags, members }) => (tag !== undefined && tags.includes(tag) ? members : [])))
      const all = q === undefined || q.trim() === '' ? capabilities.all() : (await search()).find(q)
      return all.filter(
        (each) =>
          isListed(each.id) &&
          (!members || members.has(each.id)) &&
          (tag === undefined || each.tags.includes(tag) || tagged.has(each.id)) &&
          (type === undefined || each.type === type),
      )
    },
  }
}
