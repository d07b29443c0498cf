/** What the State Council arranged for one year: the days off, and the Saturdays and Sundays that are worked for them (调休). */
export interface Arrangement {
  year: number
  source: string
  /** YYYY-MM-DD. */
  published: string
  /** Days are YYYY-MM-DD; `to` is the last one off. */
  holidays: readonly { name: string; from: string; to: string; worked: readonly string[] }[]
}
