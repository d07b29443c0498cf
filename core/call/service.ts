import { compileMapper } from '../answer/mapping.ts'
import type { Row } from '../answer/reading.ts'
import { noteUnreadable } from '../answer/unreadable.ts'
import type { Findings } from '../answer/values.ts'
import type { Asker } from '../contract/asker.ts'
import { choicesOf, type OfferedChoice } from '../contract/choices.ts'
import { rowsOf, systemKey, systemOf, usesAccount, usesToken } from '../contract/systems.ts'
import type { ConnectorDeclaration, Service, ServiceContract } from '../contract/types.ts'
import type { Outgoing, RawReply } from '../upstream/dialect.ts'
import { compileEnvelope, type Opened, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import { createOddities, type Oddities } from './oddities.ts'
import { compileOwnership, compileParties, compileSourceParties } from './ownership.ts'
import { compilePaging, type Window } from './paging.ts'
import { compileRequest } from './request.ts'

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
  /** Whether it is asked with the token of the user's account there, which he has to have bound. */
  readonly needsToken: boolean
  /** Inputs whose choices the agency knows; see {@link assertChoices}. */
  readonly offered: readonly OfferedChoice[]
  readonly fieldNames: readonly string[]
  /** Opens an HTTP answer (2xx) into rows. */
  open(reply: RawReply): Opened
  /** Upstream parameters from validated inputs and the verified asker. */
  params(input: Readonly<Record<string, unknown>>, asker: Asker): Record<string, unknown>
  /** The same with verb, path and headers: a whole call, apart from its signature. */
  outgoing(input: Readonly<Record<string, unknown>>, asker: Asker): Outgoing
  /** The call for one page of a list; null where the agency turns no pages. */
  readonly turn: ((outgoing: Outgoing, window: Window) => Outgoing) | null
  /**
   * One upstream row → typed row, unmasked; what of it could not be read is null and {@link unreadableIn} it. Throws an
   * UpstreamError naming the field where that is no optional one, or when the row is somebody else's.
   */
  map(source: SourceRow, asker: Asker): Row
  /** Shortens, in place, what the declaration masks. */
  mask(row: Row, owner?: Asker | null): Row
  /** Optional fields that the agency's row doesn't speak of. */
  absent(source: SourceRow): string[]
  /** What the agency sent that could not be read, or that no list knows. */
  readonly oddities: Oddities
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
  const { paging, method = 'POST' } = contract.upstream ?? {}
  const ownSid = sid ?? contract.upstream?.sid ?? `${connector.id}.${contract.id}`
  const mapper = compileMapper(contract.fields, followed(contract))
  const oddities = createOddities()
  const isOwn = compileOwnership(contract.fields, upstream.owner)
  const isParty = compileParties(contract.fields)
  const isPartySource = compileSourceParties(contract.parties)

  function map(source: SourceRow, asker: Asker): Row {
    try {
      return read(source, asker)
    } catch (error) {
      if (error instanceof UpstreamError) {
        error.extras.agency ??= upstream.agency ?? connector.agency
        if (error.extras.field !== undefined) oddities.count('unreadable', error.extras.field)
      }
      throw error
    }
  }

  function read(source: SourceRow, asker: Asker): Row {
    const wrong = () => new UpstreamError('HUB_UPSTREAM_WRONG_SUBJECT', { delivery: 'unknown', status: 200 })
    // Whose it is comes before what can be read of it.
    if (!isOwn(source, asker)) throw wrong()
    const findings: Findings = { unreadable: [], unknownCodes: [] }
    const row = mapper.read(source, findings)
    if (!isPartySource(source, asker) || !isParty(row, asker)) throw wrong()
    const mapped = handler?.map ? (handler.map(row, source) as Row) : row
    noteUnreadable(mapped, findings.unreadable)
    for (const path of findings.unreadable) oddities.count('unreadable', path)
    for (const path of findings.unknownCodes) oddities.count('unknown-code', path)
    return mapped
  }

  return {
    connector,
    contract,
    key: `${connector.id}.${contract.id}`,
    sid: ownSid,
    system: systemKey(connector.id, contract.upstream?.system),
    rate: rate ?? contract.rate,
    rows: rowsOf(contract),
    needsAccount: usesAccount(connector, contract),
    needsToken: usesToken(connector, contract),
    offered: choicesOf(contract.inputs),
    fieldNames: Object.keys(contract.fields),
    open: compileEnvelope({ ...upstream.envelope, ...contract.upstream?.envelope }),
    ...compileRequest(ownSid, contract, upstream, handler?.request),
    turn: paging ? compilePaging(paging, method) : null,
    map,
    mask: mapper.mask,
    absent: (source) => mapper.absent(source),
    oddities,
  }
}

/** Fields by which a filing is followed: from one that cannot be read nothing is concluded. */
function followed({ submission }: ServiceContract): string[] {
  return submission ? [submission.reference, ...submission.progress.flatMap(({ when }) => Object.keys(when))] : []
}
