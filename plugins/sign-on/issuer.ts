import type { Settings } from '../../config/settings.ts'

/** → who gave the ids of users that the sign-on names: the operator's word, else the issuer of its tokens, else the sandbox's. */
export function signOnIssuer(
  { SIGN_ON_BASE_URL, SIGN_ON_ISSUER, TOKEN_ISSUER }: Pick<Settings, 'SIGN_ON_BASE_URL' | 'SIGN_ON_ISSUER' | 'TOKEN_ISSUER'>,
  sandbox: { readonly issuer: { readonly issuer: string } } | null,
): string {
  if (SIGN_ON_ISSUER) return SIGN_ON_ISSUER
  if (sandbox && !SIGN_ON_BASE_URL) return sandbox.issuer.issuer
  return TOKEN_ISSUER || SIGN_ON_BASE_URL
}
