import { readFileSync } from 'node:fs'
import type { LightMyRequestResponse } from 'fastify'
import housingFund from '../../connectors/housing-fund/index.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/connector.ts'
import type { Hub } from './hub.ts'

/** A service as the contract has it (`promise.json`). A field is its English name, Chinese title and type. */
export interface ContractService {
  id: string
  name: string
  kind: 'query' | 'list' | 'submit'
  audience: 'person' | 'enterprise'
  inputs: [name: string, title: string][]
  fields: [name: string, title: string, type: string][]
}

const promised = JSON.parse(
  readFileSync(new URL('../../connectors/housing-fund/promise.json', import.meta.url), 'utf8'),
) as readonly ContractService[]

/** Files that follow what the contract names, where it asks for vouchers without a field for them. */
const further: Readonly<Record<string, ContractService['fields']>> = {
  'employer-account': [['voucherAttachments', '缴款凭证', 'file']],
}

export const services = promised.map((service) => ({ ...service, fields: [...service.fields, ...(further[service.id] ?? [])] }))

export const queries = services.filter(({ kind }) => kind !== 'submit')

/** The ids of `queries` whose subject is a person. */
export const personal = queries.filter(({ audience }) => audience === 'person').map(({ id }) => id)

export const contractOf = (id: string): ServiceContract => {
  const found = housingFund.services.find(({ contract }) => contract.id === id)
  if (!found) throw new Error(`no service ${id}`)
  return found.contract
}

/**
 * The housing fund under another id, with service ids (`<id>.<service>`), an upstream and a breaker of
 * its own; `only` leaves some services, `change` replaces parts of their contracts.
 */
export function clone(
  id: string,
  only: readonly string[],
  change: (contract: ServiceContract) => Partial<ServiceContract> = () => ({}),
): ConnectorDeclaration {
  const kept = housingFund.services.filter(({ contract }) => only.includes(contract.id))
  return {
    ...housingFund,
    id,
    services: kept.map((service) => ({ ...service, contract: { ...service.contract, ...change(service.contract) } })),
    health: { service: only[0] ?? '', intervalSeconds: 60 },
    sandbox: Object.fromEntries(Object.entries(housingFund.sandbox).filter(([name]) => only.includes(name))),
  }
}

/** What the hub kept of one call. */
interface AuditRecord {
  action: string
  method: string
  submission?: string | null
  user: string | null
  enterprise: string | null
  connector: string | null
  service: string | null
  outcome: string
  status: number
  upstreamStatus: number | null
  upstreamMs: number | null
  fields: string[]
  rows: number | null
}

/** The audit rows with a trace id; there must be one a call. */
export async function auditOf({ app }: Hub, traceId: string): Promise<AuditRecord[]> {
  const rows: { record: string }[] = await app.database('audit_rows').where({ trace_id: traceId }).select('record')
  return rows.map(({ record }) => JSON.parse(record) as AuditRecord)
}

/** A trace id and the request header that asks for it. */
export function trace(): { traceId: string; headers: { traceparent: string } } {
  const traceId = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { traceId, headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } }
}

/** Status and error code of an answer, for one comparison. */
export function verdict(response: LightMyRequestResponse): [status: number, code: string | null] {
  const problem = String(response.headers['content-type']).startsWith('application/problem+json')
  return [response.statusCode, problem ? (response.json() as { code: string }).code : null]
}
