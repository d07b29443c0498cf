import type { Labels, Metric, Sample } from './metric.ts'
import { createSeriesMap } from './series.ts'

/** Seconds: from what a cache answers to the longest time limit of a service. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

interface Series {
  labels: Labels
  counts: Float64Array
  sum: number
}

/** Durations, counted in place: prom-client's own would hash its labels at every call. */
export interface Histogram extends Metric {
  observe(key: string, labels: () => Labels, ms: number): void
}

export function createHistogram(name: string, help: string, most?: number): Histogram {
  const series = createSeriesMap<Series>((labels) => ({ labels, counts: new Float64Array(BOUNDS.length + 1), sum: 0 }), most)
  return {
    name,
    help,
    type: 'histogram',
    observe(key, labels, ms) {
      const one = series.of(key, labels)
      const seconds = ms / 1000
      let index = 0
      while (index < BOUNDS.length && seconds > (BOUNDS[index] ?? 0)) index++
      one.counts[index] = (one.counts[index] ?? 0) + 1
      one.sum += seconds
    },
    read: () => series.all().flatMap((one) => samplesOf(name, one)),
  }
}

function samplesOf(name: string, { labels, counts, sum }: Series): Sample[] {
  let total = 0
  const buckets = [...BOUNDS.map(String), '+Inf'].map((le, index) => {
    total += counts[index] ?? 0
    return { name: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [...buckets, { name: `${name}_sum`, labels, value: sum }, { name: `${name}_count`, labels, value: total }]
}

/** Numbers that only grow, counted in place. */
export interface Counts extends Metric {
  add(key: string, labels: () => Labels): void
}

export function createCounts(name: string, help: string, most?: number): Counts {
  const series = createSeriesMap((labels) => ({ labels, value: 0 }), most)
  return {
    name,
    help,
    type: 'counter',
    add(key, labels) {
      series.of(key, labels).value++
    },
    read: () => series.all(),
  }
}
