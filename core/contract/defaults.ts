import type { Service, ServiceContract, ServiceDefaults } from './types.ts'

/** What a service says goes before what its connector says for all of them. What is no service the check at the start will name. */
export function applyDefaults(services: readonly Service[], defaults: ServiceDefaults | undefined): readonly Service[] {
  if (!defaults || !Array.isArray(services)) return services
  return services.map((each: Service) => (each?.contract ? { contract: complete(each.contract, defaults), handler: each.handler } : each))
}

/**
 * Kinds whose verb may be the connector's for all its services. Asked for where a connector is declared, which knows the names
 * of kinds only: of another one each service says its verb itself. Everything else follows from `asks` in the kind's rules.
 */
const QUESTIONS: ReadonlySet<string> = new Set(['query', 'list', 'status', 'catalog', 'document'])

function complete(contract: ServiceContract, { face, retry, paging, method, ...defaults }: ServiceDefaults): ServiceContract {
  const whole: ServiceContract = { ...defaults, ...contract }
  const upstream = { ...(method && QUESTIONS.has(whole.kind) ? { method } : {}), ...pagingOf(whole, paging), ...contract.upstream }
  if (face && whole.identity === 'face') whole.face ??= face
  if (retry && upstream.method === 'GET') whole.retry ??= retry
  if (Object.keys(upstream).length > 0) whole.upstream = upstream
  return whole
}

function pagingOf({ kind, upstream }: ServiceContract, paging: ServiceDefaults['paging']) {
  return paging && kind === 'list' && !upstream?.async ? { paging } : {}
}
