import type { Row } from '../../../core/answer/reading.ts'
import type { InputNotes } from '../../../core/contract/inputs.ts'

const EARTH_M = 6_371_000
const RADIANS = Math.PI / 180

/** → fills in how far each row, or each item of a list in it, lies from a place; a list comes out nearest first. Keeps them all. */
export function nearest({ near, field = '' }: InputNotes, place: string): (row: Row) => true {
  const [from, to] = place.split(',').map(Number) as [number, number]
  const [list, column] = field.includes('.') ? field.split('.') : [undefined, field]
  const nameOf = (path = '') => path.slice(path.indexOf('.') + 1)
  const [longitude, latitude] = [nameOf(near?.longitude), nameOf(near?.latitude)]
  const measure = (item: Row) => {
    item[column as string] = metres([from, to], [item[longitude], item[latitude]])
  }
  return (row) => {
    const items = list === undefined ? [row] : row[list]
    if (!Array.isArray(items)) return true
    for (const item of items as Row[]) measure(item)
    if (list !== undefined) (items as Row[]).sort((a, b) => far(a[column as string]) - far(b[column as string]))
    return true
  }
}

/** Great-circle distance; null of what does not say where it is. */
function metres([lng, lat]: [number, number], [otherLng, otherLat]: [unknown, unknown]): number | null {
  if (typeof otherLng !== 'number' || typeof otherLat !== 'number') return null
  const [dLat, dLng] = [(otherLat - lat) * RADIANS, (otherLng - lng) * RADIANS]
  const half = Math.sin(dLat / 2) ** 2 + Math.cos(lat * RADIANS) * Math.cos(otherLat * RADIANS) * Math.sin(dLng / 2) ** 2
  return Math.round(2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half))))
}

const far = (distance: unknown) => (typeof distance === 'number' ? distance : Number.MAX_VALUE)
