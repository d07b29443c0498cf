import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { ServiceContract } from '../../core/contract/types.ts'

/** Longest list of rights that a mandate's row holds. */
const MAX_LENGTH = 1000

/** In which services somebody of a role can act for another at all. */
export const serves = {
  agent: ({ audience, agents }: ServiceContract) => audience === 'enterprise' || agents === true,
  guardian: ({ dependants }: ServiceContract) => Boolean(dependants),
  kin: ({ dependants }: ServiceContract) => dependants === true,
  operator: ({ audience, identity }: ServiceContract) => audience === 'person' && identity !== 'none',
}

/**
 * Rights as a mandate keeps them, space-separated. Each is a connector or a service in which the role can
 * act; nobody is given `*`. Throws HUB_VALIDATION with a pointer at each wrong one.
 */
export function readScope(scope: readonly string[], role: keyof typeof serves, services: ReadonlyMap<string, CompiledService>): string {
  const known = new Set<string>()
  for (const { key, connector, contract } of services.values()) if (serves[role](contract)) known.add(key).add(connector.id)
  const errors = scope.flatMap((part, index) =>
    known.has(part) ? [] : [{ pointer: `/body/scope/${index}`, detail: '没有这个系统或服务，或它不能这样授权' }],
  )
  const text = [...new Set(scope)].join(' ')
  if (text.length > MAX_LENGTH) errors.push({ pointer: '/body/scope', detail: '授权的服务过多，请按系统授权' })
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
  return text
}

/** Start and end of a mandate in epoch milliseconds. Throws HUB_VALIDATION where no time is left between them. */
export function readTerm(startsAt: string | undefined, endsAt: string): { starts_at: number; ends_at: number } {
  const now = Date.now()
  const starts_at = startsAt === undefined ? now : Date.parse(startsAt)
  const ends_at = Date.parse(endsAt)
  if (ends_at <= Math.max(now, starts_at))
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/endsAt', detail: '结束时间须晚于开始时间和现在' }] })
  return { starts_at, ends_at }
}
