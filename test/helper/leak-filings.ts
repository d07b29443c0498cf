import { setTimeout as sleep } from 'node:timers/promises'
import type { Asker } from '../../conformance/bench.ts'
import { type ChoicesAt, choicesIn, sampleInputs } from '../../conformance/inputs.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { SandboxRow, ServiceContract } from '../../core/connector.ts'
import { isRequired } from '../../core/contract/inputs.ts'
import type { FaultKind } from '../../plugins/sandbox/faults.ts'
import { people } from '../../plugins/sandbox/people.ts'
import type { Sandbox } from '../../plugins/sandbox/server.ts'
import { textFormats } from '../../plugins/web/formats.ts'
import { pdfOf } from './file-bytes.ts'
import type { Hub } from './hub.ts'
import { askers, type Client, pathOf, TYPED } from './leak-drivers.ts'
import type { RowsOf } from './leaks.ts'
import { bankAccounts } from './proper-filing.ts'

const FILING: readonly FaultKind[] = ['refuse-submission', 'reject-submission', 'accepted-then-reset', 'error-code', 'http-500']
/** Below what anybody may withdraw. */
const AMOUNT = 4321.98

interface TextSchema {
  pattern?: string
  maxLength?: number
  format?: string
  examples?: readonly string[]
}

/** Inputs of an application, every one filled in. → the body and what of it must not get out, with its name. */
export function fillIn({ inputs, fields, key }: ServiceContract, row: Readonly<Record<string, unknown>>, choicesAt: ChoicesAt = () => []) {
  const sampled = sampleInputs({ inputs, fields, key } as ServiceContract, [row], choicesAt)
  const body: Record<string, unknown> = {}
  const typed = new Map<string, string>()
  for (const [name, { schema, notes }] of Object.entries(inputs)) {
    const { pattern = '', maxLength = 100, format = '', examples = [] } = schema as TextSchema
    const isMeant = textFormats[format]?.test ?? (() => true)
    const text = TYPED.find((value) => value.length <= maxLength && new RegExp(pattern).test(value) && isMeant(value))
    if (notes.fact) continue
    // A paper's number fits the kind of paper that is chosen.
    if (notes.paper) body[name] = examples[0]
    else if (notes.type === 'text' && text) body[name] = text
    else if (notes.type === 'money') body[name] = AMOUNT
    else if (notes.type === 'choice' && !notes.from) body[name] = sampled[name] ?? Object.keys(notes.list?.values ?? {})[0]
    else if (sampled[name] !== undefined) body[name] = notes.type === 'integer' ? Number(sampled[name]) : sampled[name]
    if (notes.type === 'text' || notes.type === 'money') typed.set(String(body[name]), `${name} as typed`)
  }
  return { body, typed }
}

export async function driveSubmissions(
  { send, letCodesAge }: Client,
  sandbox: Sandbox,
  submissions: readonly CompiledService[],
  queries: readonly CompiledService[],
  rowsOf: RowsOf,
): Promise<void> {
  const { faults } = sandbox
  const offered = new Map(queries.map((query) => [query.key, query]))
  const file = async (service: CompiledService) => {
    const some = askers(service).slice(0, FILING.length + 1)
    // Somebody among them must be one from whom it is taken.
    const holder = askers(service).find((asker) => asker.subject && rowsOf(service, asker.subject).length > 0)
    const isAmong = some.some(({ subject }) => subject === holder?.subject)
    for (const [turn, { bearer, subject }] of (holder && !isAmong ? [...some, holder] : some).entries()) {
      const choicesAt = subject ? choicesIn({ services: offered, rowsOf }, service.connector.id, subject) : undefined
      const { body } = fillIn(service.contract, (subject && rowsOf(service, subject)[0]) ?? {}, choicesAt)
      const headers = { 'idempotency-key': `no-leaks-${service.contract.id}-${turn}` }
      const checkedBy = queries.find(
        ({ connector, contract: { id } }) => connector === service.connector && id === service.contract.submission?.precheck?.service,
      )
      const record = checkedBy && subject ? keyOf(checkedBy, rowsOf(checkedBy, subject)) : {}
      const about = subject ? recordOf(service, rowsOf(service, subject)) : {}
      if (service.contract.submission?.otp) await letCodesAge()
      const papers = await bringPapers({ send }, service, { bearer, subject }, body)
      const payload = { ...body, ...about, ...papers, ...(await askedBesides({ send }, sandbox, service, { bearer, subject }, record)) }
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

/** A small file for every paper that the filing must have. */
async function bringPapers({ send }: Pick<Client, 'send'>, service: CompiledService, { bearer }: Asker, body: Record<string, unknown>) {
  const brought: Record<string, string> = {}
  for (const [name, { notes }] of Object.entries(service.contract.inputs)) {
    if (notes.type !== 'file' || !isRequired(notes, body)) continue
    const headers = { 'content-type': 'application/pdf' }
    const answer = await send({ method: 'POST', url: '/v1/me/files?name=paper', headers, payload: pdfOf(64) }, bearer)
    brought[name] = answer.json<{ data: { id: string } }>().data.id
  }
  return brought
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

/** What names the record that a filing is about: one that there is. */
function recordOf({ contract }: CompiledService, rows: readonly SandboxRow[]): Record<string, unknown> {
  const sampled = sampleInputs(contract, rows)
  return Object.fromEntries(Object.keys(contract.submission?.against?.by ?? {}).map((name) => [name, sampled[name]]))
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
