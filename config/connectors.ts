import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import { merchants } from './payments.ts'
import { SettingsError } from './settings-error.ts'

const system = {
  baseUrl: Type.Optional(Type.String({ pattern: '^https?://', description: 'Address of the agency’s system' })),
  credentials: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Credentials by the names that the connector declares' }),
  ),
  credentialsExpire: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
      description: 'Last day on which the credentials are good, YYYY-MM-DD: a month before, the health of the system says so',
    }),
  ),
  traceparent: Type.Optional(
    Type.Boolean({
      description: 'true sends the caller’s trace along (W3C Trace Context), where the agency takes headers it does not know',
    }),
  ),
  maxConcurrent: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Calls under way at once; instead of the declared number' }),
  ),
}

/** What an operator sets for one connector: the addresses, ids and keys that an agency hands out. */
const connectorSettings = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean({ description: 'false leaves the connector out' })),
    ...system,
    oauthBaseUrl: Type.Optional(
      Type.String({ pattern: '^https?://', description: 'Address of the agency’s authorization server, where it is another than baseUrl' }),
    ),
    pagesBaseUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Address of the agency’s own pages, where browsers find them elsewhere than at baseUrl',
      }),
    ),
    oauthClient: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z0-9-]{1,63}$',
        description: 'Id of the agency’s platform as an OAuth client of the hub, where it is another than agency-<connector>',
      }),
    ),
    systems: Type.Optional(
      Type.Record(Type.String(), Type.Object(system, { additionalProperties: false }), {
        description: 'The same for further systems of the connector',
      }),
    ),
    payment: Type.Optional(merchants),
    sids: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 128 }), { description: 'Service ids at the agency, by service' }),
    ),
    rates: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object({ max: Type.Integer({ minimum: 1 }), perSeconds: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
        { description: 'Calls of one user per span, by service; instead of the declared rate' },
      ),
    ),
  },
  { additionalProperties: false },
)
const schema = Type.Record(Type.String(), connectorSettings)

export type ConnectorSettings = Static<typeof connectorSettings>

/** Reads CONNECTORS_FILE; an empty path is an empty configuration. */
export function readConnectorSettings(path: string): Record<string, ConnectorSettings> {
  if (path === '') return {}
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingsError([`CONNECTORS_FILE: cannot be read as JSON (${(error as NodeJS.ErrnoException).code ?? 'syntax'})`])
  }
  const check = new Ajv({ allErrors: true, strict: false, useDefaults: true }).compile<Record<string, ConnectorSettings>>(schema)
  if (check(value)) return value
  throw new SettingsError((check.errors ?? []).map((error) => `CONNECTORS_FILE ${error.instancePath}: ${error.message}`))
}
