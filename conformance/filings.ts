import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledService } from '../core/call/service.ts'
import { serialOf } from '../plugins/kinds/filing/delivery.ts'
import { type Asker, askersOf, type Bench, describe, readJson } from './bench.ts'
import type { Finding } from './check.ts'
import { choicesIn, sampleInputs } from './inputs.ts'
import { variantId } from './variants.ts'

/** Time for all filings of a connector together. */
const LIMIT_MS = 10_000
const LOOK_EVERY_MS = 100

/** Files every submission twice with one key, half of them while the connection breaks, and follows it to its end. */
export async function checkFilings(bench: Bench): Promise<Finding> {
  const { lab, connector } = bench
  const filed = [...lab.services.values()].filter(
    ({ connector: { id }, contract }) => id === variantId(connector, 'filings') && contract.submission,
  )
  if (filed.length === 0) return { skip: '没有办理类服务' }
  const deadline = performance.now() + LIMIT_MS
  const reasons = await Promise.all(filed.map((service, position) => follow(bench, service, position % 2 === 1, deadline)))
  lab.clearFaults()
  return reasons.flat()
}

async function follow(bench: Bench, service: CompiledService, breaks: boolean, deadline: number): Promise<string[]> {
  const { lab, send } = bench
  const { id } = service.contract
  const asker = askersOf(service, lab)
    .flat()
    .find(({ subject }) => subject && lab.rowsOf(service, subject).length > 0)
  if (!asker) return [`${id}：沙箱里没有人可以申请`]
  if (breaks) lab.setFault({ kind: 'accepted-then-reset', sid: service.sid, times: 1 })
  const [first, again] = [await file(bench, service, asker), await file(bench, service, asker)]
  if (first.statusCode !== 202) return [`${id}：${describe(first)}`]
  const filing = (readJson(first)['data'] ?? {}) as { id: string; statusUrl: string }
  if ((readJson(again)['data'] as { id?: string } | undefined)?.id !== filing.id) return [`${id}：同一个幂等键受理了两次`]

  let state: { final?: boolean; state?: string } = {}
  while (!state.final && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS)
    state = (readJson(await send({ url: filing.statusUrl, bearer: asker.bearer }))['data'] ?? {}) as typeof state
  }
  const count = lab.filings().get(serialOf(filing.id)) ?? 0
  return [...(state.final ? [] : [`${id}：没有办结，停在 ${state.state}`]), ...(count === 1 ? [] : [`${id}：报送了 ${count} 次`])]
}

function file({ send, lab }: Bench, service: CompiledService, { bearer, subject }: Asker) {
  const { connector, contract } = service
  const rows = subject ? lab.rowsOf(service, subject) : []
  const body = sampleInputs(contract, rows, subject ? choicesIn(lab, connector.id, subject) : undefined)
  const headers = { 'idempotency-key': `conformance-${contract.id}` }
  return send({ method: 'POST', url: `/v1/${connector.id}/${contract.id}`, bearer, headers, body })
}
