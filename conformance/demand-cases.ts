import type { CompiledService } from '../core/call/service.ts'
import type { JointPolicy } from '../plugins/kinds/filing/policy.ts'
import { kindOf } from '../plugins/kinds/index.ts'
import { askersOf, type Bench, readJson } from './bench.ts'
import type { Demand, Lack } from './demand.ts'
import { variantId } from './variants.ts'

/**
 * What a contract asks of business that is handled at one window: the filings that the check of submissions brought to their end are
 * looked at where a citizen follows them. Who takes money is asked for the cases that it is paid for.
 */

interface Case {
  state: string
  parts?: { part: string; state: string; since: string | null }[]
}

type Policy = NonNullable<CompiledService['contract']['submission']>

/** A filing of the double, as whoever made it reads it in 我的办件; null where there is none. */
async function followed({ connector, contract }: CompiledService, bench: Bench): Promise<Case | null> {
  const double = variantId(connector, kindOf(contract).name)
  for (const { bearer } of askersOf({ contract }, bench.lab).flat()) {
    const url = `/v1/me/submissions?connector=${double}&service=${contract.id}&group=done`
    const { rows = [] } = (readJson(await bench.send({ url, bearer }))['data'] ?? {}) as { rows?: { id: string; state: string }[] }
    const ended = rows.find(({ state }) => state === 'approved') ?? rows[0]
    if (ended) return (readJson(await bench.send({ url: `/v1/me/submissions/${ended.id}`, bearer }))['data'] ?? null) as Case | null
  }
  return null
}

/** Filings whose case is paid for with this service. */
function paidWith({ connector, contract }: CompiledService, { services }: Bench): CompiledService[] {
  const takes = (policy: Policy | undefined) =>
    Object.values(policy?.joint?.parts ?? {}).some(({ payment }) => payment?.service === contract.id)
  return services.filter((service) => service.connector === connector && takes(service.contract.submission))
}

/** The service itself, or what it takes money for. */
function casesOf(service: CompiledService, bench: Bench): CompiledService[] {
  return service.contract.submission ? [service] : paidWith(service, bench)
}

/** From the application to its end without another window: filed, and followed with everything else. */
export async function inOnePlace({ service }: Demand, bench: Bench): Promise<Lack> {
  const cases = casesOf(service, bench)
  if (cases.length === 0) return '：不能在线办理'
  for (const each of cases) if (!(await followed(each, bench))) return `：“我的办件”里没有办结的 ${each.contract.id}`
  return null
}

/** One filing for all that has to be done, each part of it shown, and done when the case is. */
export async function asOneCase({ service }: Demand, bench: Bench): Promise<Lack> {
  const cases = casesOf(service, bench)
  if (cases.length === 0) return '：没有合为一件的办件'
  for (const each of cases) {
    const { joint } = each.contract.submission ?? {}
    if (!joint) return `：${each.contract.id} 没有合为一件`
    const told = await followed(each, bench)
    const parts = told?.parts ?? []
    if (parts.length !== Object.keys(joint.parts).length || parts.some(({ state, since }) => state !== 'done' || since === null))
      return `：${each.contract.id} 的各环节没有办完：${parts.map(({ part, state }) => `${part} ${state}`).join('，') || '没有环节'}`
  }
  return null
}

/** Some parts need the same ones before, and so go side by side. */
export async function sideBySide(demand: Demand, bench: Bench): Promise<Lack> {
  for (const { contract } of casesOf(demand.service, bench))
    if (!isParallel(contract.submission?.joint)) return `：${contract.id} 没有同时进行的环节`
  return asOneCase(demand, bench)
}

function isParallel(joint: JointPolicy | undefined): boolean {
  const needs = Object.values(joint?.parts ?? {}).flatMap(({ after = [] }) => (after.length === 0 ? [] : [[...after].sort().join()]))
  return new Set(needs).size < needs.length
}
