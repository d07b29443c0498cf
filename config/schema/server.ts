import Type from 'typebox'

/** How it listens, how long it waits, and what one address may send. */
export const serverSettings = {
  NODE_ENV: Type.Enum(['development', 'test', 'production'], {
    default: 'development',
    description: 'production turns the sandbox and every generated key off',
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'Port to listen on; 0 takes a free one' }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'Lowest level that is logged',
  }),
  TRUST_PROXY: Type.String({
    default: '',
    description: 'Addresses of the reverse proxies whose X-Forwarded-For is believed, comma-separated (empty: none)',
  }),
  REQUEST_TIMEOUT_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds within which a whole request must have come, body included',
  }),
  HEADERS_TIMEOUT_SECONDS: Type.Integer({ default: 10, minimum: 1, maximum: 3600, description: 'The same for its headers' }),
  IDLE_TIMEOUT_SECONDS: Type.Integer({
    default: 120,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds after which a connection without traffic is cut, an answer under way or not: more than any agency takes',
  }),
  KEEP_ALIVE_SECONDS: Type.Integer({
    default: 72,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds for which a connection is kept for the next request: more than the proxy in front keeps it',
  }),
  MAX_CONNECTIONS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Connections at once; more are not accepted',
  }),
  DRAIN_SECONDS: Type.String({
    default: 'auto',
    pattern: '^(auto|\\d{1,3})$',
    description:
      'Seconds for which a process that is told to end (SIGTERM) is not ready and still takes calls: longer than the proxy in front takes to notice (docs/deployment.md); auto: 10 in production, otherwise 0',
  }),
  STOP_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds after these within which what is under way must have been answered; then it is cut off',
  }),
  ADDRESS_RATE: Type.Integer({
    default: 200,
    minimum: 0,
    maximum: 100_000,
    description:
      'Requests a second of one address (IPv6: /64) and process, ten seconds’ worth at once, whoever asks; 0 sets no limit. This machine itself has none',
  }),
  ADDRESS_FAILURES: Type.Integer({
    default: 300,
    minimum: 1,
    maximum: 100_000,
    description: 'Calls a minute of one address without a valid token; beyond them only tokens already known are taken from there',
  }),
}
