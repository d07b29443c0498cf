import type { FastifyInstance } from 'fastify'
import { divisions } from '../../../core/contract/divisions.ts'
import { type Category, views } from '../../catalogue/entries.ts'

export function presentCategory({ id, view, name, icon, weight }: Category) {
  return { id, view: { code: view, name: views[view] }, name, icon, weight }
}

/** The fields of the contract's 1.3.3.1, as declared and as administrators have them shown; null for a service without a page. */
export function presentCard({ catalogue, hall, services }: FastifyInstance, key: string) {
  const card = hall.cards.get(key)
  if (!card) return null
  const entry = catalogue.entryOf(key)
  const shown = new Set(catalogue.now.categories.flatMap((category) => (category.shown ? [category.id] : [])))
  const needsLogin = services.get(key)?.contract.identity !== 'none'
  return {
    name: card.name,
    icon: entry.icon ?? card.icon,
    category: card.category,
    zone: card.zone,
    summary: card.summary,
    address: card.link,
    access: card.access,
    agency: card.agency,
    within: card.within,
    recommended: card.recommended,
    permissions: [...new Set([...(needsLogin ? ['login'] : []), ...entry.permissions])],
    regions: entry.regions.map((code) => ({ code, name: divisions.values[code] ?? code })),
    weight: entry.weight,
    categories: entry.categories.filter((id) => shown.has(id)),
  }
}
