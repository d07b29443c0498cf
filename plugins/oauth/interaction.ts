/** A grant ends after this long unless the user consents again: 90 days. */
export const GRANT_SECONDS = 90 * 86_400

/** → path of the page on which the hub asks the user, as browsers see it. */
export function interactionPath(issuer: string, uid: string): string {
  return `${new URL(issuer).pathname.replace(/\/$/, '')}/oauth/interaction/${uid}`
}
