import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import { SettingsError } from './settings-error.ts'

const severity = Type.Enum(['critical', 'warning', 'info'])
const object = <P extends Parameters<typeof Type.Object>[0]>(properties: P) => Type.Object(properties, { additionalProperties: false })

/** Where a signed POST goes. `internal`: the host may be of a closed network, and without TLS. */
const place = {
  url: Type.String({ pattern: '^https?://[^?#\\s]+$' }),
  key: Type.String({ minLength: 16 }),
  internal: Type.Optional(Type.Boolean()),
}
const channel = Type.Union([
  object({ kind: Type.Literal('webhook'), ...place, key: Type.String({ pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$' }) }),
  object({ kind: Type.Literal('mail'), to: Type.Array(Type.String({ pattern: '^[^\\s@<>]+@[^\\s@<>]+$' }), { minItems: 1 }) }),
  object({ kind: Type.Literal('sms'), to: Type.Array(Type.String({ pattern: '^1\\d{10}$' }), { minItems: 1 }) }),
])
const receiver = object({
  name: Type.String({ minLength: 1, maxLength: 64 }),
  level: Type.Optional(Type.Integer({ minimum: 1, maximum: 2, default: 1 })),
  severities: Type.Optional(Type.Array(severity, { minItems: 1 })),
  mode: Type.Optional(Type.Enum(['all', 'first'])),
  channels: Type.Array(channel, { minItems: 1, maxItems: 10 }),
})
const rule = object({
  enabled: Type.Optional(Type.Boolean()),
  threshold: Type.Optional(Type.Number()),
  forSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
  severity: Type.Optional(severity),
  repeatMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
  escalateMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
})
const schema = object({
  receivers: Type.Optional(Type.Array(receiver)),
  smsGateways: Type.Optional(Type.Array(object(place))),
  rules: Type.Optional(Type.Record(Type.String(), rule)),
})

export type AlertSettings = Static<typeof schema>
export type AlertReceiver = Static<typeof receiver>
export type AlertChannelSettings = Static<typeof channel>
export type AlertRuleSettings = Static<typeof rule>
export type AlertPlace = Pick<Extract<AlertChannelSettings, { kind: 'webhook' }>, 'url' | 'key' | 'internal'>
export type Severity = Static<typeof severity>

/** Reads ALERTS_FILE; an empty path is an empty configuration. */
export function readAlertSettings(path: string): AlertSettings {
  if (path === '') return {}
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new SettingsError([`ALERTS_FILE: cannot be read as JSON (${(error as NodeJS.ErrnoException).code ?? 'syntax'})`])
  }
  const check = new Ajv({ allErrors: true, strict: false }).compile<AlertSettings>(schema)
  if (!check(value)) throw new SettingsError((check.errors ?? []).map((error) => `ALERTS_FILE ${error.instancePath}: ${error.message}`))
  const plain = placesOf(value).filter(({ url, internal }) => url.startsWith('http:') && !internal)
  if (plain.length > 0) throw new SettingsError(plain.map(({ url }) => `ALERTS_FILE: ${new URL(url).host}: must be https, or internal`))
  return value
}

function placesOf({ receivers = [], smsGateways = [] }: AlertSettings): AlertPlace[] {
  return [...smsGateways, ...receivers.flatMap(({ channels }) => channels.filter((each) => each.kind === 'webhook'))]
}
