import Type from 'typebox'

/** Who may administer it, and from where. */
export const administrationSettings = {
  ADMIN_AUDIENCE: Type.String({
    default: '',
    description: 'Audience (aud) that a token must name at /admin, beside TOKEN_AUDIENCE or alone (empty: <TOKEN_AUDIENCE>-admin)',
  }),
  ADMIN_ADDRESSES: Type.String({
    default: '',
    description:
      'Addresses and blocks (10.1.0.0/16, fd00::/8) from which /admin may be called and /console be opened, comma-separated (empty: any). Required in production; 0.0.0.0/0,::/0 says any on purpose',
  }),
  ADMIN_SECOND_FACTOR: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description: 'Whether /admin asks for a second factor, a time-based code (docs/identity.md); auto: unless the sandbox is on',
  }),
  ADMIN_REQUEST_HOURS: Type.Integer({
    default: 72,
    minimum: 1,
    maximum: 720,
    description: 'Hours for which what takes two administrators waits for the second one (docs/identity.md)',
  }),
  LOCKOUT_FAILURES: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 1000,
    description:
      'Failed log-ins and face verifications in a row that lock an account; 0 never does. This and the two below hold until administrators set others (docs/user-centre.md)',
  }),
  LOCKOUT_WINDOW_MINUTES: Type.Integer({
    default: 15,
    minimum: 1,
    maximum: 1440,
    description: 'Minutes within which these must have been',
  }),
  LOCKOUT_MINUTES: Type.Integer({ default: 15, minimum: 1, maximum: 10_080, description: 'Minutes for which such a lock holds' }),
}
