import Type from 'typebox'

/** Its own addresses, and whose tokens it believes. */
export const tokensSettings = {
  PUBLIC_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+[^/?#])?$',
    description: 'Address of the hub as browsers and agencies see it, without a closing slash (empty: http://HOST:PORT)',
  }),
  ACCOUNT_RETURN_URLS: Type.String({
    default: '',
    description: 'Addresses to which a browser may return after authorising at an agency, comma-separated, without query',
  }),
  APP_ORIGINS: Type.String({
    default: '',
    pattern: '^(https?://[^/,]+(,https?://[^/,]+)*)?$',
    description:
      'Origins of the app’s own web pages that may call /v1 from a browser, comma-separated; those of registered clients may anyway',
  }),
  SECURITY_CONTACT: Type.String({
    default: '',
    pattern: '^((mailto:|tel:|https://).+)?$',
    description: 'Where weaknesses are reported, for /.well-known/security.txt (empty: there is none)',
  }),
  TOKEN_ISSUER: Type.String({ default: '', description: 'Issuer (iss) of the app’s access tokens. Required in production' }),
  TOKEN_JWKS_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Where that issuer publishes its keys. Required in production',
  }),
  TOKEN_AUDIENCE: Type.String({ default: 'xuchang-hub', description: 'Audience (aud) that a token must name' }),
  TOKEN_TYPE: Type.Enum(['at+jwt', 'JWT'], {
    default: 'at+jwt',
    description: 'Type (typ) that the header of a token must name; ID tokens are refused under either (docs/authorization.md)',
  }),
  TOKEN_MAX_MINUTES: Type.Integer({
    default: 1440,
    minimum: 1,
    maximum: 43_200,
    description: 'Longest life of a token, from iat to exp: one that lives longer is refused',
  }),
  TOKEN_ALGORITHMS: Type.String({ default: 'ES256,EdDSA,RS256,PS256', description: 'Signature algorithms that are accepted' }),
  PLAIN_HTTP_HOSTS: Type.String({
    default: '',
    description: 'Hosts of agencies and issuers that production may reach without TLS, comma-separated: lines that are protected otherwise',
  }),
  FILE_LINK_SECONDS: Type.Integer({
    default: 300,
    minimum: 10,
    maximum: 3600,
    description: 'Seconds for which the link to an agency’s file works, for whoever asked for its record (docs/agency-files.md)',
  }),
  OAUTH_REFRESH_REUSE_SECONDS: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 60,
    description: 'Seconds in which an application may use a refresh token once more, for the same answer; 0: used twice, the grant ends',
  }),
}
