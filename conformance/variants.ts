import { choicesOf } from '../core/contract/choices.ts'
import { namesInPath } from '../core/contract/paths.ts'
import { rowsOf } from '../core/contract/systems.ts'
import type { Asynchronous, ConnectorDeclaration, Service, ServiceContract } from '../core/contract/types.ts'
import { kindOf, kinds } from '../plugins/kinds/index.ts'

/** What the agency does and what the hub promises then (docs/errors.md). */
export const promisedFaults = [
  { kind: 'slow', ms: 30_000, status: 504, code: 'HUB_UPSTREAM_TIMEOUT' },
  { kind: 'reset', status: 502, code: 'HUB_UPSTREAM_UNREACHABLE' },
  { kind: 'http-500', status: 502, code: 'HUB_UPSTREAM_INVALID' },
  { kind: 'html', status: 502, code: 'HUB_UPSTREAM_INVALID' },
  { kind: 'truncated', status: 502, code: 'HUB_UPSTREAM_INVALID' },
  { kind: 'wrong-types', status: 502, code: 'HUB_UPSTREAM_INVALID' },
] as const

/** Troubles with the credentials: what the agency does, how often. */
export const credentialFaults = ['secret-expired', 'secret-rotated', 'clock-skew'] as const

/** Short enough for an agency that hangs. */
const IMPATIENT_MS = 500
const ANSWER_POLL_MS = 20

export const variantId = (connector: ConnectorDeclaration, trouble: string) => `${connector.id}-with-${trouble}`

/**
 * The connector and its doubles, one for every trouble: each has an upstream, a breaker and credentials
 * of its own, so that one trouble never stands in the way of the next.
 */
export function variantsOf(connector: ConnectorDeclaration): ConnectorDeclaration[] {
  const faults = promisedFaults.map(({ kind }, turn) =>
    double(connector, kind, sample(connector, turn), kind === 'slow' ? () => ({ timeoutMs: IMPATIENT_MS }) : undefined),
  )
  const credentials = credentialFaults.map((kind, turn) => double(connector, kind, sample(connector, turn, 'system')))
  const states = ['health', 'sickness'].map((state) => double(connector, state, sample(connector, 0, 'system')))
  // An answer that is kept would hide a second record.
  const kept = connector.services.filter(({ contract }) => contract.cache && rowsOf(contract) === 'one' && kindOf(contract).asks)
  const several = kept.length > 0 ? [double(connector, 'several', kept)] : []
  const tried = kinds.flatMap((kind) => {
    const own = connector.services.filter(({ contract }) => kind.trial && kindOf(contract) === kind)
    return own.length > 0 ? [double(connector, kind.name, own)] : []
  })
  return [connector, ...faults, ...credentials, ...states, ...several, ...tried]
}

/**
 * One query of every system, or of every system and kind; another one each turn. So few that a breaker,
 * which wants ten calls, has no say in what one trouble does.
 */
function sample({ services }: ConnectorDeclaration, turn: number, by: 'system' | 'kind' = 'kind'): Service[] {
  const groups = new Map<string, Service[]>()
  for (const service of services) {
    const { upstream, kind } = service.contract
    const group = `${upstream?.system ?? ''}/${by === 'kind' ? kind : ''}`
    if (kindOf(service.contract).asks) groups.set(group, [...(groups.get(group) ?? []), service])
  }
  return [...groups.values()].flatMap((group) => group[turn % group.length] ?? [])
}

function double(
  connector: ConnectorDeclaration,
  trouble: string,
  chosen: readonly Service[],
  change: (contract: ServiceContract) => Partial<ServiceContract> = () => ({}),
): ConnectorDeclaration {
  const { accounts, systems = {}, ...rest } = connector
  const id = variantId(connector, trouble)
  // The health check wants the main system's service, whichever are tried.
  const probed = connector.services.filter(({ contract }) => contract.id === connector.health.service)
  // Accounts are bound to a double as to the original, so what finds them stays.
  const finders = [accounts?.accountNumber?.service, accounts?.idMatch?.service]
  // So does a service whose choices another one lists.
  const sources = chosen.flatMap(({ contract }) => choicesOf(contract.inputs).map(({ source }) => source.from))
  // And whatever else it asks, or a family is known by; and what those ask in their turn, as an order its bill.
  const usedBy = ({ contract }: Service) => [contract.kinship?.service, ...(kindOf(contract).uses?.(contract) ?? [])]
  const checks = chosen.flatMap(usedBy)
  const further = connector.services.filter(({ contract }) => checks.includes(contract.id)).flatMap(usedBy)
  const asked = connector.services.filter(({ contract }) => [...finders, ...sources, ...checks, ...further].includes(contract.id))
  const kept = [...new Set([...chosen, ...probed, ...asked])]
  const ids = new Set(kept.map(({ contract }) => contract.id))
  const used = Object.entries(systems).filter(([name]) => kept.some(({ contract }) => contract.upstream?.system === name))
  return {
    ...rest,
    id,
    ...(accounts ? { accounts } : {}),
    ...(used.length > 0 ? { systems: Object.fromEntries(used) } : {}),
    services: kept.map((service) => {
      const { contract, handler } = service
      // What finds accounts or choices is no part of the trouble.
      return { contract: { ...apart(contract, id), ...(chosen.includes(service) ? change(contract) : {}) }, handler }
    }),
    sandbox: Object.fromEntries(Object.entries(connector.sandbox).filter(([name]) => ids.has(name))),
  }
}

/** The contract without the agency's own service ids, since a double has others, without a cache, which would hide troubles, and with nobody to assist. */
function apart({ cache: _cache, assists: _assists, ...contract }: ServiceContract, id: string): ServiceContract {
  const { sid, path, async, ...rest } = contract.upstream ?? {}
  // Where a service id is a path at the agency, the double's is another path.
  const place = sid?.startsWith('/') ? { sid: `/${id}${sid}` } : {}
  // Inputs that stand in a path need one, at an address of the double's own.
  const placed = namesInPath(path).length > 0 ? { path: `${id}/${path}` } : {}
  const upstream = { ...rest, ...place, ...placed, ...(async ? { async: hurried(async) } : {}) }
  return { ...contract, upstream, ...kindOf(contract).double?.(contract) }
}

/** Fetched under the double's own service id, and soon. */
function hurried({ resultSid: _resultSid, ...policy }: Asynchronous): Asynchronous {
  return { ...policy, pollMs: Math.min(policy.pollMs, ANSWER_POLL_MS) }
}
