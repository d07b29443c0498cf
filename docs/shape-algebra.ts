import type { Shape } from '../plugins/declarations/shape.ts'

export type Options = Extract<Shape, { options: unknown }>

export const isOptions = (shape: Shape): shape is Options => typeof shape === 'object' && 'options' in shape

export function memberOf(shape: Shape, name: string): Shape {
  return isOptions(shape) ? (shape.options[name] ?? shape.options[`${name}?`] ?? 'any') : 'any'
}

export function partial(shape: Shape): Shape {
  return isOptions(shape)
    ? { options: Object.fromEntries(Object.entries(shape.options).map(([key, of]) => [`${key.replace('?', '')}?`, of])) }
    : shape
}

export function exclude(shape: Shape, without: Shape): Shape {
  const words = wordsOf(without)
  return { words: wordsOf(shape).filter((word) => !words.includes(word)) }
}

export function pick(shape: Shape, isWanted: (option: string) => boolean): Shape {
  return isOptions(shape)
    ? { options: Object.fromEntries(Object.entries(shape.options).filter(([key]) => isWanted(key.replace('?', '')))) }
    : shape
}

export const wordsOf = (shape: Shape) => (typeof shape === 'object' && 'words' in shape ? shape.words : [])

/** All of them at once. What says anything says nothing more. */
export function join(shapes: readonly Shape[]): Shape {
  const said = shapes.filter((shape) => shape !== 'any')
  const parts = said.filter(isOptions)
  if (parts.length < said.length || parts.length === 0) return said[0] ?? 'any'
  return { options: Object.assign({}, ...parts.map(({ options }) => options)) }
}

/** One of them. Which options go together is for other checks: here an object may have those of all. */
export function merge(several: readonly Shape[]): Shape {
  const shapes = several.flatMap((shape) => (typeof shape === 'object' && 'either' in shape ? shape.either : [shape]))
  if (shapes.includes('any')) return 'any'
  const words = [...new Set(shapes.flatMap(wordsOf))]
  const objects = shapes.filter(isOptions)
  const others = shapes.filter((shape) => !isOptions(shape) && !(typeof shape === 'object' && 'words' in shape))
  const all: Shape[] = [
    ...new Map(others.map((shape) => [JSON.stringify(shape), shape])).values(),
    ...(words.length > 0 ? [{ words }] : []),
    ...(objects.length > 0 ? [union(objects)] : []),
  ]
  const [only] = all
  return all.length === 1 && only ? only : { either: all }
}

function union(objects: readonly Options[]): Options {
  const names = [...new Set(objects.flatMap(({ options }) => Object.keys(options).map((key) => key.replace('?', ''))))]
  const entries = names.map((name): [string, Shape] => {
    const isInAll = objects.every(({ options }) => name in options)
    return [`${name}${isInAll ? '' : '?'}`, merge(objects.flatMap(({ options }) => options[name] ?? options[`${name}?`] ?? []))]
  })
  return { options: Object.fromEntries(entries) }
}
