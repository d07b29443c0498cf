import { setTimeout as sleep } from 'node:timers/promises'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { type Asker, askersOf } from '../../conformance/bench.ts'
import { sampleInputs, toQuery } from '../../conformance/inputs.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { SandboxRow, ServiceContract } from '../../core/connector.ts'
import { type FaultKind, faultKinds } from '../../plugins/sandbox/faults.ts'
import { enterprises, mandates, people } from '../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import { textFormats } from '../../plugins/web/formats.ts'
import type { Hub } from './hub.ts'
import type { RowsOf } from './leaks.ts'
import { bankAccounts } from './proper-filing.ts'

/** Nobody waits for these, so that the test doesn't. */
const STALLING: readonly FaultKind[] = ['timeout', 'slow', 'never-ready']
/** These come last: after several of them the hub renews no secret for some seconds. */
const CREDENTIAL: readonly FaultKind[] = ['bad-sign', 'clock-skew', 'secret-expired', 'secret-rotated']
/** Troubles in which an answer is at hand whose values might be told: every service suffers these … */
const TELLING: readonly FaultKind[] = ['wrong-types', 'wrong-person']
/** … and one of these. */
const FURTHER: readonly FaultKind[] = ['error-code', 'http-500', 'many']
const FILING: readonly FaultKind[] = ['refuse-submission', 'reject-submission', 'accepted-then-reset', 'error-code', 'http-500']

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
  return { send, seen, tokens: () => Promise.all(issued.values()) }
}

export type Client = ReturnType<typeof createClient>

const pathOf = ({ connector, contract }: CompiledService) => `/v1/${connector.id}/${contract.id}`
export const askers = (service: CompiledService): Asker[] => askersOf(service, { people, enterprises, mandates }).flat()

function urlOf(service: CompiledService, { subject }: Asker, rowsOf: RowsOf, more: Record<string, string> = {}): string {
  const given = sampleInputs(service.contract, subject ? rowsOf(service, subject) : [])
  return `${pathOf(service)}?${toQuery({ ...given, ...more })}`
}

/** Every query for everybody who may ask it, and once in each of its other forms; `plain`: once, and that is all. */
export async function driveQueries({ send }: Client, queries: readonly CompiledService[], rowsOf: RowsOf, plain = false): Promise<void> {
  const ask = async (service: CompiledService) => {
    const [first, ...others] = askers(service)
    if (!first) return
    if (plain) return void (await send({ url: urlOf(service, first, rowsOf) }, first.bearer, service))
    const forms = ['csv', ...(service.contract.kind === 'document' ? ['pdf'] : [])].map((format) => [first, { format }] as const)
    const all = [...[first, ...others].map((asker) => [asker, {}] as const), ...forms]
    await Promise.all(all.map(([asker, more]) => send({ url: urlOf(service, asker, rowsOf, more) }, asker.bearer, service)))
  }
  await Promise.all(queries.map(ask))
}

