import type { Knex } from 'knex'
import type { Group, Own, Said, Snapshot } from './capability.ts'

interface CapabilityRow {
  id: string
  own: string | null
  owner: string | null
  tags: string
  weight: number
  revision: number
  created_at: number | string
  changed_at: number | string
}

interface GroupRow {
  id: string
  parent: string
  name: string
  summary: string | null
  tags: string
  weight: number
  shown: boolean | number
  revision: number
  created_by: string | null
  created_at: number | string
  changed_at: number | string
}

const texts = (json: string) => JSON.parse(json) as string[]

/** Reads all that administrators have said of capabilities. */
export async function readCapabilities(database: Knex): Promise<Snapshot> {
  const [said, groups, bindings] = await Promise.all([
    database<CapabilityRow>('capabilities').select(),
    database<GroupRow>('capability_groups').select(),
    database<{ group_id: string; capability: string }>('capability_bindings').orderBy('capability').select(),
  ])
  const membersOf = Map.groupBy(bindings, ({ group_id }) => group_id)
  return {
    said: new Map(said.map((row) => [row.id, toSaid(row)])),
    groups: groups.map((row) => toGroup(row, membersOf.get(row.id)?.map(({ capability }) => capability) ?? [])).sort(inOrder),
  }
}

function toSaid({ own, owner, tags, weight, revision, created_at, changed_at }: CapabilityRow): Said {
  const times = { createdAt: Number(created_at), changedAt: Number(changed_at) }
  return { own: own === null ? null : (JSON.parse(own) as Own), owner, tags: texts(tags), weight, revision, ...times }
}

function toGroup({ id, parent, name, summary, tags, weight, shown, revision, ...row }: GroupRow, members: string[]): Group {
  return {
    ...{ id, parent: parent === '' ? null : parent, name, summary, tags: texts(tags), weight, shown: Boolean(shown), revision, members },
    ...{ createdBy: row.created_by, createdAt: Number(row.created_at), changedAt: Number(row.changed_at) },
  }
}

/** Of one weight, by name, so that the order is the same in every process. */
function inOrder(one: Group, other: Group): number {
  return other.weight - one.weight || (one.name < other.name ? -1 : 1)
}
