import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { type Asker, askersOf } from '../../conformance/bench.ts'
import { sampleInputs, toQuery } from '../../conformance/inputs.ts'
import type { CompiledService } from '../../core/call/service.ts'
import { type FaultKind, faultKinds } from '../../plugins/sandbox/faults.ts'
import { enterprises, mandates, people } from '../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import type { Hub } from './hub.ts'
import type { RowsOf } from './leaks.ts'

/** Nobody waits for these, so that the test doesn't. */
const STALLING: readonly FaultKind[] = ['timeout', 'slow', 'never-ready']
/** These come last: after several of them the hub renews no secret for some seconds. */
const CREDENTIAL: readonly FaultKind[] = ['bad-sign', 'clock-skew', 'secret-expired', 'secret-rotated']
/** Troubles in which an answer is at hand whose values might be told: every service suffers these … */
const TELLING: readonly FaultKind[] = ['wrong-types', 'wrong-person']
/** … and one of these. */
const FURTHER: readonly FaultKind[] = ['error-code', 'http-500', 'many']

/** An answer, and the service that was asked; null where none was meant. */
export interface Seen {
  service: CompiledService | null
  response: LightMyRequestResponse
}

/** Sends requests and keeps what came back, and every token that was used. */
export function createClient(hub: Hub) {
  const seen: Seen[] = []
  const issued = new Map<string, Promise<string>>()
  async function send(
    options: InjectOptions,
    token: Parameters<Hub['token']>[0] = {},
    service: CompiledService | null = null,
  ): Promise<LightMyRequestResponse> {
    // One token a person: signing and checking a new one for every call is most of what a call costs here.
    const key = options.method === 'POST' ? `${issued.size}` : JSON.stringify(token)
    const issuing = issued.get(key) ?? hub.token(token)
    issued.set(key, issuing)
    const bearer = await issuing
    const response = await hub.app.inject({ ...options, headers: { authorization: `Bearer ${bearer}`, ...options.headers } })
    seen.push({ service, response })
    return response
  }
  return {
    send,
    seen,
    tokens: () => Promise.all(issued.values()),
    /** As if the last code that anybody was sent had been long ago. */
    letCodesAge: async () => void (await hub.app.database('filing_codes').update({ sent_at: hub.app.database.raw('sent_at - 90000') })),
  }
}

export type Client = ReturnType<typeof createClient>

export const pathOf = ({ connector, contract }: CompiledService) => `/v1/${connector.id}/${contract.id}`
export const askers = (service: CompiledService): Asker[] => askersOf(service, { people, enterprises, mandates }).flat()

/** The same, those first who have something there: of nothing no value could be told. */
const holders = (service: CompiledService, rowsOf: RowsOf): Asker[] => {
  const has = ({ subject }: Asker) => subject !== null && subject !== undefined && rowsOf(service, subject).length > 0
  return askers(service).sort((a, b) => Number(has(b)) - Number(has(a)))
}

function urlOf(service: CompiledService, { subject }: Asker, rowsOf: RowsOf, more: Record<string, string> = {}): string {
  const given = sampleInputs(service.contract, subject ? rowsOf(service, subject) : [])
  return `${pathOf(service)}?${toQuery({ ...given, ...more })}`
}

/** Every query for everybody who may ask it, and once in each of its other forms; `plain`: once, and that is all. */
export async function driveQueries({ send }: Client, queries: readonly CompiledService[], rowsOf: RowsOf, plain = false): Promise<void> {
  const ask = async (service: CompiledService) => {
    const [first, ...others] = holders(service, rowsOf)
    if (!first) return
    if (plain) return void (await send({ url: urlOf(service, first, rowsOf) }, first.bearer, service))
    const forms = ['csv', ...(service.contract.kind === 'document' ? ['pdf'] : [])].map((format) => [first, { format }] as const)
    const all = [...[first, ...others].map((asker) => [asker, {}] as const), ...forms]
    await Promise.all(all.map(([asker, more]) => send({ url: urlOf(service, asker, rowsOf, more) }, asker.bearer, service)))
  }
  // One agency after the other: all at once are more than the hub takes in.
  for (const agency of new Set(queries.map(({ connector }) => connector)))
    await Promise.all(queries.filter(({ connector }) => connector === agency).map(ask))
}

/** Every query in trouble; calls that go well come before, so that the breaker stays out of it. */
export async function driveEveryTrouble(
  { send }: Client,
  { faults }: Sandbox,
  queries: readonly CompiledService[],
  rowsOf: RowsOf,
): Promise<void> {
  const suffer = async (service: CompiledService, turn: number) => {
    const all = holders(service, rowsOf)
    const further = FURTHER[turn % FURTHER.length] as FaultKind
    for (const kind of [...TELLING, further]) {
      const asker = (shift: number) => all[shift % all.length] as Asker
      const ask = (shift: number) => send({ url: urlOf(service, asker(shift), rowsOf) }, asker(shift).bearer, service)
      await Promise.all([ask(1), ask(2)])
      faults.set({ kind, sid: service.sid, times: 1 })
      await ask(0)
    }
  }
  await Promise.all(queries.map(suffer))
  faults.clear()
}

