import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Entry, Snapshot } from '../catalogue/entries.ts'
import type { Card, Zone } from './cards.ts'
import type { Search } from './search.ts'

/** The hall at one moment of the catalogue. */
interface Shown {
  zones: readonly Zone[]
  cards: ReadonlyMap<string, Card>
  search(): Promise<Search>
}

/** The declared zones as administrators have them shown (docs/catalogue.md), made anew when the catalogue has changed. */
export function createShown(catalogue: Catalogue, declared: readonly Zone[]): () => Shown {
  let made: { of: Snapshot; shown: Shown } | null = null
  return () => {
    if (made?.of !== catalogue.now) made = { of: catalogue.now, shown: show(catalogue, declared) }
    return made.shown
  }
}

function show({ entryOf }: Pick<Catalogue, 'entryOf'>, declared: readonly Zone[]): Shown {
  const isOnline = ({ service }: Card) => entryOf(service.key).online
  const weightOf = ({ service }: Card) => entryOf(service.key).weight
  const all = declared.map((zone) => ({
    ...zone,
    // Of one weight, services stay in their declared order.
    cards: zone.cards.map((card) => dress(card, entryOf(card.service.key))).sort((one, other) => weightOf(other) - weightOf(one)),
  }))
  const zones = all.map((zone) => ({ ...zone, cards: zone.cards.filter(isOnline) })).filter(({ cards }) => cards.length > 0)
  let search: Promise<Search> | null = null
  return {
    zones,
    cards: new Map(all.flatMap(({ cards }) => cards.map((card) => [card.service.key, card] as const))),
    search() {
      search ??= import('./search.ts').then(({ createSearch }) => createSearch(zones.flatMap(({ cards }) => cards)))
      return search
    },
  }
}

/** Longer ones are addresses of pictures, which pages of the hall do not load. */
const CHARACTERS = 2

function dress(card: Card, { name, icon, address, recommended }: Entry): Card {
  return {
    ...card,
    name: name ?? card.name,
    icon: icon !== null && [...icon].length <= CHARACTERS ? icon : card.icon,
    link: address ?? card.link,
    recommended: recommended ?? card.recommended,
  }
}
