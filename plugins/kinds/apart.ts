/** A service id of a double's own (`ServiceKind.double`); where it is a path at the agency, another path. */
export function apart(place: string, sid: string): string {
  return sid.startsWith('/') ? `/${place}${sid}` : `${place}.${sid}`
}
