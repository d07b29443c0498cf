/** Lines that a writer gets to see before it adds its own. */
export interface Seen {
  /** Those that came since its last turn; on the first turn the last ones there. */
  readonly lines: readonly string[]
  /** Whether lines that it had seen are no longer there. */
  readonly shrunk: boolean
}

/** Where checkpoints go: another place than the store's, to which lines are added and nothing else. */
export interface HeadsPlace {
  /** For messages; never a password. */
  readonly name: string
  /** Adds the line that `next` makes of what it sees, alone with the place meanwhile; null adds none. Rejects when that cannot be done. */
  append(next: (seen: Seen) => string | null): Promise<void>
  /** All lines, from the first. Throws when they cannot be read; a place that isn't there yet has none. */
  lines(): AsyncIterable<string>
  close(): Promise<void>
}
