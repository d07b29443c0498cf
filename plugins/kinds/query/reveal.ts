import type { Selection } from '../../../core/answer/selection.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Caller } from '../../access/authorise.ts'
import { principalOf } from '../../access/principal.ts'
import { requireFace } from '../../face/require.ts'
import { revealed } from '../../openapi/query-schema.ts'

/** How fresh the face of somebody is who wants to see his own numbers whole. */
const FACE = { maxAgeSeconds: 600, once: false }

/**
 * Admits the wish to see one's own data whole: for oneself or the enterprise that one acts for, with the face just
 * verified, and never by a token that a third party holds. → the names of what is shown whole, for the audit row.
 */
export async function admitReveal(
  { key, contract }: CompiledService,
  caller: Caller | null,
  asker: Asker,
  { reveal, columns }: Selection,
): Promise<string[]> {
  if (!reveal) return []
  if (!caller || principalOf(asker).startsWith('dependant:'))
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/reveal', detail: '只能查看本人或所代表企业的完整信息' }] })
  if (caller.claims.connector !== null)
    throw new HubError('HUB_SCOPE_INSUFFICIENT', { detail: '第三方应用不能查看完整信息，请在“我的许昌”中查看。' })
  await requireFace(FACE, key, caller)
  return revealed(contract.fields).filter((path) => !columns || columns.includes(path.split('.')[0] ?? ''))
}
