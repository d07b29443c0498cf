/** → the path part of a base address, without a slash at its end. */
export function prefixOf(baseUrl: string): string {
  const { pathname } = new URL(baseUrl)
  return pathname.slice(0, [...pathname].findLastIndex((letter) => letter !== '/') + 1)
}
