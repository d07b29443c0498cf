import { compileMapper } from '../answer/mapping.ts'
import type { Row } from '../answer/reading.ts'
import type { Asker } from '../contract/asker.ts'
import type { InputNotes, Period, VerifiedFact } from '../contract/inputs.ts'
import { rowsOf, systemKey, systemOf, usesAccount } from '../contract/systems.ts'
import type { ConnectorDeclaration, Service, ServiceContract } from '../contract/types.ts'
import type { RawReply } from '../upstream/dialect.ts'
import { compileEnvelope, type Opened, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import { compileOwnership, compileSourceOwnership, compileSourceParties } from './ownership.ts'

/** A service made ready to run. */
export interface CompiledService {
  readonly connector: ConnectorDeclaration
  readonly contract: ServiceContract
  /** `<connector>.<service>`, the key of the service everywhere. */
  readonly key: string
  /** The service's id at the agency. */
  readonly sid: string
  /** The system that answers, as a key of the hub's upstreams. */
  readonly system: string
  readonly rate: ServiceContract['rate']
  readonly rows: 'one' | 'many'
  /** Whether the asker's account at the agency is part of the question. */
  readonly needsAccount: boolean
  readonly fieldNames: readonly string[]
  /** Opens an HTTP answer (2xx) into rows. */
  open(reply: RawReply): Opened
  /** Upstream parameters from validated inputs and the verified asker. */
  params(input: Readonly<Record<string, unknown>>, asker: Asker): Record<string, unknown>
  /** One upstream row → typed row, unmasked. Throws an UpstreamError naming the field, or when the row is somebody else's. */
  map(source: SourceRow, asker: Asker): Row
  /** Shortens, in place, what the declaration masks. */
  mask(row: Row): Row
  /** Optional fields that the agency's row doesn't speak of. */
  absent(source: SourceRow): string[]
}

/** What an operator may have set for a service instead of what its declaration says. */
export interface ServiceConfiguration {
  sid?: string | undefined
  rate?: ServiceContract['rate'] | undefined
}

export function compileService(
  connector: ConnectorDeclaration,
  service: Service,
  { sid, rate }: ServiceConfiguration = {},
): CompiledService {
  const { contract, handler } = service
  const upstream = systemOf(connector, contract)
  const mapper = compileMapper(contract.fields)
  const isOwn = compileOwnership(contract.fields)
  const isOwnSource = compileSourceOwnership(upstream.owner)
  const isPartySource = compileSourceParties(contract.parties)

  function params(input: Readonly<Record<string, unknown>>, asker: Asker): Record<string, unknown> {
    const out: Record<string, unknown> = { ...contract.upstream?.constants }
    const verified = asker.enterprise ? upstream.subject.enterprise : asker.person ? upstream.subject.person : undefined
    for (const key in verified) out[key] = factOf(asker, verified[key] as VerifiedFact)
    for (const name in contract.inputs)
      writeInput(out, (contract.inputs[name] as { notes: InputNotes }).notes, input[name], asker, upstream.dateFormat, contract.agents)
    return handler?.request ? handler.request(input, out) : out
  }

  function map(source: SourceRow, asker: Asker): Row {
    try {
      return read(source, asker)
    } catch (error) {
      if (error instanceof UpstreamError) error.extras.agency ??= upstream.agency ?? connector.agency
      throw error
    }
  }

  function read(source: SourceRow, asker: Asker): Row {
    const row = mapper.read(source)
    if (!isOwnSource(source, asker) || !isPartySource(source, asker) || !isOwn(row, asker))
      throw new UpstreamError('HUB_UPSTREAM_WRONG_SUBJECT', { delivery: 'unknown', status: 200 })
    return handler?.map ? (handler.map(row, source) as Row) : row
  }

  return {
    connector,
    contract,
    key: `${connector.id}.${contract.id}`,
    sid: sid ?? contract.upstream?.sid ?? `${connector.id}.${contract.id}`,
    system: systemKey(connector.id, contract.upstream?.system),
    rate: rate ?? contract.rate,
    rows: rowsOf(contract),
    needsAccount: usesAccount(connector, contract),
    fieldNames: Object.keys(contract.fields),
    open: compileEnvelope({ ...upstream.envelope, ...contract.upstream?.envelope }),
    params,
    map,
    mask: (row) => mapper.mask(row),
    absent: (source) => mapper.absent(source),
  }
}

function writeInput(
  out: Record<string, unknown>,
  notes: InputNotes,
  value: unknown,
  asker: Asker,
  format: 'YYYYMMDD' | 'YYYY-MM-DD',
  agents: boolean | undefined,
): void {
  const [first, second] = notes.codes
  if (notes.fact) {
    // A service for persons and agents alike declares the facts of both; who asks for an enterprise is no part of the question.
    if (first && !(agents && notes.fact.startsWith(asker.enterprise ? 'person.' : 'enterprise.'))) out[first] = factOf(asker, notes.fact)
  } else if (value === undefined) {
    return
  } else if (notes.type === 'period') {
    const { from, to } = value as Period
    if (first && from) out[first] = writeDay(from, format)
    if (second && to) out[second] = writeDay(to, format)
  } else if (first) {
    out[first] = notes.unit === '10k-yuan' ? Math.round(Number(value) * 100) / 1_000_000 : value
  }
}

function writeDay(day: string, format: 'YYYYMMDD' | 'YYYY-MM-DD'): string {
  return format === 'YYYYMMDD' ? day.replaceAll('-', '') : day
}

function factOf(asker: Asker, fact: VerifiedFact): string {
  const value = readFact(asker, fact)
  // Access control has run before; reaching this is a fault of the hub, never of the caller.
  if (value === undefined) throw new Error(`the asker has no ${fact}`)
  return value
}

function readFact({ person, enterprise, account }: Asker, fact: VerifiedFact): string | undefined {
  switch (fact) {
    case 'person.name':
      return person?.name
    case 'person.idType':
      return person?.idType
    case 'person.idNumber':
      return person?.idNumber
    case 'enterprise.name':
      return enterprise?.name
    case 'enterprise.uscc':
      return enterprise?.uscc
    case 'account.externalId':
      return account?.externalId
  }
}
