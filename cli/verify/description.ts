import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import type { Static } from 'typebox'
import { compileDatePattern, type DatePattern } from '../../core/contract/date-pattern.ts'
import { signedCallback } from '../../core/dialects/signed-callback.ts'
import type { CallbackDeclaration } from '../../core/upstream/dialect.ts'
import type { Envelope } from '../../core/upstream/envelope.ts'
import { envelope } from '../../core/upstream/envelopes.ts'
import { UsageError } from '../usage.ts'
import { descriptionSchema } from './description-schema.ts'
import { dialectNames, dialectOf } from './dialects.ts'
import { callAt, fileSide, ledgerSide } from './sides.ts'
import type { Deed, Question, Subject } from './subject.ts'

type Description = Static<typeof descriptionSchema>
const check = new Ajv({ allErrors: true, strict: false }).compile<Description>(descriptionSchema)

/** Reads a description in JSON. Throws a UsageError that names all that is wrong with it. */
export function readDescription(file: string): Subject {
  const value = readJson(file)
  if (!check(value)) {
    const wrong = (check.errors ?? []).map(({ instancePath, message, params }) =>
      `  ${instancePath || '/'}：${message ?? ''} ${'additionalProperty' in params ? String(params['additionalProperty']) : ''}`.trimEnd(),
    )
    throw new UsageError([`${file} 与说明的格式不符（见 docs/agencies.md）：`, ...new Set(wrong)].join('\n'))
  }
  const { service, owner, unknown, write, files, ledger, callback, oauth } = value
  const { name, options = {} } = value.dialect
  if (!dialectNames.includes(name)) throw new UsageError(`没有这种方言：${name}（现有 ${dialectNames.join('、')}）`)
  const dialect = soundly(file, '签名的写法有误', () => dialectOf(name, options))
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
    files: files ? fileSide(files, value.known.params) : null,
    ledger: ledger ? ledgerSide(ledger, patternOf(file, ledger.dateFormat)) : null,
    callback: callback ? callbackOf(file, callback) : null,
    oauth: oauth ? { baseUrl: value.baseUrl, clientAuthentication: 'header', ...oauth } : null,
  }
}

function deedOf({ record, params, key, reference, status, method = 'POST', ...place }: NonNullable<Description['write']>): Deed {
  return {
    record,
    reference,
    outgoing: (number) => callAt({ ...place, method }, { ...params, [key]: number }),
    status: status ? (number) => callAt(status, { [status.serial]: number }) : null,
  }
}

function patternOf(file: string, dateFormat = 'yyyy-MM-dd'): DatePattern {
  try {
    return compileDatePattern(dateFormat)
  } catch {
    throw new UsageError(`${file}：ledger.dateFormat 读不懂：${dateFormat}（写成 yyyyMMdd、yyyy-MM-dd 等）`)
  }
}

function callbackOf(file: string, form: Record<string, unknown>): CallbackDeclaration {
  const whole = { parts: [], place: {}, answer: { taken: { code: '0' }, refused: { code: '401' } }, ...form }
  // What a form lacks, its check says.
  return soundly(file, '回调签名的写法有误', () => signedCallback(whole as unknown as Parameters<typeof signedCallback>[0]))
}

/** Throws a UsageError that names all mistakes of a form, which comes out of a file and may lack what the compiler would have asked for. */
function soundly<T extends { check?(): string[] }>(file: string, what: string, make: () => T): T {
  const { made, mistakes } = tried(make)
  if (made && mistakes.length === 0) return made
  throw new UsageError([`${file}：${what}：`, ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
}

function tried<T extends { check?(): string[] }>(make: () => T): { made: T | null; mistakes: string[] } {
  try {
    const made = make()
    return { made, mistakes: made.check?.() ?? [] }
  } catch {
    return { made: null, mistakes: ['与 docs/contract.md 里的写法不符：请核对 parts、digest、place'] }
  }
}

/** A parser's message would quote what it read. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new UsageError(`${file} 读不出来：须是 JSON 文件`)
  }
}
