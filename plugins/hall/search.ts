import MiniSearch from 'minisearch'
import { pinyin } from 'pinyin-pro'
import { halfWidth } from '../../core/base/half-width.ts'

/** Finds things by any part of their names, by pinyin, by its initials, and in spite of a wrong character or letter. */
export interface Search<T> {
  /** What fits best comes first. */
  find(words: string): T[]
}

/** By which something is found. */
export interface Searched {
  name: string
  /** Where it belongs and what it does: counts for less than its name. */
  place: readonly string[]
  /** What is also found by its sound. */
  sounds: readonly string[]
}

const LONGEST = 40
const CHINESE = /[\u3400-\u9fff]/

/** How much each counts; 0 is not searched. */
export interface Weights<T> {
  name: number
  place: number
  sound: number
  /** Of one thing, beside its words. */
  factorOf?(thing: T): number
}

const USUAL = { name: 3, place: 1, sound: 2 }

export function createSearch<T>(things: readonly T[], searchedOf: (thing: T) => Searched, weights: Weights<T> = USUAL): Search<T> {
  const fields = (['name', 'place', 'sound'] as const).filter((field) => weights[field] > 0)
  const factorOf = (id: number) => weights.factorOf?.(things[id] as T) ?? 1
  const index = new MiniSearch<{ id: number; name: string; place: string; sound: string }>({
    fields: ['name', 'place', 'sound'],
    tokenize: (text) => text.split(' ').filter((token) => token !== ''),
    processTerm: (term) => term,
  })
  index.addAll(
    things.map((thing, id) => {
      const { name, place, sounds } = searchedOf(thing)
      return {
        id,
        name: piecesOf(name).join(' '),
        place: place.flatMap(piecesOf).join(' '),
        sound: [...new Set(sounds.flatMap(soundsOf))].join(' '),
      }
    }),
  )

  return {
    find(words) {
      const text = halfWidth(words).toLowerCase().replace(/\s+/g, '').slice(0, LONGEST)
      if (text === '') return []
      const chinese = CHINESE.test(text)
      // What sounds the same is written wrong most often, so Chinese is looked for by its sound as well.
      const sound = chinese ? spell(text) : text.replace(/[^a-z0-9]/g, '')
      const terms = [...(chinese ? piecesOf(text) : []), ...(sound === '' ? [] : [sound])]
      const found = index.search(terms.join(' '), {
        fields: [...fields],
        boost: Object.fromEntries(fields.map((field) => [field, weights[field]])),
        boostDocument: (id) => factorOf(Number(id)),
        prefix: (term) => !CHINESE.test(term),
        fuzzy: (term) => (CHINESE.test(term) || term.length < 5 ? false : 0.2),
      })
      const [best] = found
      // What shares one character with what was typed is not what was meant.
      return best ? found.filter(({ score }) => score >= best.score / 4).flatMap(({ id }) => things[Number(id)] ?? []) : []
    },
  }
}

/** Single characters say little, pairs of them most of what a word does. */
function piecesOf(text: string): string[] {
  const plain = halfWidth(text).toLowerCase()
  const characters = [...plain].filter((character) => CHINESE.test(character))
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`)
  const latin = plain.match(/[a-z0-9]{2,}/g) ?? []
  return characters.length === 1 ? characters : [...pairs, ...latin]
}

const spell = (text: string) =>
  pinyin(text, { toneType: 'none', type: 'array', nonZh: 'consecutive' })
    .join('')
    .replace(/[^a-z0-9]/g, '')

/** The whole name and each end of it, so that what is typed may begin anywhere; and the same in initials. */
function soundsOf(text: string): string[] {
  const syllables = pinyin(text, { toneType: 'none', type: 'array', nonZh: 'removed' })
  const ends = syllables.map((_, from) => syllables.slice(from))
  return ends.flatMap((end) => (end.length < 2 ? [] : [end.join(''), end.map(([initial]) => initial).join('')]))
}
