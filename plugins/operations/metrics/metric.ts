export type Labels = Readonly<Record<string, string>>

/** One value of a metric; `name` where it is not the metric's own, as with the parts of a histogram. */
export interface Sample {
  labels: Labels
  value: number
  name?: string
}

/** What is read when somebody looks, from what is counted or kept anyway. Names follow Prometheus: base units, `_total` for counters. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  read(): readonly Sample[] | Promise<readonly Sample[]>
}

export const gauge = (name: string, help: string, read: Metric['read']): Metric => ({ name, help, type: 'gauge', read })
export const counter = (name: string, help: string, read: Metric['read']): Metric => ({ name, help, type: 'counter', read })
export const sample = (value: number, labels: Labels = {}): Sample => ({ labels, value })
