import { normalIdNumber } from '../../core/base/checksums.ts'
import { HubError } from '../../core/base/errors.ts'
import { execute } from '../../core/call/execute.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { VerifiedPerson } from '../../core/contract/asker.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import type { Users } from '../users/users.ts'

/** What is needed to ask an agency whom it names as somebody's family. */
export interface Agencies {
  readonly users: Users
  readonly services: ReadonlyMap<string, CompiledService>
  readonly upstreams: ReadonlyMap<string, Upstream>
}

const EVERYTHING = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }

/**
 * 家庭成员 by the agency's own record: → the relative as the hub has verified him, where the asker's record at the agency
 * (医保家庭共济 …) names his id number now; else null. Nothing is kept of it: who is struck off the record is refused at once.
 */
export async function provenRelative(
  { users, services, upstreams }: Agencies,
  { connector, contract }: CompiledService,
  userId: string,
  relativeId: string,
): Promise<VerifiedPerson | null> {
  const proof = contract.kinship
  const source = proof && services.get(`${connector.id}.${proof.service}`)
  const upstream = source && upstreams.get(source.system)
  if (!proof || !source || !upstream || userId === relativeId) return null
  const { person } = await users.byId(userId)
  const relative = await personOf(users, relativeId)
  if (!person || !relative) return null
  // A masked number proves nobody: the row is read as the agency sent it.
  const asker = { userId, person, enterprise: null }
  const { rows } = await execute({ ...source, mask: (row) => row }, upstream, asker, {}, EVERYTHING, true)
  const wanted = normalIdNumber(relative.idNumber)
  return rows.some((row) => normalIdNumber(String(row[proof.idNumber] ?? '')) === wanted) ? relative : null
}

/** Whoever is unknown, locked or without a verified name is nobody's relative. */
async function personOf(users: Users, id: string): Promise<VerifiedPerson | null> {
  try {
    return (await users.byId(id)).person
  } catch (error) {
    if (error instanceof HubError && error.status < 500) return null
    throw error
  }
}
