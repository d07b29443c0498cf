import type { FieldNotes } from '../core/contract/fields.ts'
import type { ServiceContract } from '../core/contract/types.ts'
import { takersOf } from '../plugins/kinds/booking/policy.ts'
import type { Finding } from './check.ts'
import type { Paper, PromisedDemands } from './paper.ts'

/** A service as the contract names it, word for word; kept by hand in the connector's `promise.json`, apart from the declaration. */
export interface Promised extends PromisedDemands, Pick<ServiceContract, 'name' | 'section' | 'audience' | 'identity'> {
  /** As declared; with `by` as the contract names it. */
  kind: string
  /** What keeps it instead of a declared service: an operation of the hub's interface documents, or `hub` for work that nobody asks for. */
  by?: string
  inputs: readonly (readonly [name: string, title: string])[]
  fields: readonly (readonly [name: string, title: string, type: string])[]
}

/** Words for the type of a promised field, and what a field may be that does justice to each: reasons may come as codes, several persons as a list. */
const TYPES: Readonly<Record<string, readonly FieldNotes['type'][]>> = {
  string: ['text', 'month', 'code', 'list'],
  number: ['number', 'integer'],
  money: ['money'],
  boolean: ['flag'],
  // The end of a validity may be open.
  date: ['date', 'until'],
  datetime: ['datetime'],
  enum: ['code'],
  list: ['list'],
  file: ['files'],
  // One that the hub draws comes as a text that a page shows.
  image: ['files', 'text'],
}

export function checkPromise({ connector, promise }: Paper): Finding {
  if (!promise) return { skip: '没有合同的说法（promise.json）' }
  if (!promise.every(isWhole)) return { skip: 'promise.json 没有写服务、输入和字段' }
  return shortfalls(
    promise,
    connector.services.map(({ contract }) => contract),
  )
}

/** Not merely what is demanded of a service. */
function isWhole(service: PromisedDemands): service is Promised {
  return 'inputs' in service && 'fields' in service
}

/** Everything in which declared services fall short of the promise. Further inputs and fields may follow those promised. */
export function shortfalls(promised: readonly Promised[], declared: readonly ServiceContract[]): string[] {
  return [
    ...unpromised(promised, declared).map(({ id }) => `${id}：promise.json 里没有这项服务`),
    ...promised.flatMap((service) => shortfallsOf(service, declared.find(({ id }) => id === service.id) ?? null)),
  ]
}

function unpromised(promised: readonly Promised[], declared: readonly ServiceContract[]): ServiceContract[] {
  // What another service asks first (提取验证, a bill, whose family somebody is) is part of that one, and so are an appeal against
  // its records, what is done with its bookings, and what helps those who ask it.
  const asked = new Set(
    declared.flatMap(({ submission, order, kinship }) => [submission?.precheck?.service, order?.bill.service, kinship?.service]),
  )
  const isPromised = (wanted: string) => promised.some(({ id }) => id === wanted)
  const bookingsOf = ({ booking }: ServiceContract) => (booking && 'does' in booking ? takersOf(booking) : [])
  const partOf = (contract: ServiceContract) => [
    contract.submission?.against?.service ?? contract.id,
    ...(contract.assists ?? []),
    ...bookingsOf(contract),
  ]
  return declared.filter((contract) => !asked.has(contract.id) && !partOf(contract).some(isPromised))
}

function shortfallsOf(service: Promised, contract: ServiceContract | null): string[] {
  const { id, by } = service
  if (by !== undefined) return contract ? [`${id}：声明了，合同却说由 ${by} 提供`] : []
  if (!contract) return [`${id}：没有这项服务`]
  const words = (['name', 'section', 'kind', 'audience', 'identity'] as const).flatMap((key) =>
    contract[key] === service[key] ? [] : [`${id}：${key} 应为 ${service[key] ?? '空'}，声明是 ${contract[key] ?? '空'}`],
  )
  return [
    ...words,
    ...misplaced(service.inputs, contract.inputs).map((words) => `${id}：${words('输入')}`),
    ...misplaced(service.fields, contract.fields).map((words) => `${id}：${words('字段')}`),
    ...service.fields.flatMap(([name, , type]) => mistyped(`${id}.${name}`, type, contract.fields[name]?.notes.type)),
  ]
}

type Titled = Readonly<Record<string, { notes: { title: string } }>>

/** → the first that is not in its place: those promised lead, in the contract's order; all that follow would be out of place with it. */
function misplaced(promised: readonly (readonly [name: string, title: string, ...rest: string[]])[], declared: Titled) {
  const there = Object.entries(declared).map(([name, { notes }]) => `${name}“${notes.title}”`)
  const at = promised.findIndex(([name, title], index) => there[index] !== `${name}“${title}”`)
  const [name, title] = promised[at] ?? []
  return at < 0
    ? []
    : [(what: string) => `第 ${at + 1} 个${what}应为 ${name}“${title}”，声明${there[at] ? `是 ${there[at]}` : '没有这么多'}`]
}

function mistyped(place: string, type: string, declared: FieldNotes['type'] | undefined): string[] {
  const fitting = TYPES[type]
  if (!fitting) return [`${place}：没有“${type}”这种类型，可用 ${Object.keys(TYPES).join('、')}`]
  if (declared === undefined || fitting.includes(declared)) return []
  return [`${place}：${type} 应声明为 ${fitting.map((each) => `field.${each}`).join('、')}，声明是 field.${declared}`]
}
