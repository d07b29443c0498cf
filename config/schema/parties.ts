import Type from 'typebox'
import { secret } from './secret.ts'

/** Whom it asks: connectors, the exchange, the sign-on, the face check. */
export const partiesSettings = {
  CONNECTORS_FILE: Type.String({
    default: '',
    description: 'JSON file with per-connector settings: service ids, base addresses, credentials (docs/configuration.md)',
  }),
  CONNECTOR_PACKAGES: Type.String({
    default: '',
    // A name as npm takes it: no part of it begins with a dot, so that none leads out of node_modules.
    pattern: '^([a-z][a-z0-9-]*=(@[a-z0-9_-][a-z0-9._-]*/)?[a-z0-9-][a-z0-9._-]*(,(?!$)|$))*$',
    description:
      'Connectors that are npm packages, as id=package, comma-separated; each must be installed from package-lock.json (docs/packages.md)',
  }),
  CONNECTOR_CANDIDATES: Type.String({
    default: '',
    pattern: '^([a-z][a-z0-9-]*=((@[a-z0-9._-]+/)?[a-z0-9._-]+|\\.{0,2}/[A-Za-z0-9._/-]+)(,(?!$)|$))*$',
    description:
      'Second versions of connectors beside the running ones, as id=package or id=./folder, comma-separated: asked for comparison, or by a part of the users (docs/candidates.md)',
  }),
  EXCHANGE_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Gateway of the data exchange platform (empty: the sandbox answers)',
  }),
  EXCHANGE_REQUESTER_ID: Type.String({ default: '', maxLength: 128, description: 'Requester id (rid) that the exchange platform issued' }),
  EXCHANGE_APP_KEY: Type.String({ default: '', description: 'Application key that the exchange platform issued', ...secret }),
  EXCHANGE_HEADER_PREFIX: Type.String({
    default: 'gjgxjhpt',
    pattern: '^[a-z]+$',
    description: 'Prefix of the platform’s request headers: gjgxjhpt, gjzwfwpt …',
  }),
  SIGN_ON_PROFILE: Type.Enum(['ticket', 'oauth2'], {
    default: 'ticket',
    description: 'How users sign on at the app: ticket → token → user, or OAuth2 code → token → user (docs/sign-on.md)',
  }),
  SIGN_ON_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Address of the app’s sign-on (empty: the sandbox’s simulator; without the sandbox nobody signs on)',
  }),
  SIGN_ON_ISSUER: Type.String({
    default: '',
    maxLength: 200,
    description: 'Who gave the ids of users that the sign-on names (empty: TOKEN_ISSUER, or else SIGN_ON_BASE_URL)',
  }),
  SIGN_ON_APP_ID: Type.String({ default: '', maxLength: 200, description: 'App id (client id) that the sign-on gave the hub' }),
  SIGN_ON_ACCESS_KEY: Type.String({
    default: '',
    maxLength: 200,
    description: 'Access key of signed requests in the ticket profile (empty: SIGN_ON_APP_ID)',
  }),
  SIGN_ON_APP_SECRET: Type.String({ default: '', description: 'Secret key (client secret) that belongs to it', ...secret }),
  SIGN_ON_SCOPE: Type.String({ default: '', description: 'Scope that the oauth2 profile asks for' }),
  SIGN_ON_PKCE: Type.Enum(['on', 'off'], { default: 'on', description: 'Whether the oauth2 profile uses PKCE (S256)' }),
  SIGN_ON_PATHS: Type.String({
    default: '',
    description: 'JSON: paths of the sign-on that differ from the profile’s: authorize, token, user',
  }),
  SIGN_ON_FIELDS: Type.String({ default: '', description: 'JSON: where its answers hold which fact, as dotted paths (docs/sign-on.md)' }),
  SIGN_ON_LEVELS: Type.String({
    default: '',
    description: 'JSON: its real-name levels → login or real-name (empty: 1 login, 2 and 3 real-name)',
  }),
  SIGN_ON_ID_TYPES: Type.String({
    default: '',
    description: 'JSON: its id types → two digits, 01 for identity cards (empty: 1, 01 and 111 → 01)',
  }),
  FACE_BASE_URL: Type.String({
    default: '',
    pattern: '^(https?://.+)?$',
    description: 'Address of the face verification provider (empty: the sandbox’s; without the sandbox there is none)',
  }),
  FACE_APP_ID: Type.String({ default: '', maxLength: 200, description: 'App id that the provider gave the hub' }),
  FACE_APP_SECRET: Type.String({ default: '', description: 'Secret key that belongs to it', ...secret }),
  FACE_ISSUER: Type.String({ default: '', description: 'Issuer (iss) of the provider’s assertions (empty: FACE_BASE_URL)' }),
}
