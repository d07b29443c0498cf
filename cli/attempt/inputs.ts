import type { CompiledService } from '../../core/call/service.ts'
import { readQuery } from '../../plugins/kinds/query/read-query.ts'
import { querySchema } from '../../plugins/openapi/query-schema.ts'
import { validationExtras } from '../../plugins/problems.ts'
import { queryValidator } from '../../plugins/validation.ts'
import { UsageError } from '../usage.ts'

/** `name=value`, as a caller would write them into the query string. → the inputs and what is kept of the rows. */
export function readInputs({ contract, rows, needsAccount }: CompiledService, given: readonly string[]): ReturnType<typeof readQuery> {
  const query: Record<string, string | string[]> = {}
  for (const text of given) {
    const [, name, value = ''] = /^([\w.]+)=([\s\S]*)$/.exec(text) ?? []
    if (name === undefined) throw new UsageError(`--input 须写成 名称=值：${text}`)
    query[name] = name in query ? [query[name] ?? '', value].flat() : value
  }
  const validate = queryValidator(querySchema(contract, rows === 'many', needsAccount))
  if (!validate(query)) {
    const { errors = [] } = validationExtras({ validation: validate.errors ?? [], validationContext: 'querystring' })
    const wrong = errors.map(({ pointer, detail }) => `  ${pointer.replace('/query/', '')}：${detail}`)
    throw new UsageError(['--input 有误：', ...wrong].join('\n'))
  }
  return readQuery(contract, query)
}
