import type { Labels } from './metric.ts'

/** Whatever labels come: beyond so many series the rest is one. */
const MOST = 2000
const OTHERS = '\0'

/** What is counted for each set of labels, by a key that is cheap to make: labels themselves are made once. */
export interface SeriesMap<S> {
  of(key: string, labels: () => Labels): S
  all(): S[]
}

export function createSeriesMap<S>(create: (labels: Labels) => S, most = MOST): SeriesMap<S> {
  const known = new Map<string, S>()

  function open(key: string, labels: () => Labels): S {
    const isOneMore = known.size < most
    const found = isOneMore ? undefined : known.get(OTHERS)
    if (found) return found
    const series = create(isOneMore ? labels() : Object.fromEntries(Object.keys(labels()).map((name) => [name, 'other'])))
    known.set(isOneMore ? key : OTHERS, series)
    return series
  }

  return {
    of: (key, labels) => known.get(key) ?? open(key, labels),
    all: () => [...known.values()],
  }
}
