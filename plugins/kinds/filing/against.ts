import type { FastifyInstance } from 'fastify'
import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import { execute, wordOf } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Kind, ServiceContract } from '../../../core/contract/types.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { equals } from '../query/compare.ts'
import type { AgainstPolicy } from './policy.ts'

/** Kinds of services that have records to ask for. */
const ASKING: ReadonlySet<Kind> = new Set(['query', 'list', 'document'])
const EVERYTHING = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }
const SHOWN = 20

/**
 * Asks the agency whether the asker has the record that the filing is about. Throws HUB_VALIDATION, which names the records
 * there are, where none is the one that was named: nobody appeals against somebody else's.
 */
export async function assertRecord(
  { services, upstreams }: Pick<FastifyInstance, 'services' | 'upstreams'>,
  { connector, contract }: CompiledService,
  asker: Asker,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const policy = contract.submission?.against
  if (!policy) return
  const source = services.get(`${connector.id}.${policy.service}`)
  const upstream = source && upstreams.get(source.system)
  // The check of declarations has made sure of both.
  if (!source || !upstream) throw new Error(`no service ${connector.id}.${policy.service}`)
  const { rows } = await execute(source, upstream, asker, {}, EVERYTHING, true)
  const named = Object.entries(policy.by)
  if (rows.some((row) => named.every(([name, field]) => equals(row[field], input[name])))) return
  const detail = rows.length === 0 ? `您没有“${source.contract.name}”的记录` : `没有这样的记录，您的记录：${wordsOf(source, policy, rows)}`
  throw new HubError('HUB_VALIDATION', { errors: named.map(([name]) => ({ pointer: `/body/${name}`, detail })) })
}

function wordsOf({ contract: { fields } }: CompiledService, { by }: AgainstPolicy, rows: readonly Row[]): string {
  const words = (row: Row) => Object.values(by).map((field) => `${fields[field]?.notes.title ?? field} ${wordOf(row[field])}`)
  return rows
    .slice(0, SHOWN)
    .map((row) => words(row).join(' '))
    .join('；')
}

/** What is wrong with how a filing names the record that it is about. */
export function checkAgainst({ connector, contract, report }: KindSubject): void {
  const policy = contract.submission?.against
  if (!policy) return
  const source = connector.services.find(({ contract: { id } }) => id === policy.service)?.contract
  const problems = source && ASKING.has(source.kind) ? troublesOf(policy, contract, source) : [`no service that asks: ${policy.service}`]
  for (const problem of problems) report(problem, '.submission.against')
}

function troublesOf({ by }: AgainstPolicy, contract: ServiceContract, source: ServiceContract): string[] {
  const { inputs, audience, identity, face } = contract
  const needed = Object.entries(source.inputs).filter(([, { notes }]) => notes.required && !notes.fact)
  return [
    ...(Object.keys(by).length > 0 ? [] : ['names no input by which the record is known']),
    ...Object.keys(by).flatMap((name) => (inputs[name]?.notes.required ? [] : [`must be a required input: ${name}`])),
    // What is masked could be guessed by trying.
    ...Object.values(by).flatMap((field) =>
      source.fields[field]?.notes.mask === undefined && source.fields[field] ? [] : [`${source.id} has no open field ${field}`],
    ),
    ...needed.map(([name]) => `${source.id} needs the input ${name}`),
    ...(source.audience === audience && source.identity === identity && (!source.face || face !== undefined)
      ? []
      : [`whoever may file may not ask ${source.id}`]),
  ]
}
