import type { FastifyInstance } from 'fastify'
import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import { execute, textOf } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import type { PrecheckPolicy } from './policy.ts'

/** Upstream parameters that the hub adds to a filing, beside what was given. */
export type Carried = Readonly<Record<string, unknown>>

const WHOLE = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }

/**
 * Asks the agency whether the filing may go ahead. → what the filing carries of the answer. Throws HUB_FILING_UNFIT in
 * the agency's words, HUB_VALIDATION for an amount beyond what it allows.
 */
export async function precheck(
  { services, upstreams }: Pick<FastifyInstance, 'services' | 'upstreams'>,
  { connector, contract }: CompiledService,
  asker: Asker,
  input: Readonly<Record<string, unknown>>,
): Promise<Carried> {
  const policy = contract.submission?.precheck
  if (!policy) return {}
  const source = services.get(`${connector.id}.${policy.service}`)
  const upstream = source && upstreams.get(source.system)
  // The check of declarations has made sure of both.
  if (!source || !upstream) throw new Error(`no service ${connector.id}.${policy.service}`)
  const shared = Object.keys(source.contract.inputs).flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]] as const]))
  const asked = { ...Object.fromEntries(shared), ...policy.with }
  // What is told to nobody is not shortened: the filing carries it as the agency said it.
  const { rows } = await execute({ ...source, mask: (row) => row }, upstream, asker, asked, WHOLE).catch((error: unknown) => {
    const isNone = error instanceof HubError && error.code === 'HUB_NO_RECORD'
    throw isNone ? new HubError('HUB_FILING_UNFIT', { detail: `经核验，没有可以办理“${contract.name}”的记录。` }) : error
  })
  const found = rows[0] ?? {}
  assertAllowed(policy, found)
  assertLimits(policy, found, input, source)
  return Object.fromEntries(Object.entries(policy.carry ?? {}).map(([parameter, field]) => [parameter, plain(found[field])]))
}

function assertAllowed({ allows, reason }: PrecheckPolicy, found: Row): void {
  if (!allows || allows.values.includes(textOf(found[allows.field]))) return
  const words = reason === undefined ? null : found[reason]
  throw new HubError('HUB_FILING_UNFIT', typeof words === 'string' && words !== '' ? { detail: words } : {})
}

function assertLimits(policy: PrecheckPolicy, found: Row, input: Readonly<Record<string, unknown>>, { contract }: CompiledService): void {
  const errors = Object.entries(policy.limits ?? {}).flatMap(([name, field]) => {
    const limit = Number(found[field] ?? Number.NaN)
    // An agency that names no limit has not said that there is none.
    if (input[name] === undefined || fen(input[name]) <= fen(limit)) return []
    const title = contract.fields[field]?.notes.title ?? ''
    return [
      { pointer: `/body/${name}`, detail: Number.isNaN(limit) ? `对方系统没有给出${title}` : `不能超过${title} ${limit.toFixed(2)} 元` },
    ]
  })
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}

const fen = (yuan: unknown) => Math.round(Number(yuan) * 100)

function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? textOf(value) : (value ?? null)
}

/** A check that the service itself could not be asked, or whose answer could not be read, is found at the start. */
export function checkPrecheck({ connector, contract, report }: KindSubject): void {
  const policy = contract.submission?.precheck
  if (!policy) return
  const source = connector.services.find(({ contract: { id } }) => id === policy.service)?.contract
  const isOne = source?.kind === 'query' && source.rows !== 'many'
  const problems = source && isOne ? troublesOf(policy, contract, source) : [`no query of one record: ${policy.service}`]
  for (const problem of problems) report(problem, '.submission.precheck')
}

function troublesOf(
  { allows, reason, limits = {}, carry = {}, with: fixed = {} }: PrecheckPolicy,
  { inputs, identity, audience, face, agents }: ServiceContract,
  source: ServiceContract,
): string[] {
  const named = [...(allows ? [allows.field] : []), ...(reason ? [reason] : []), ...Object.values(limits), ...Object.values(carry)]
  const missing = Object.entries(source.inputs).filter(
    ([name, { notes }]) => notes.required && !notes.fact && !(name in fixed) && !inputs[name]?.notes.required,
  )
  return [
    ...named.flatMap((field) => (source.fields[field] ? [] : [`${source.id} has no field ${field}`])),
    ...Object.keys(limits).flatMap((name) => (inputs[name]?.notes.type === 'money' ? [] : [`limits an amount that is no input: ${name}`])),
    ...Object.keys(fixed).flatMap((name) => (source.inputs[name] ? [] : [`${source.id} has no input ${name}`])),
    ...missing.map(([name]) => `${source.id} needs the input ${name}, which the filing does not require`),
    ...(source.audience === audience && source.identity === identity && (!source.face || face !== undefined)
      ? []
      : [`whoever may file may not ask ${source.id}`]),
    ...(agents && !source.agents ? [`an agent who may file may not ask ${source.id}`] : []),
  ]
}
