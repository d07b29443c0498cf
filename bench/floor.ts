import { randomBytes } from 'node:crypto'
import { compileService } from '../core/call/service.ts'
import type { AuditEntry } from '../plugins/audit/entry.ts'
import { loadConnectors } from '../plugins/load-connectors.ts'
import { answerSchema } from '../plugins/openapi/answer.ts'
import { PARTS, type Part, type Script } from './floor-server.ts'
import { load } from './load.ts'
import { CONNECTOR, SERVICE, type Side, type Stage } from './stage.ts'
import { alignColumns, median } from './table.ts'

/** V8 goes on optimising; the larger the program, the longer. */
const WARM_UP_CALLS = 10_000
const WARM_UP_TURNS = 10
const ROUND_SECONDS = 2

const DOES: Readonly<Record<Part, string>> = {
  http: 'fastify reads a request and answers bytes that are ready',
  agency: 'undici asks the agency, unread',
  json: 'its JSON is parsed, the answer is written by schema',
  audit: 'one audit row, committed',
}

/**
 * What the least costs that answers the same: no token, no checks, no masks, no signature. Prints each part and what the hub and
 * the proxy take beside it, all in turns. → the exit code.
 */
export async function measureFloor(stage: Stage, rounds: number, connections: number): Promise<number> {
  const script = await scriptOf(stage)
  const sides: Record<string, Side> = { proxy: stage.proxy, hub: stage.hub }
  for (const part of PARTS) {
    const process = await stage.beside('bench/floor-server.ts', { BENCH_PART: part }, script)
    sides[part] = { process, requests: stage.hub.requests }
  }
  let failed = 0
  const drive = async ({ process, requests }: Side): Promise<number> => {
    const result = await load(process.origin, requests, connections, ROUND_SECONDS)
    failed += result.failed
    return result.answered
  }
  const turns = Object.entries(sides)
  for (const [, side] of turns)
    for (let calls = 0, turn = 0; calls < WARM_UP_CALLS && turn < WARM_UP_TURNS; turn++) calls += await drive(side)
  const cpu: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, side] of round % 2 === 0 ? turns : [...turns].reverse()) {
      const before = await side.process.cpu()
      const answered = await drive(side)
      cpu[name] = [...(cpu[name] ?? []), ((await side.process.cpu()) - before) / answered]
    }
  }
  const of = (name: string) => median(cpu[name] ?? [])
  const lines = PARTS.map((part, index) => [DOES[part], of(part) - (index === 0 ? 0 : of(PARTS[index - 1] as Part))] as const)
  const all = [...lines, ['the floor: all of these', of('audit')], ['hub', of('hub')], ['proxy', of('proxy')]] as const
  console.log(`${rounds} rounds of ${ROUND_SECONDS} s each in turns, ${connections} connections: medians of CPU time\n`)
  console.log(
    alignColumns([['', 'µs/request', '÷ proxy'], ...all.map(([what, µs]) => [what, µs.toFixed(1), (µs / of('proxy')).toFixed(2)])]),
  )
  const ratio = (name: string, to: string) => median((cpu[name] ?? []).map((value, round) => value / (cpu[to]?.[round] ?? Number.NaN)))
  if (failed > 0) console.log(`FAILED: ${failed} requests were not answered with 200`)
  console.log(`\nhub ÷ floor: ${ratio('hub', 'audit').toFixed(2)}\nfloor ratio: ${ratio('audit', 'proxy').toFixed(2)}`)
  return failed > 0 ? 1 : 0
}

async function scriptOf({ hub, exchanged }: Stage): Promise<Script> {
  const connector = (await loadConnectors()).find(({ id }) => id === CONNECTOR)
  const service = connector?.services.find(({ contract }) => contract.id === SERVICE)
  if (!connector || !service) throw new Error(`no ${CONNECTOR}.${SERVICE}`)
  const compiled = compileService(connector, service)
  const [{ path, headers }] = hub.requests as [Side['requests'][number]]
  const answer = (await (await fetch(`${hub.process.origin}${path}`, { headers })).json()) as object
  const entry: AuditEntry = {
    action: 'call',
    traceId: randomBytes(16).toString('hex'),
    at: Date.now(),
    app: 'app-mobile',
    user: randomBytes(16).toString('hex'),
    enterprise: null,
    connector: CONNECTOR,
    service: SERVICE,
    purpose: compiled.contract.name,
    clientIp: '127.0.0.1',
    method: 'GET',
    outcome: 'ok',
    status: 200,
    durationMs: 12.3,
    upstreamStatus: 200,
    upstreamMs: 4.5,
    fields: compiled.fieldNames,
    rows: 1,
  }
  return { calls: exchanged, answer, schema: answerSchema(compiled), entry }
}