/** Every query in trouble; calls that go well come before, so that the breaker stays out of it. */
export async function driveEveryTrouble(
  { send }: Client,
  { faults }: Sandbox,
  queries: readonly CompiledService[],
  rowsOf: RowsOf,
): Promise<void> {
  const suffer = async (service: CompiledService, turn: number) => {
    const all = askers(service)
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
const TYPED = ['泄漏检测泄漏检测', '13800004321', '9000888877776665', '411002001001GB99999F99990001'] as const
/** Below what anybody may withdraw. */
const AMOUNT = 4321.98

/** Inputs of an application, every one filled in. → the body and what of it must not get out, with its name. */
export function fillIn({ inputs, fields, key }: ServiceContract, row: Readonly<Record<string, unknown>>) {
  const sampled = sampleInputs({ inputs, fields, key } as ServiceContract, [row])
  const body: Record<string, unknown> = {}
  const typed = new Map<string, string>()
  for (const [name, { schema, notes }] of Object.entries(inputs)) {
    const { pattern = '', maxLength = 100, format = '' } = schema as { pattern?: string; maxLength?: number; format?: string }
    const isMeant = textFormats[format]?.test ?? (() => true)
    const text = TYPED.find((value) => value.length <= maxLength && new RegExp(pattern).test(value) && isMeant(value))
    if (notes.fact) continue
    if (notes.type === 'text' && text) body[name] = text
    else if (notes.type === 'money') body[name] = AMOUNT
    else if (notes.type === 'choice') body[name] = Object.keys(notes.list?.values ?? {})[0]
    else if (sampled[name] !== undefined) body[name] = notes.type === 'integer' ? Number(sampled[name]) : sampled[name]
    if (notes.type === 'text' || notes.type === 'money') typed.set(String(body[name]), `${name} as typed`)
  }
  return { body, typed }
}

export async function driveSubmissions(
  { send }: Client,
  sandbox: Sandbox,
  submissions: readonly CompiledService[],
  queries: readonly CompiledService[],
  rowsOf: RowsOf,
): Promise<void> {
  const { faults } = sandbox
  const file = async (service: CompiledService) => {
    for (const [turn, { bearer, subject }] of askers(service)
      .slice(0, FILING.length + 1)
      .entries()) {
      const { body } = fillIn(service.contract, (subject && rowsOf(service, subject)[0]) ?? {})
      const headers = { 'idempotency-key': `no-leaks-${service.contract.id}-${turn}` }
      const checkedBy = queries.find(
        ({ connector, contract: { id } }) => connector === service.connector && id === service.contract.submission?.precheck?.service,
      )
      const record = checkedBy && subject ? keyOf(checkedBy, rowsOf(checkedBy, subject)) : {}
      const payload = { ...body, ...(await askedBesides({ send }, sandbox, service, { bearer, subject }, record)) }
      faults.set({ kind: FILING[turn % FILING.length] ?? 'reset', sid: service.sid, times: 1 })
      await send({ method: 'POST', url: pathOf(service), headers, payload }, bearer, service)
    }
  }
  // A phone shows the last code alone, so whatever wants one is filed in turn.
  const coded = submissions.filter(({ contract }) => contract.submission?.otp)
  const inTurn = async () => {
    for (const service of coded) await file(service)
  }
  await Promise.all([inTurn(), ...submissions.filter((service) => !coded.includes(service)).map(file)])
  await Promise.all(people.map(({ index }) => agree({ send }, index)))
}

/** What a filing rests on beside what is typed: a record of the applicant's own, his bank account, the code from the phone, the others. */
async function askedBesides(
  { send }: Pick<Client, 'send'>,
  { codes }: Sandbox,
  service: CompiledService,
  { bearer, subject }: Asker,
  record: Record<string, unknown>,
) {
  const { inputs, submission } = service.contract
  const { otp, parties } = submission ?? {}
  if (otp) await send({ method: 'POST', url: `${pathOf(service)}/verification-code` }, bearer, service)
  const account = bankAccounts[bearer.person ?? 0]
  const roles = Object.keys(parties?.roles.values ?? {})
  const others = people.filter(({ index }) => index !== bearer.person).slice(0, parties?.min ?? 0)
  const named = others.map(({ name, number: idNumber }) => ({ name, idNumber, role: roles.at(-1) }))
  return {
    ...Object.fromEntries(Object.entries(record).filter(([name]) => inputs[name])),
    ...(inputs['targetBankAccount'] && account ? { targetBankAccount: account } : {}),
    ...(otp ? { verificationCode: codes().get(`${otp.sid}/${subject?.number}`) } : {}),
    ...(parties ? { applicantRole: roles[0], ...(named.length > 0 ? { parties: named } : {}) } : {}),
  }
}

/** By what a record is chosen that a filing is checked by. */
function keyOf({ contract }: CompiledService, rows: readonly SandboxRow[]): Record<string, unknown> {
  const sampled = sampleInputs(contract, rows)
  return Object.fromEntries(Object.entries(sampled).filter(([name]) => name === contract.key))
}

/** To whatever wants this person's consent. */
async function agree({ send }: Pick<Client, 'send'>, person: number): Promise<void> {
  const { data = [] } = (await send({ url: '/v1/me/consents' }, { person })).json<{ data?: { id: string }[] }>()
  for (const { id } of data) await send({ method: 'POST', url: `/v1/me/consents/${id}`, payload: { decision: 'agree' } }, { person })
}

export async function followSubmissions(hub: Hub, { send }: Client, submissions: readonly CompiledService[]): Promise<void> {
  const untried = () => hub.app.database('submissions').where({ attempts: 0, state: 'filed' }).select('id')
  for (const end = Date.now() + 5000; (await untried()).length > 0 && Date.now() < end; ) await sleep(50)
  const follow = async (service: CompiledService) => {
    for (const { index: person } of people) {
      const { data = [] } = (await send({ url: pathOf(service) }, { person }, service)).json<{ data?: { statusUrl: string }[] }>()
      await Promise.all(data.map(({ statusUrl }) => send({ url: statusUrl }, { person }, service)))
    }
  }
  await Promise.all(submissions.map(follow))
}

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
  const [service] = services
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
