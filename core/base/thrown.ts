/** → what was thrown, in words. Anything may be thrown, also what throws when it is looked at. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'it threw what cannot be read'
  }
}
