import type { Fields } from '../../../core/contract/fields.ts'
import { rowsOf, systemOf, usesAccount } from '../../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../../core/contract/types.ts'

/** What a candidate declares otherwise than the running version. */
export const declaredKinds = {
  missing: '没有了',
  added: '新增',
  type: '类型不同',
  mask: '脱敏不同',
  access: '使用条件不同',
  owner: '不再核对数据属于谁',
  input: '新增必填项',
} as const
export type DeclaredKind = keyof typeof declaredKinds

export interface DeclaredDifference {
  service: string
  /** A field as `list.column`, or an input; null for the service itself. */
  field: string | null
  difference: DeclaredKind
}

/** Whatever stands in the documents of the running version, a caller may rely on; what is new does not disturb him. */
export const isBreaking = ({ difference }: DeclaredDifference): boolean => difference !== 'added'

export function declaredDifferences(running: ConnectorDeclaration, candidate: ConnectorDeclaration): DeclaredDifference[] {
  const [old, next] = [running, candidate].map(
    ({ services }) => new Map(services.map(({ contract }) => [contract.id, contract] as const)),
  ) as [Map<string, ServiceContract>, Map<string, ServiceContract>]
  const added = [...next.keys()].filter((service) => !old.has(service))
  return [
    ...[...old].flatMap(([service, contract]): DeclaredDifference[] => {
      const other = next.get(service)
      return other
        ? ofService({ connector: running, contract }, { connector: candidate, contract: other })
        : [{ service, field: null, difference: 'missing' }]
    }),
    ...added.map((service) => ({ service, field: null, difference: 'added' as const })),
  ]
}

interface Declared {
  connector: ConnectorDeclaration
  contract: ServiceContract
}

function ofService(running: Declared, candidate: Declared): DeclaredDifference[] {
  const service = running.contract.id
  const [old, next] = [running.contract, candidate.contract]
  const inputs = Object.entries(next.inputs)
    .filter(([name, { notes }]) => !notes.fact && notes.required && !old.inputs[name]?.notes.required)
    .map(([field]) => ({ service, field, difference: 'input' as const }))
  const access = accessOf(running) === accessOf(candidate) ? [] : [{ service, field: null, difference: 'access' as const }]
  const owner = forgets(ownerKeysOf(running), ownerKeysOf(candidate)) ? [{ service, field: null, difference: 'owner' as const }] : []
  return [...access, ...owner, ...inputs, ...ofFields(service, old.fields, next.fields)]
}

/** Keys by which rows of others are found out, of each kind; other keys of another interface may do as well, none do not. */
function ownerKeysOf({ connector, contract }: Declared): (readonly string[])[] {
  const { owner } = systemOf(connector, contract)
  return [owner?.person ?? [], owner?.enterprise ?? [], contract.parties ?? []]
}

const forgets = (old: readonly (readonly string[])[], next: readonly (readonly string[])[]): boolean =>
  old.some((keys, kind) => keys.length > 0 && next[kind]?.length === 0)

/** Who may ask, how, and for what shape of an answer. */
function accessOf({ connector, contract }: Declared): string {
  const { kind, audience, identity, agents = false, dependants = false, face = null } = contract
  return JSON.stringify([kind, audience, identity, agents, dependants, face, rowsOf(contract), usesAccount(connector, contract)])
}

function ofFields(service: string, old: Fields, next: Fields, list = ''): DeclaredDifference[] {
  const gone = Object.entries(old).flatMap(([name, { notes }]): DeclaredDifference[] => {
    const field = `${list}${name}`
    const other = next[name]?.notes
    if (!other) return [{ service, field, difference: 'missing' }]
    if (other.type !== notes.type) return [{ service, field, difference: 'type' }]
    const mask: DeclaredDifference[] = other.mask === notes.mask ? [] : [{ service, field, difference: 'mask' }]
    const owner: DeclaredDifference[] =
      notes.subject === undefined || other.subject === notes.subject ? [] : [{ service, field, difference: 'owner' }]
    return [...mask, ...owner, ...(notes.columns ? ofFields(service, notes.columns, other.columns ?? {}, `${name}.`) : [])]
  })
  const added = Object.keys(next).filter((name) => !Object.hasOwn(old, name))
  return [...gone, ...added.map((name) => ({ service, field: `${list}${name}`, difference: 'added' as const }))]
}
