/** The name that is most likely meant by one that there isn't; null where none is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  const word = name.toLowerCase()
  const [best] = names
    .map((each) => ({ each, steps: stepsBetween(word, each.toLowerCase()) }))
    .sort((one, other) => one.steps - other.steps)
  return best && best.steps <= (word.length < 4 ? 1 : 2) ? best.each : null
}

/** Letters to add, drop, or write otherwise until one word is the other (Levenshtein). */
function stepsBetween(word: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...word].entries()) {
    const next = [index + 1]
    for (let at = 0; at < other.length; at += 1)
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === other[at] ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}
