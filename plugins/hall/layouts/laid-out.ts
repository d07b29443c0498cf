import type { Card, Zone } from '../cards.ts'
import type { Audience, Component, Item, LayoutCard, styles } from './layout.ts'

/** Something to go to, as a page shows it. */
export interface Entry {
  service: string | null
  name: string
  /** A character or two. */
  icon: string
  address: string
  picture: string | null
  /** What is said below its name. */
  words: string
}

/** A card as somebody is shown it, now. */
export interface LaidOut {
  component: Component
  title: string | null
  text: string | null
  style: keyof typeof styles
  items: readonly Entry[]
}

/** What is known of the moment and of the one who looks. */
export interface View {
  cards: ReadonlyMap<string, Card>
  zones: readonly Zone[]
  isListed(service: string): boolean
  /** Calls of a service of late. */
  callsOf(service: string): number
  audience: Audience
  /** Keys of services. */
  favourites: readonly string[]
  recent: readonly string[]
  now: number
}

/** A layout for the one who looks: what is not for him, not of this time or empty is left out, what is of this time stands first. */
export function layOut(cards: readonly LayoutCard[], view: View): LaidOut[] {
  const wanted = cards.filter(({ audiences, scene }) => {
    const isFor = audiences.length === 0 || audiences.includes(view.audience)
    return isFor && (scene === null || (scene.from <= view.now && view.now < scene.to))
  })
  return [...wanted.filter(({ scene }) => scene !== null), ...wanted.filter(({ scene }) => scene === null)].flatMap((card) => {
    const { component, title, text, style } = card
    const items = itemsOf(card, view)
    const isEmpty = items.length === 0 && component !== 'search' && component !== 'notice'
    return isEmpty ? [] : [{ component, title: title ?? scenic(card), text, style, items }]
  })
}

const scenic = ({ scene }: LayoutCard) => scene?.name ?? null

function itemsOf({ component, items, order }: LayoutCard, view: View): Entry[] {
  const listed = (keys: readonly string[]) => keys.flatMap((key) => serviceEntry(key, view) ?? [])
  switch (component) {
    case 'services': {
      const shown = items.flatMap((item) => entryOf(item, view) ?? [])
      const calls = ({ service }: Entry) => (service === null ? 0 : view.callsOf(service))
      return order === 'frequency' ? shown.sort((one, other) => calls(other) - calls(one)) : shown
    }
    case 'favourites':
      return listed(view.favourites)
    case 'recent':
      return listed(view.recent.filter((key) => !view.favourites.includes(key)))
    case 'recommended':
      return listed(view.zones.flatMap((zone) => zone.cards.flatMap((card) => (card.recommended ? [card.service.key] : []))))
    case 'zones':
      return view.zones.map(({ id, name, icon, cards }) => ({
        ...{ service: null, name, icon, address: `/hall/zones/${id}`, picture: null, words: `${cards.length} 项服务` },
      }))
    default:
      return []
  }
}

function serviceEntry(key: string, { cards, isListed }: View): Entry | null {
  const card = cards.get(key)
  if (!card || !isListed(key)) return null
  const { name, icon, link, summary, category, agency } = card
  return { service: key, name, icon, address: link, picture: null, words: summary ?? `${category} · ${agency}` }
}

function entryOf({ service, name, address, picture }: Item, view: View): Entry | null {
  const own = service === null ? null : serviceEntry(service, view)
  if (service !== null && !own) return null
  const shown = name ?? own?.name ?? ''
  return {
    ...{ service, name: shown, icon: own?.icon ?? [...shown][0] ?? '', address: address ?? own?.address ?? '/hall', picture },
    words: own?.words ?? '',
  }
}
