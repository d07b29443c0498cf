import Type from 'typebox'

const texts = Type.Record(Type.String(), Type.Unknown())
const at = {
  sid: Type.String({ minLength: 1 }),
  path: Type.Optional(Type.String()),
  method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('DELETE')])),
}
const strict = { additionalProperties: false }
const base = { base: Type.Union([Type.Literal(0), Type.Literal(1)]), rows: Type.Integer({ minimum: 1, maximum: 1000 }) }

const paging = Type.Union([
  Type.Object({ style: Type.Literal('page'), page: Type.String(), size: Type.String(), ...base }, strict),
  Type.Object({ style: Type.Literal('offset'), start: Type.String(), limit: Type.String(), ...base }, strict),
])

/** A description as it is written, in JSON. */
export const descriptionSchema = Type.Object(
  {
    name: Type.Optional(Type.String()),
    baseUrl: Type.String({ pattern: '^https?://' }),
    dialect: Type.Object({ name: Type.String(), options: Type.Optional(texts) }, strict),
    envelope: Type.Optional(
      Type.Object(
        { preset: Type.Optional(Type.Union([Type.Literal('rest'), Type.Literal('exchange')])), changes: Type.Optional(texts) },
        strict,
      ),
    ),
    service: Type.Object(
      {
        ...at,
        timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
        skewSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3600 })),
      },
      strict,
    ),
    known: Type.Object({ params: texts }, strict),
    unknown: Type.Optional(
      Type.Object({ params: texts, answers: Type.Optional(Type.Union([Type.Literal('nothing'), Type.Literal('refusal')])) }, strict),
    ),
    owner: Type.Optional(Type.Object({ parameter: Type.String(), fields: Type.Array(Type.String(), { minItems: 1 }) }, strict)),
    fields: Type.Optional(Type.Array(Type.String())),
    paging: Type.Optional(paging),
    write: Type.Optional(
      Type.Object(
        {
          ...at,
          record: Type.String({ minLength: 1 }),
          params: texts,
          key: Type.String(),
          reference: Type.String(),
          status: Type.Optional(Type.Object({ ...at, serial: Type.String() }, strict)),
        },
        strict,
      ),
    ),
    files: Type.Optional(
      Type.Object({ ...at, parameter: Type.String(), reference: Type.String(), content: Type.Optional(Type.String()) }, strict),
    ),
    ledger: Type.Optional(
      Type.Object(
        {
          ...at,
          from: Type.String(),
          to: Type.String(),
          day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
          dateFormat: Type.Optional(Type.String()),
          serial: Type.String(),
          amount: Type.String(),
          unit: Type.Optional(Type.Union([Type.Literal('yuan'), Type.Literal('fen')])),
          channel: Type.Optional(Type.String()),
          paging: Type.Optional(paging),
        },
        strict,
      ),
    ),
    callback: Type.Optional(texts),
    oauth: Type.Optional(
      Type.Object(
        {
          baseUrl: Type.Optional(Type.String({ pattern: '^https?://' })),
          authorizePath: Type.String(),
          tokenPath: Type.String(),
          revokePath: Type.Optional(Type.String()),
          redirectUri: Type.String({ pattern: '^[a-z][a-z0-9+.-]*:' }),
          scope: Type.Optional(Type.String()),
          discovery: Type.Optional(Type.String()),
          approve: Type.Optional(Type.Record(Type.String(), Type.String())),
          clientAuthentication: Type.Optional(Type.Union([Type.Literal('header'), Type.Literal('body')])),
        },
        strict,
      ),
    ),
  },
  strict,
)
