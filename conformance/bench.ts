import type { LightMyRequestResponse } from 'fastify'
import type { CompiledService } from '../core/call/service.ts'
import type { BindingMethod } from '../core/contract/accounts.ts'
import type { ConnectorDeclaration, SandboxSubject } from '../core/contract/types.ts'
import { kindOf } from '../plugins/kinds/index.ts'
import { bindAccount } from './binding.ts'
import { choicesIn, sampleInputs, toQuery } from './inputs.ts'
import type { Bearer, Lab } from './lab.ts'
import type { Paper } from './paper.ts'
import { variantId } from './variants.ts'

/** A query that was answered, and for whom. */
export interface Answered {
  service: CompiledService
  bearer: Bearer
  subject: SandboxSubject | null
  response: LightMyRequestResponse
}

/** Everything that the checks of one connector share. */
export interface Bench extends Paper {
  lab: Lab
  connector: ConnectorDeclaration
  /** The connector's own services, without those of its doubles. */
  services: readonly CompiledService[]
  answered: readonly Answered[]
  /** Services that answered nobody, and with what. */
  silent: readonly { service: CompiledService; reason: string }[]
  /** Every answer that was seen, errors included. */
  seen: LightMyRequestResponse[]
  /** Asks a service, of the connector or of a double, in the way that got an answer before. */
  ask(like: Answered, service?: CompiledService, query?: Readonly<Record<string, string | undefined>>): Promise<LightMyRequestResponse>
  send: Lab['send']
  /** Where users have accounts of their own at the agency, binds the caller's, once. */
  prepare(connector: ConnectorDeclaration, bearer: Bearer): Promise<void>
  /** Services of the double that suffers a trouble, each with the answer of its original. */
  doublesOf(trouble: string): { service: CompiledService; like: Answered }[]
}

const BINDINGS = 5

/** Opens the bench: asks every query once, each for whoever has something there. */
export async function openBench(paper: Paper, lab: Lab): Promise<Bench> {
  const { connector } = paper
  const services = [...lab.services.values()].filter((service) => service.connector.id === connector.id)
  const seen: LightMyRequestResponse[] = []
  const answered: Answered[] = []
  const silent: { service: CompiledService; reason: string }[] = []

  const send: Lab['send'] = async (request) => {
    const response = await lab.send(request)
    seen.push(response)
    return response
  }

  function ask({ service: original, bearer, subject }: Omit<Answered, 'response'>, service = original, query = {}) {
    const whom = subject ?? { index: 0, name: '', number: '' }
    const sampled = sampleInputs(service.contract, lab.rowsOf(original, whom), choicesIn(lab, original.connector.id, whom))
    const parameters = toQuery({ ...sampled, ...query })
    const separator = parameters.size > 0 ? '?' : ''
    return send({ url: `/v1/${service.connector.id}/${service.contract.id}${separator}${parameters}`, bearer })
  }

  const bound = new Map<string, Promise<unknown>>()

  async function prepare(connector: ConnectorDeclaration, { person: index }: Bearer): Promise<void> {
    const person = lab.people.find((candidate) => candidate.index === index)
    const [method] = connector.accounts?.bind ?? []
    if (!person || !method || lab.accountsOf(connector, person).length === 0) return
    const key = `${connector.id} ${index}`
    const binding = bound.get(key) ?? bindAtLength(connector, method, person)
    bound.set(key, binding)
    await binding
  }

  /** A double without patience gives its agency up where the machine is busy: it is asked again. */
  async function bindAtLength(connector: ConnectorDeclaration, method: BindingMethod, person: SandboxSubject): Promise<void> {
    for (let tries = 0; tries < BINDINGS; tries++) if ((await bindAccount({ send }, connector, method, person)).statusCode < 500) return
  }

  async function survey(service: CompiledService, group: readonly Asker[]): Promise<void> {
    const reasons = new Set<string>()
    for (const asker of group) {
      await prepare(service.connector, asker.bearer)
      const response = await ask({ service, ...asker })
      if (response.statusCode === 200 && hasRows(response)) {
        answered.push({ service, ...asker, response })
        return
      }
      reasons.add(response.statusCode === 200 ? '没有记录' : describe(response))
    }
    silent.push({ service, reason: [...reasons].join('、') })
  }

  const queries = services.filter(({ contract }) => kindOf(contract).asks)
  await Promise.all(queries.flatMap((service) => askersOf(service, lab).map((group) => survey(service, group))))
  const doubles = new Set([...lab.services.values()].map((service) => service.connector).filter(({ id }) => id !== connector.id))
  const askers = new Set(answered.map(({ bearer }) => bearer.person))
  await Promise.all([...doubles].flatMap((double) => [...askers].map((person) => prepare(double, person === undefined ? {} : { person }))))

  return {
    ...paper,
    lab,
    services,
    answered,
    silent,
    seen,
    send,
    ask,
    prepare,
    doublesOf: (trouble) =>
      [...lab.services.values()].flatMap((service) => {
        if (service.connector.id !== variantId(connector, trouble)) return []
        const like = answered.find((answer) => answer.service.contract.id === service.contract.id)
        return like ? [{ service, like }] : []
      }),
  }
}

export type Asker = Pick<Answered, 'bearer' | 'subject'>

/** Groups of those who may ask: of each group somebody must get an answer. */
export function askersOf(
  { contract }: Pick<CompiledService, 'contract'>,
  { people, enterprises, mandates }: Pick<Lab, 'people' | 'enterprises' | 'mandates'>,
): Asker[][] {
  if (contract.identity === 'none') return [[{ bearer: {}, subject: null }]]
  const persons = people.map((subject) => ({ bearer: { person: subject.index }, subject }))
  const agents = mandates.map(({ person, enterprise }) => ({
    bearer: { person, enterprise },
    subject: enterprises.find(({ index }) => index === enterprise) ?? null,
  }))
  if (contract.agents) return [persons, agents]
  return [contract.audience === 'enterprise' ? agents : persons]
}

/** Status, code and field of an answer. */
export function describe(response: LightMyRequestResponse): string {
  const { code = '', field, detail } = readJson(response) as { code?: string; field?: string; detail?: string }
  return [response.statusCode, code, field ?? (response.statusCode < 500 ? detail : undefined)].filter(Boolean).join(' ')
}

/** The answer's JSON; an empty object where it is none. */
export function readJson(response: LightMyRequestResponse): Record<string, unknown> {
  return String(response.headers['content-type']).includes('json') ? response.json<Record<string, unknown>>() : {}
}

/** Rows of an answer, one or many; none of a file. */
export function rowsIn(response: LightMyRequestResponse): Record<string, unknown>[] {
  const { data } = readJson(response)
  return (Array.isArray(data) ? data : [data]).filter((row) => typeof row === 'object' && row !== null) as Record<string, unknown>[]
}

function hasRows(response: LightMyRequestResponse): boolean {
  return rowsIn(response).length > 0 || response.rawPayload.subarray(0, 5).toString() === '%PDF-'
}
