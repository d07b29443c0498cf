import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { AccountLookUp } from '../../core/contract/accounts.ts'
import type { Asker, VerifiedPerson } from '../../core/contract/asker.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import type { Shown } from './store.ts'

/**
 * Finds the asking person's account at the agency, with the agency's own service; a typed number must be the
 * account's id. Throws HUB_ACCOUNT_UNVERIFIED unless it answers exactly one row that the connector accepts as the person's;
 * the same for a number that doesn't exist and one of somebody else's, so that nobody can try numbers out.
 */
export async function lookUpAccount(
  service: CompiledService,
  upstream: Pick<Upstream, 'call'>,
  { input, externalId, unionId, shows = [], accepts = () => true }: AccountLookUp,
  asker: Asker & { person: VerifiedPerson; userId: string },
  number: string | null,
): Promise<{ externalId: string; unionId: string | null; shown: Shown }> {
  const { contract, sid } = service
  const params = service.params(input === undefined || number === null ? {} : { [input]: number }, asker)
  const outgoing = { sid, method: contract.upstream?.method ?? 'POST', params, userId: asker.userId } as const
  const options = { deadline: performance.now() + contract.timeoutMs, retries: 0, cacheSeconds: 0 }
  const { rows } = await upstream.call(outgoing, service.open, options)
  const [source] = rows
  if (!source || rows.length > 1) throw new HubError('HUB_ACCOUNT_UNVERIFIED')
  const row = readOwn(service, source, asker)
  const found = text(row[externalId])
  // An agency that takes no notice of the number would bind whatever it answers with.
  if (found === null || (number !== null && found !== number) || !accepts(row, asker.person)) throw new HubError('HUB_ACCOUNT_UNVERIFIED')
  const union = unionId === undefined ? null : text(row[unionId])
  // Last, since it shortens the row itself.
  const masked = service.mask(row)
  const shown = Object.fromEntries(shows.flatMap((name) => (text(masked[name]) === null ? [] : [[name, String(masked[name])]])))
  return { externalId: found, unionId: union, shown }
}

function readOwn(service: CompiledService, source: Readonly<Record<string, unknown>>, asker: Asker) {
  try {
    return service.map(source, asker)
  } catch (error) {
    if (error instanceof HubError && error.code === 'HUB_UPSTREAM_WRONG_SUBJECT') throw new HubError('HUB_ACCOUNT_UNVERIFIED', {}, error)
    throw error
  }
}

function text(value: unknown): string | null {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : null
}
