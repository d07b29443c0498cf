import { compileMapper } from '../core/answer/mapping.ts'
import type { Row } from '../core/answer/reading.ts'
import type { Findings } from '../core/answer/values.ts'
import type { CompiledService } from '../core/call/service.ts'
import type { Fields } from '../core/contract/fields.ts'
import type { SandboxRow } from '../core/contract/types.ts'
import { UpstreamError } from '../core/upstream/error.ts'
import type { Bench } from './bench.ts'

/**
 * The sandbox answers what the declaration expects, or one of the two is wrong: a field of another type than all of its
 * values, a code that no list has. An agency may do so, and the hub goes on; here it is the author's mistake.
 */
export function checkReadable({ lab, services }: Bench): string[] {
  const subjectsOf = ({ audience, agents }: CompiledService['contract']) =>
    audience === 'enterprise' ? lab.enterprises : agents ? [...lab.people, ...lab.enterprises] : lab.people
  return services.flatMap((service) => {
    const { contract, connector } = service
    if (!connector.sandbox[contract.id]) return []
    return readAll(
      contract,
      subjectsOf(contract).flatMap((subject) => [...lab.rowsOf(service, subject)]),
    )
  })
}

function readAll({ id, fields }: CompiledService['contract'], rows: readonly SandboxRow[]): string[] {
  const { read } = compileMapper(withoutDemands(fields))
  const readable = new Set<string>()
  const unreadable = new Set<string>()
  const unlisted = new Set<string>()
  for (const source of rows) {
    const findings: Findings = { unreadable: [], unknownCodes: [] }
    for (const path of pathsIn(attempt(() => read(source, findings), findings))) readable.add(path)
    for (const path of findings.unreadable) unreadable.add(path.replace(/\[\d+\]/, ''))
    for (const path of findings.unknownCodes) unlisted.add(path)
  }
  const lost = [...unreadable].filter((path) => !readable.has(path))
  return [
    ...lost.map((path) => `${id}.${path}：沙箱里的值没有一个能读成${typeOf(fields, path)}`),
    ...[...unlisted].map((path) => `${id}.${path}：沙箱里有代码表中没有的代码`),
  ]
}

/** What is not there at all is for other checks: the number of a filing comes only when it is filed. */
function withoutDemands(fields: Fields): Fields {
  const entries = Object.entries(fields).map(
    ([name, { schema, notes }]) => [name, { schema, notes: { ...notes, required: false } }] as const,
  )
  return Object.fromEntries(entries)
}

/** → the row; nothing of one that is refused because of a field, which is noted as the others are. */
function attempt(read: () => Row, { unreadable }: Findings): Row {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    const { field } = error.extras
    if (field !== undefined && !unreadable.includes(field)) unreadable.push(field)
    return {}
  }
}

/** Fields that have a value, and columns as `list.column`. */
function pathsIn(row: Row): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    if (value === null) return []
    const items = Array.isArray(value) ? value.filter((item): item is Row => typeof item === 'object' && item !== null) : []
    return [name, ...items.flatMap((item) => pathsIn(item).map((column) => `${name}.${column}`))]
  })
}

function typeOf(fields: Fields, path: string): string {
  const [name = '', column = ''] = path.split('.')
  const field = fields[name]?.notes
  return ` ${(field?.columns?.[column]?.notes ?? field)?.type ?? ''}`
}
