import type { CompiledService } from '../../../core/call/service.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import type { IdentityLevel } from '../../../core/contract/types.ts'
import { type Capability, type Described, NOTHING_SAID, type Snapshot } from './capability.ts'
import { platformAbilities } from './platform.ts'

const PERMISSION: Readonly<Record<IdentityLevel, string>> = {
  none: '公开',
  login: '用户本人的访问令牌',
  'real-name': '用户本人的访问令牌，须已实名',
  face: '用户本人的访问令牌，须已实名并完成人脸核验',
  'authorised-agent': '单位授权的经办人的访问令牌',
}

/** A service as a capability: all of it follows from its declaration. */
export function describedService(service: CompiledService): Described {
  const { key, connector, contract, rate } = service
  return {
    id: key,
    type: 'service',
    name: contract.name,
    version: connector.version ?? '1.0.0',
    summary: `${connector.name} · ${agencyOf(connector, contract)}`,
    permission: PERMISSION[contract.identity],
    rate: `每位用户每 ${rate.perSeconds} 秒 ${rate.max} 次`,
    docs: connector.documentation ?? null,
    operations: [key],
    words: [...Object.values(contract.inputs), ...Object.values(contract.fields)].map(({ notes }) => notes.title),
  }
}

/** Everything there is: what the declarations and the hub offer, and what administrators added; the heavier first. */
export function listCapabilities(services: Iterable<CompiledService>, { said }: Snapshot): Capability[] {
  const declared = [...[...services].filter(({ connector }) => !connector.internal).map(describedService), ...platformAbilities]
  const added = [...said].flatMap(([id, { own }]): Described[] => (own ? [{ ...own, id, type: 'native', operations: [], words: [] }] : []))
  const known = new Set(declared.map(({ id }) => id))
  const all = [
    ...declared.map((each) => ({ ...each, declared: true })),
    ...added.filter(({ id }) => !known.has(id)).map((each) => ({ ...each, declared: false })),
  ]
  return all
    .map((each) => {
      const { own: _, ...more } = said.get(each.id) ?? NOTHING_SAID
      return { ...each, ...more }
    })
    .sort((one, other) => other.weight - one.weight)
}
