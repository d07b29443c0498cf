import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import type { Paging } from '../../core/contract/types.ts'
import type { DialectDeclaration, Outgoing } from '../../core/upstream/dialect.ts'
import type { Envelope } from '../../core/upstream/envelope.ts'
import { envelope } from '../../core/upstream/envelopes.ts'
import { UsageError } from '../usage.ts'
import { dialectNames, dialectOf } from './dialects.ts'
import type { OAuthSide } from './oauth-side.ts'

/** What an agency's service is tried by: where it is, how it is asked, and what it promises to answer. */
export interface Subject {
  readonly name: string
  readonly baseUrl: string
  readonly dialect: DialectDeclaration
  readonly envelope: Envelope
  readonly timeoutMs: number
  /** How far a request's time may be from the agency's clock, where the dialect leaves that to it. */
  readonly skewSeconds: number
  /** A question about a test person of the agency's. */
  readonly known: Question
  /** The same about somebody of whom it knows nothing. */
  readonly unknown: (Question & { readonly answers: 'nothing' | 'refusal' }) | null
  /** Keys of a record that say whose it is. */
  readonly ownerKeys: readonly string[]
  /** Paths of all that a record may hold, in lower case; null where nobody has said. */
  readonly fields: ReadonlySet<string> | null
  readonly paging: Paging | null
  readonly write: Deed | null
  readonly oauth: OAuthSide | null
}

export interface Question {
  readonly outgoing: Outgoing
  /** The number of whom it is about; '' for a question about nobody. */
  readonly number: string
}

/** An act upon a test record. */
export interface Deed {
  /** What it does to which test record: whoever runs the command has to have read it. */
  readonly record: string
  /** The act under the hub's own number for it. */
  outgoing(key: string): Outgoing
  /** Key of the answer that holds the agency's number for what was done. */
  readonly reference: string
}

const texts = Type.Record(Type.String(), Type.Unknown())
const at = {
  sid: Type.String({ minLength: 1 }),
  path: Type.Optional(Type.String()),
  method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('DELETE')])),
}
const strict = { additionalProperties: false }
const base = { base: Type.Union([Type.Literal(0), Type.Literal(1)]), rows: Type.Integer({ minimum: 1, maximum: 1000 }) }

const schema = Type.Object(
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
    paging: Type.Optional(
      Type.Union([
        Type.Object({ style: Type.Literal('page'), page: Type.String(), size: Type.String(), ...base }, strict),
        Type.Object({ style: Type.Literal('offset'), start: Type.String(), limit: Type.String(), ...base }, strict),
      ]),
    ),
    write: Type.Optional(
      Type.Object({ ...at, record: Type.String({ minLength: 1 }), params: texts, key: Type.String(), reference: Type.String() }, strict),
    ),
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
const check = new Ajv({ allErrors: true, strict: false }).compile<Static<typeof schema>>(schema)

/** Reads a description in JSON. Throws a UsageError that names all that is wrong with it. */
export function readDescription(file: string): Subject {
  const value = readJson(file)
  if (!check(value)) {
    const wrong = (check.errors ?? []).map(({ instancePath, message, params }) =>
      `  ${instancePath || '/'}：${message ?? ''} ${'additionalProperty' in params ? String(params['additionalProperty']) : ''}`.trimEnd(),
    )
    throw new UsageError([`${file} 与说明的格式不符（见 docs/agencies.md）：`, ...new Set(wrong)].join('\n'))
  }
  const { service, owner, unknown, write, oauth } = value
  const dialect = dialectOf(value.dialect.name, value.dialect.options ?? {})
  if (dialect === null) throw new UsageError(`没有这种方言：${value.dialect.name}（现有 ${dialectNames.join('、')}）`)
  const mistakes = dialect.check?.() ?? []
  if (mistakes.length > 0) throw new UsageError([`${file}：签名的写法有误：`, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
  const { sid, path, method = 'POST', timeoutMs = 5000, skewSeconds = 600 } = service
  const ask = (params: Record<string, unknown>): Question => ({
    outgoing: { sid, path, method, params },
    number: owner ? String(params[owner.parameter] ?? '') : '',
  })
  return {
    name: value.name ?? sid,
    baseUrl: value.baseUrl,
    dialect,
    envelope: envelope[value.envelope?.preset ?? 'rest'](value.envelope?.changes as Partial<Envelope> | undefined),
    timeoutMs,
    skewSeconds,
    known: ask(value.known.params),
    unknown: unknown ? { ...ask(unknown.params), answers: unknown.answers ?? 'nothing' } : null,
    ownerKeys: owner?.fields ?? [],
    fields: value.fields ? new Set(value.fields.map((name) => name.toLowerCase())) : null,
    paging: value.paging ?? null,
    write: write ? deedOf(write) : null,
    oauth: oauth ? { baseUrl: value.baseUrl, clientAuthentication: 'header', ...oauth } : null,
  }
}

function deedOf({ record, sid, path, method = 'POST', params, key, reference }: NonNullable<Static<typeof schema>['write']>): Deed {
  return { record, reference, outgoing: (number) => ({ sid, path, method, params: { ...params, [key]: number } }) }
}

/** A parser's message would quote what it read. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new UsageError(`${file} 读不出来：须是 JSON 文件`)
  }
}
