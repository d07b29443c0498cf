import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import { recognise } from '../access/authorise.ts'
import { type Acting, actingOf } from '../access/principal.ts'
import { callerOf } from '../route-kit/kit.ts'

/** For whom the caller acts at the service now, whatever he wants there: to do something, to repeat it or to look at it. */
export async function admitted(app: FastifyInstance, request: FastifyRequest, service: CompiledService, asker?: Asker): Promise<Acting> {
  const known = asker ?? (await recognise(service, callerOf(request), app.users))
  const { userId = '', enterprise } = known
  request.audit.enterprise = enterprise?.id ?? null
  return actingOf(known, enterprise !== null && (await app.standing.represents(userId, enterprise.id, service.key)))
}
