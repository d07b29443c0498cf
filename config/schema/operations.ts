import Type from 'typebox'

/** What operators see of it, and the sandbox. */
export const operationsSettings = {
  ALERTS_FILE: Type.String({
    default: '',
    description: 'JSON file with who is told of alerts and how, and with other numbers for rules (docs/monitoring.md)',
  }),
  TRACES_URL: Type.String({
    default: '',
    pattern: '^(https?://[^?#]+)?$',
    description:
      'Collector of traces that speaks OTLP over HTTP, as http://127.0.0.1:4318/v1/traces (docs/monitoring.md; empty: there is none)',
  }),
  TRACES_SHARE: Type.Number({ default: 0.1, minimum: 0, maximum: 1, description: 'Share of the calls whose trace goes there' }),
  METRICS_PORT: Type.String({
    default: '',
    pattern: '^[0-9]{0,5}$',
    description:
      'Port of GET /metrics, for Prometheus (docs/monitoring.md; empty: there is none, 0 takes a free one); each process needs its own',
  }),
  METRICS_HOST: Type.String({ default: '127.0.0.1', description: 'Address on which it listens: it asks nobody who he is' }),
  STATISTICS_FEWEST_PEOPLE: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 1000,
    description:
      'Statistics show no number of people below this one, and others to its multiples (docs/statistics.md); 1 shows them as they are',
  }),
  OVERLOAD_DELAY_MS: Type.Integer({
    default: 2000,
    minimum: 0,
    maximum: 60_000,
    description: 'Milliseconds that the process may be behind before it refuses part of the calls; 0 never does (docs/operations.md)',
  }),
  SANDBOX: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description:
      'Sandbox agencies, people and token issuer; auto: on outside production, as long as no setting names an address beyond this machine',
  }),
  AGENCY_HOURS: Type.Enum(['auto', 'on', 'off'], {
    default: 'auto',
    description:
      'Whether agencies are closed when their connectors say so (docs/calendar.md); auto: unless the sandbox is on. What administrators enter goes always',
  }),
  SANDBOX_TOKEN_SECONDS: Type.Integer({
    default: 600,
    minimum: 1,
    maximum: 86_400,
    description: 'How long access tokens live that the sandbox’s agencies hand out to users (OAuth)',
  }),
  SANDBOX_PORT: Type.Integer({ default: 0, minimum: 0, maximum: 65535, description: 'Loopback port of the sandbox; 0 takes a free one' }),
}
