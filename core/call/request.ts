import type { Asker } from '../contract/asker.ts'
import type { AddressValue, FileValue, InputNotes, Inputs, Period } from '../contract/inputs.ts'
import { namesInPath } from '../contract/paths.ts'
import type { Handler, ServiceContract, UpstreamDeclaration } from '../contract/types.ts'
import type { Outgoing } from '../upstream/dialect.ts'
import { factOf } from './facts.ts'
import { compilePlace } from './placing.ts'
import { compileHeaders, compilePath } from './service-address.ts'
import { addressText, compileValue } from './writing.ts'

type Input = Readonly<Record<string, unknown>>
type Params = Record<string, unknown>

/** How a service's validated inputs and its verified asker become a request. */
export interface RequestWriter {
  /** Parameters, in the agency's keys and forms; what stands in the path or a header is not among them. */
  params(input: Input, asker: Asker): Params
  /** The whole call, apart from its signature. */
  outgoing(input: Input, asker: Asker): Outgoing
}

type Step = (out: Params, input: Input, asker: Asker) => void

/** Made ready once: what a declaration doesn't use costs a call nothing. */
export function compileRequest(
  sid: string,
  contract: ServiceContract,
  upstream: UpstreamDeclaration,
  request: Handler<Inputs, ServiceContract['fields']>['request'],
): RequestWriter {
  const { method = 'POST', path, headers, constants = {} } = contract.upstream ?? {}
  const place = (key: string) => compilePlace(key, method)
  const elsewhere = new Set([...namesInPath(path), ...Object.values(headers ?? {}).flatMap((value) => inputIn(value))])

  // Keys with a path are placed anew each time, so that no call's values stay in a constant's object.
  const isNested = [...Object.keys(constants), ...keysOf(contract, upstream)].some((key) => key.includes('.'))
  const fixed = isNested ? {} : constants
  const constantSteps = isNested ? Object.entries(constants).map(([key, value]) => ({ set: place(key), value })) : []
  const person = Object.entries(upstream.subject.person ?? {}).map(([key, fact]) => ({ set: place(key), fact }))
  const enterprise = Object.entries(upstream.subject.enterprise ?? {}).map(([key, fact]) => ({ set: place(key), fact }))
  const steps = Object.entries(contract.inputs).flatMap(([name, { notes }]): Step[] =>
    elsewhere.has(name) ? [] : [compileInput(name, notes, upstream, contract, place)],
  )

  function params(input: Input, asker: Asker): Params {
    const out: Params = { ...fixed }
    for (const { set, value } of constantSteps) set(out, structuredClone(value))
    for (const { set, fact } of asker.enterprise ? enterprise : asker.person ? person : []) set(out, factOf(asker, fact))
    for (const step of steps) step(out, input, asker)
    return request ? request(input, out) : out
  }

  const pathOf = compilePath(path, contract.inputs, upstream)
  const headersOf = compileHeaders(headers, contract.inputs, upstream)
  return {
    params,
    outgoing(input, asker) {
      const outgoing: Outgoing = { sid, path: pathOf(input, asker), method, params: params(input, asker), userId: asker.userId }
      if (headersOf) outgoing.headers = headersOf(input, asker)
      return outgoing
    },
  }
}

function inputIn(value: string | { input: string } | { fact: string }): string[] {
  return typeof value === 'object' && 'input' in value ? [value.input] : []
}

function keysOf({ inputs }: ServiceContract, { subject }: UpstreamDeclaration): string[] {
  const ofInputs = Object.values(inputs).flatMap(({ notes }) => [...notes.codes])
  return [...ofInputs, ...Object.keys(subject.person ?? {}), ...Object.keys(subject.enterprise ?? {})]
}

function compileInput(
  name: string,
  notes: InputNotes,
  upstream: UpstreamDeclaration,
  { agents }: ServiceContract,
  place: (key: string) => (out: Params, value: unknown) => void,
): Step {
  const [first, second] = notes.codes
  const { fact } = notes
  if (first === undefined && second === undefined) return () => undefined
  const set = first === undefined ? () => undefined : place(first)
  if (fact !== undefined)
    return (out, _input, asker) => {
      // A service for persons and agents alike declares the facts of both; who asks for an enterprise is no part of the question.
      if (!(agents && fact.startsWith(asker.enterprise ? 'person.' : 'enterprise.'))) set(out, factOf(asker, fact))
    }
  const write = compileValue(notes, upstream.dateFormat)
  if (notes.type === 'period') {
    const setEnd = second === undefined ? () => undefined : place(second)
    return (out, input) => {
      const period = input[name] as Period | undefined
      if (period?.from) set(out, write(period.from))
      if (period?.to) setEnd(out, write(period.to))
    }
  }
  if (notes.type === 'address') {
    const setDivision = second === undefined ? () => undefined : place(second)
    return (out, input) => {
      const address = input[name] as AddressValue | undefined
      if (!address) return
      set(out, addressText(notes, address))
      setDivision(out, address.division)
    }
  }
  if (notes.type === 'file') {
    const setName = second === undefined ? () => undefined : place(second)
    return (out, input) => {
      const file = input[name] as FileValue | undefined
      if (!file) return
      set(out, file.content)
      setName(out, file.name)
    }
  }
  return (out, input) => {
    const value = input[name]
    if (value !== undefined) set(out, write(value))
  }
}
