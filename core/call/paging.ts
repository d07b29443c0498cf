import type { Paging } from '../contract/types.ts'
import type { Outgoing, Verb } from '../upstream/dialect.ts'
import { compilePlace } from './placing.ts'

/** Part of a list: which page of it (from 0), and how many rows a page has. */
export interface Window {
  index: number
  rows: number
}

/** → the call for one page of the list. */
export function compilePaging(paging: Paging, method: Verb): (outgoing: Outgoing, window: Window) => Outgoing {
  const [position, size] = paging.style === 'page' ? [paging.page, paging.size] : [paging.start, paging.limit]
  const placePosition = compilePlace(position, method)
  const placeSize = compilePlace(size, method)
  return (outgoing, { index, rows }) => {
    const params = { ...outgoing.params }
    placePosition(params, (paging.style === 'page' ? index : index * rows) + paging.base)
    placeSize(params, rows)
    return { ...outgoing, params }
  }
}