/** Every kind of trouble, of calls and of renewals, each for a query of every connector. */
export async function driveEveryKind(
  { send }: Client,
  { faults }: Sandbox,
  queries: readonly CompiledService[],
  rowsOf: RowsOf,
): Promise<void> {
  const connectors = [...new Set(queries.map(({ connector }) => connector))]
  const byConnector = connectors.map((own) => queries.filter(({ connector }) => connector === own))
  const kinds = (Object.keys(faultKinds) as FaultKind[]).filter((kind) => !STALLING.includes(kind) && !CREDENTIAL.includes(kind))
  let turn = 0
  for (const kind of [...kinds, ...CREDENTIAL]) {
    for (const on of ['call', 'refresh'] as const) {
      turn++
      faults.clear()
      faults.set({ kind, on })
      const chosen = byConnector.flatMap((group) => group[turn % group.length] ?? [])
      const asking = chosen.flatMap((service) => {
        const all = askers(service)
        const asker = all[turn % all.length]
        return asker ? [send({ url: urlOf(service, asker, rowsOf) }, asker.bearer, service)] : []
      })
      await Promise.all(asking)
    }
  }
  faults.clear()
}

/** What citizens type; for each input the first that it takes. None of it is anybody's. */
export const TYPED = ['泄漏检测泄漏检测', '13800004321', '9000888877776665', '411002001001GB99999F99990001'] as const
/** Requests that carry personal data where none belongs, to every service and past them. */
export async function driveErrors({ send }: Client, services: readonly CompiledService[]): Promise<void> {
  const values = [people[0]?.number, people[0]?.name, enterprises[0]?.number, TYPED[2]].map(String)
  for (const service of services) {
    const path = pathOf(service)
    const bearer = askers(service)[0]?.bearer ?? {}
    const parameters = ['idNumber', 'fields', ...Object.keys(service.contract.inputs)]
    const urls = values.flatMap((value, turn) => {
      const text = encodeURIComponent(value)
      const parameter = parameters[turn % parameters.length] ?? 'idNumber'
      return [`${path}?${parameter}=${text}`, turn % 2 === 0 ? `${path}?idNumber=${text}` : `${path}/${text}`]
    })
    await Promise.all(urls.map((url) => send({ url }, bearer, service)))
    if (!service.contract.submission) continue
    await send({ url: `${path}/${crypto.randomUUID()}` }, bearer, service)
    for (const value of values) {
      const json = { 'content-type': 'application/json', 'idempotency-key': 'no-leaks-errors' }
      const post = { method: 'POST', url: path } as const
      await Promise.all([
        send({ ...post, headers: json, payload: `{"${value}` }, bearer, service),
        send({ ...post, headers: json, payload: { idNumber: value, [value]: value } }, bearer, service),
        send({ ...post, headers: { 'content-type': 'text/xml' }, payload: value }, bearer, service),
      ])
    }
  }
  // One that asks who is calling.
  const service = services.find(({ contract }) => contract.identity !== 'none')
  if (!service) return
  const url = pathOf(service)
  for (const value of values) {
    const text = encodeURIComponent(value)
    for (const other of [`/v1/${text}`, `/health/connectors/${text}`, `/problems/${text}`, `/v1/verify/${text}`]) await send({ url: other })
    await send({ url, headers: { authorization: `Bearer ${text}.${text}.${text}` } })
    await send({ url, headers: { traceparent: value, 'x-request-id': value, cookie: value } })
    await send({ url }, { claims: { sub: text } })
  }
  await send({ url }, { expiresInSeconds: -60 })
  // Nobody's agent: 403 with what to do first.
  for (const wanting of services.filter(({ contract }) => contract.face)) await send({ url: pathOf(wanting) }, { face: false }, wanting)
  for (const { connector, contract } of services.filter(({ contract }) => contract.audience === 'enterprise'))
    await send({ url: `/v1/${connector.id}/${contract.id}` }, { person: 7, enterprise: 1 })
}

/** A table that is gone: the hub's own failure, which it logs in full. */
export async function driveFailure(hub: Hub, { send }: Client, services: readonly CompiledService[]): Promise<void> {
  const service = services.find(({ contract }) => contract.audience === 'enterprise')
  if (!service) throw new Error('no service of enterprises')
  await hub.app.database.schema.renameTable('mandates', 'mandates_away')
  const failed = await send({ url: pathOf(service) }, { enterprise: 1 }, service)
  await hub.app.database.schema.renameTable('mandates_away', 'mandates')
  if (failed.statusCode !== 500) throw new Error(`the hub was to fail, and answered ${failed.statusCode}`)
}
