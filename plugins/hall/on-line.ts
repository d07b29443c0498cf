import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Entry, Snapshot } from '../catalogue/entries.ts'
import type { Card, Zone } from './cards.ts'
import type { Search, Searched } from './search.ts'
import type { Rules } from './searching/rules.ts'

/** The hall at one moment of the catalogue. */
interface Shown {
  zones: readonly Zone[]
  cards: ReadonlyMap<string, Card>
  search(): Promise<Search<Card>>
}

/** The declared zones as administrators have them shown (docs/catalogue.md), made anew when the catalogue has changed. */
export function createShown(catalogue: Catalogue, declared: readonly Zone[], rulesNow: () => Rules): () => Shown {
  let made: { of: Snapshot; shown: Shown } | null = null
  return () => {
    if (made?.of !== catalogue.now) made = { of: catalogue.now, shown: show(catalogue, declared, rulesNow) }
    return made.shown
  }
}

function show(catalogue: Catalogue, declared: readonly Zone[], rulesNow: () => Rules): Shown {
  const { entryOf } = catalogue
  const isListed = ({ service }: Card) => catalogue.isListed(service.key)
  const weightOf = ({ service }: Card) => entryOf(service.key).weight
  const all = declared.map((zone) => ({
    ...zone,
    // Of one weight, services stay in their declared order.
    cards: zone.cards.map((card) => dress(card, entryOf(card.service.key))).sort((one, other) => weightOf(other) - weightOf(one)),
  }))
  const zones = all.map((zone) => ({ ...zone, cards: zone.cards.filter(isListed) })).filter(({ cards }) => cards.length > 0)
  let search: { by: Rules; made: Promise<Search<Card>> } | null = null
  return {
    zones,
    cards: new Map(all.flatMap(({ cards }) => cards.map((card) => [card.service.key, card] as const))),
    search() {
      const by = rulesNow()
      if (search?.by !== by) search = { by, made: makeSearch(zones, by) }
      return search.made
    },
  }
}

async function makeSearch(zones: readonly Zone[], { excluded, boosts, ...weights }: Rules): Promise<Search<Card>> {
  const { createSearch } = await import('./search.ts')
  const searched = zones.flatMap(({ cards }) => cards).filter(({ service }) => !excluded.includes(service.connector.id))
  const factors = new Map(boosts.map(({ service, factor }) => [service, factor]))
  return createSearch(searched, searchedCard, { ...weights, factorOf: ({ service }) => factors.get(service.key) ?? 1 })
}

/** By which a service is found. */
export function searchedCard({ name, zone, agency, summary, service: { connector } }: Card): Searched {
  return { name, place: [zone, connector.name, agency, summary ?? ''], sounds: [name, connector.name] }
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
