import { readFileSync } from 'node:fs'
import type { ConnectorDeclaration, ServiceContract } from '../../core/connector.ts'
import type { FieldNotes } from '../../core/contract/fields.ts'
import { takersOf } from '../../plugins/kinds/booking/policy.ts'

/** A service as the contract names it, word for word; kept by hand in the connector's `promise.json`, apart from the declaration. */
export interface Promised extends Pick<ServiceContract, 'id' | 'name' | 'section' | 'audience' | 'identity'> {
  /** As declared; with `by` as the contract names it. */
  kind: string
  /** What keeps it instead of a declared service: an operation of the hub's interface documents, or `hub` for work that nobody asks for. */
  by?: string
  inputs: [name: string, title: string][]
  fields: [name: string, title: string, type: string][]
}

export function promisesOf(connectorId: string): Promised[] {
  return JSON.parse(readFileSync(new URL(`../../connectors/${connectorId}/promise.json`, import.meta.url), 'utf8')) as Promised[]
}

/** Everything in which declared services fall short of the promise. Further inputs and fields may follow those promised. */
export function shortfalls(promised: readonly Promised[], declared: readonly ServiceContract[]): string[] {
  // What another service asks first (提取验证, a bill, whose family somebody is) is part of that one, and so are an appeal against
  // its records, what is done with its bookings, and what helps those who ask it.
  const asked = new Set(
    declared.flatMap(({ submission, order, kinship }) => [submission?.precheck?.service, order?.bill.service, kinship?.service]),
  )
  const isPromised = (wanted: string) => promised.some(({ id }) => id === wanted)
  const bookingsOf = ({ booking }: ServiceContract) => (booking && 'does' in booking ? takersOf(booking) : [])
  const partOf = (contract: ServiceContract) => [
    contract.submission?.against?.service ?? contract.id,
    ...(contract.assists ?? []),
    ...bookingsOf(contract),
  ]
  const extra = declared.filter((contract) => !asked.has(contract.id) && !partOf(contract).some(isPromised))
  const found = extra.map(({ id }) => `${id}: not promised`)
  for (const service of promised) {
    if (service.by !== undefined) {
      if (declared.some(({ id }) => id === service.id)) found.push(`${service.id}: declared, and kept by ${service.by}`)
      continue
    }
    const contract = declared.find(({ id }) => id === service.id)
    if (!contract) {
      found.push(`${service.id}: missing`)
      continue
    }
    for (const key of ['name', 'section', 'kind', 'audience', 'identity'] as const) {
      if (contract[key] !== service[key]) found.push(`${service.id}: ${key} is ${contract[key]}`)
    }
    const inputs = titles(contract.inputs).slice(0, service.inputs.length)
    if (inputs.join('\n') !== service.inputs.map(([name, title]) => `${name} ${title}`).join('\n')) found.push(`${service.id}: inputs`)
    if (
      titles(contract.fields).slice(0, service.fields.length).join('\n') !==
      service.fields.map(([name, title]) => `${name} ${title}`).join('\n')
    )
      found.push(`${service.id}: fields`)
  }
  return found
}

function titles(declared: Readonly<Record<string, { notes: { title: string } }>>): string[] {
  return Object.entries(declared).map(([name, { notes }]) => `${name} ${notes.title}`)
}

export interface DeclaredField {
  /** Service id. */
  id: string
  /** `list.column` for a column. */
  name: string
  notes: FieldNotes
}

/** Fields of all services, and the columns of list fields. */
export function everyField({ services }: ConnectorDeclaration): DeclaredField[] {
  return services.flatMap(({ contract: { id, fields } }) =>
    Object.entries(fields).flatMap(([name, { notes }]) => [
      { id, name, notes },
      ...Object.entries(notes.columns ?? {}).map(([column, inner]) => ({ id, name: `${name}.${column}`, notes: inner.notes })),
    ]),
  )
}
