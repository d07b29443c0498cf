import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { divisions } from '../../../core/contract/divisions.ts'
import type { Entry } from '../../catalogue/entries.ts'

interface Query {
  category?: string
  zone?: string
  region?: string
  q?: string
}

interface Wanted {
  /** Whether the question asks for less than everything. */
  narrows: boolean
  /** Where a service stands among those of its connector, the least first; null for one that is not wanted, or off line. */
  placeOf(key: string): number | null
  /** Connectors, where something was looked for, with what fits best first. */
  inOrder<T extends { id: string }>(connectors: readonly T[]): T[]
}

const WHOLE_CITY = '411000'

/** What a question for the catalogue asks for. Throws HUB_VALIDATION for a category, zone or division that there is not. */
export async function wantedIn(app: FastifyInstance, { category, zone, region, q }: Query, address: string): Promise<Wanted> {
  const { catalogue, hall } = app
  const meant = hall.zones.find(({ id, name }) => id === zone || name === zone)
  const unknown = [
    ...(category === undefined || catalogue.now.categories.some(({ id, shown }) => id === category && shown)
      ? []
      : [{ pointer: '/query/category', detail: '没有这个分类' }]),
    ...(zone === undefined || meant ? [] : [{ pointer: '/query/zone', detail: '没有这个专区' }]),
    ...(region === undefined || Object.hasOwn(divisions.values, region) ? [] : [{ pointer: '/query/region', detail: '没有这个区划' }]),
  ]
  if (unknown.length > 0) throw new HubError('HUB_VALIDATION', { errors: unknown })

  const found = q === undefined || q.trim() === '' ? null : (await hall.search()).find(q)
  if (q !== undefined && found) app.searching.counts.searched(q, found.length, address)
  const ranks = found && new Map(found.map(({ service }, rank) => [service.key, rank]))
  const inZone = meant && new Set(meant.cards.map(({ service }) => service.key))
  const isShown = (key: string, { categories, regions }: Entry) =>
    catalogue.isListed(key) &&
    (!inZone || inZone.has(key)) &&
    (category === undefined || categories.includes(category)) &&
    isIn(regions, region)

  return {
    narrows: [category, zone, region].some((each) => each !== undefined) || ranks !== null,
    placeOf(key) {
      const entry = catalogue.entryOf(key)
      if (!isShown(key, entry)) return null
      return ranks ? (ranks.get(key) ?? null) : -entry.weight
    },
    inOrder(connectors) {
      const order = [...new Set(found?.map(({ service }) => service.connector.id))]
      const place = ({ id }: { id: string }) => order.indexOf(id)
      return [...connectors].sort((one, other) => place(one) - place(other))
    },
  }
}

/** What is for the whole city is for each of its divisions. */
function isIn(regions: readonly string[], region: string | undefined): boolean {
  return region === undefined || regions.length === 0 || regions.includes(region) || regions.includes(WHOLE_CITY)
}
