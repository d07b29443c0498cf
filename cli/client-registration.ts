import { readFileSync, statSync } from 'node:fs'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import { UsageError } from './usage.ts'

const texts = Type.Array(Type.String({ maxLength: 500 }), { maxItems: 200 })
/** What a partner downloads of its application: all that makes a client, but its secret. */
const registration = Type.Object({
  id: Type.String({ maxLength: 64 }),
  name: Type.String({ maxLength: 100 }),
  purpose: Type.String({ maxLength: 200 }),
  redirectUris: texts,
  scopes: texts,
  grantTypes: texts,
  sector: Type.String({ maxLength: 100 }),
  idTokenAlg: Type.Union([Type.Literal('ES256'), Type.Literal('RS256')]),
})
/** Far more than the largest that the schema takes. */
const MOST_BYTES = 1024 * 1024
/** An answer of the API has it in `data`. */
type Read = Static<typeof registration> & { data?: unknown }

/** Reads the file, as the page sends it or as the API answers it; throws a UsageError that says what is wrong with it. */
export function readRegistration(path: string): Static<typeof registration> {
  const read = parse(path)
  const given: unknown = read?.data ?? read
  const check = new Ajv({ allErrors: true }).compile<Static<typeof registration>>(registration)
  if (check(given)) {
    // Whatever else an answer holds stays out.
    const { id, name, purpose, redirectUris, scopes, grantTypes, sector, idTokenAlg } = given
    return { id, name, purpose, redirectUris, scopes, grantTypes, sector, idTokenAlg }
  }
  const [problem] = check.errors ?? []
  throw new UsageError(`${path} 不是能力开放平台下载的登记：${problem?.instancePath || '/'} ${problem?.message}`)
}

function parse(path: string): Read | null {
  try {
    const found = statSync(path)
    // What is no file, a pipe or a device, has no size of its own and perhaps no end.
    if (!found.isFile() || found.size > MOST_BYTES) throw new UsageError(`${path} 不是能力开放平台下载的登记：不是文件，或者太大`)
    return JSON.parse(readFileSync(path, 'utf8')) as Read | null
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(code === undefined ? `${path} 不是 JSON` : `${path} 读不了（${code}）`)
  }
}
