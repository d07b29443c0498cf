import type { Service, ServiceContract, ServiceDefaults } from './types.ts'

/** What a service says goes before what its connector says for all of them. */
export function applyDefaults(services: readonly Service[], defaults: ServiceDefaults | undefined): Service[] {
  return defaults ? services.map(({ contract, handler }) => ({ contract: complete(contract, defaults), handler })) : [...services]
}

/** Kinds that are asked with a query string and change nothing. */
const QUESTIONS: ReadonlySet<string> = new Set(['query', 'list', 'status', 'catalog', 'document'])

export function isQuestion({ kind }: Pick<ServiceContract, 'kind'>): boolean {
  return QUESTIONS.has(kind)
}

function complete(contract: ServiceContract, { face, retry, paging, method, ...defaults }: ServiceDefaults): ServiceContract {
  const whole: ServiceContract = { ...defaults, ...contract }
  const upstream = { ...(method && isQuestion(whole) ? { method } : {}), ...pagingOf(whole, paging), ...contract.upstream }
  if (face && whole.identity === 'face') whole.face ??= face
  if (retry && upstream.method === 'GET') whole.retry ??= retry
  if (Object.keys(upstream).length > 0) whole.upstream = upstream
  return whole
}

function pagingOf({ kind, upstream }: ServiceContract, paging: ServiceDefaults['paging']) {
  return paging && kind === 'list' && !upstream?.async ? { paging } : {}
}
