/** What a query or a form holds: every name with its texts, in their order. */
export function typedIn(parsed: unknown): Record<string, string[]> {
  const pairs = Object.entries((parsed ?? {}) as Readonly<Record<string, unknown>>)
  return Object.fromEntries(pairs.map(([name, value]) => [name, [value].flat().filter((each) => typeof each === 'string')]))
}
