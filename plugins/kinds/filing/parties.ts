import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import Type, { type TSchema } from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { part } from '../../route-kit/part.ts'
import { type Hasher, holdIndexes } from '../../store/indexes.ts'
import type { PartiesPolicy } from './policy.ts'

/** Members of a filing's body: the others, and what the applicant is himself. */
export const PARTIES = 'parties'
export const OWN_ROLE = 'applicantRole'
export const OWN_SHARE = 'applicantShare'

export type PartyState = 'pending' | 'agreed' | 'refused'
export const partyStates: Readonly<Record<PartyState, string>> = { pending: '待确认', agreed: '已同意', refused: '不同意' }

export interface Party {
  name: string
  idNumber: string
  role: string
  /** Per cent. */
  share?: number | undefined
}

/** One row of `filing_parties`; times are epoch milliseconds. Place 0 is the applicant. */
export interface PartyRow {
  id: string
  submission_id: string
  person_hash: string
  place: number
  party_sealed: string
  state: PartyState
  user_id: string | null
  expires_at: number | string
  answered_at: number | string | null
}

export const partyContext = (id: string) => `filing_parties.party:${id}`

/** By it somebody who logs in is known as one whose consent is wanted. */
export function personHash(key: Hasher, idNumber: string): string {
  return key.fingerprint(idNumber, 'filing-parties.person')
}

export function openParty(vault: Vault, { id, party_sealed }: Pick<PartyRow, 'id' | 'party_sealed'>): Party {
  return JSON.parse(vault.open(party_sealed, partyContext(id))) as Party
}

/** What a filing's body holds beyond the inputs. */
export function partyProperties({ roles, keys, min, max, days }: PartiesPolicy): Record<string, TSchema> {
  const role = part.choice('身份', roles.values)
  const share = Type.Unsafe<number>({ type: 'number', exclusiveMinimum: 0, maximum: 100, format: 'yuan', title: '份额（百分比）' })
  const party = part.input({ name: part.text('姓名', NAME), idNumber: part.idNumber(), role, ...(keys.share ? { share } : {}) }, [
    'name',
    'idNumber',
    'role',
  ])
  const description = `每一方须在 ${days} 天内以本人身份登录确认；有人不同意或者逾期未确认的，申请终止`
  return {
    [PARTIES]: part.list('其他当事人', party, { minItems: min, maxItems: max, description }),
    [OWN_ROLE]: part.choice('申请人的身份', roles.values),
    ...(keys.share ? { [OWN_SHARE]: Type.Unsafe({ ...share, title: '申请人的份额（百分比）' }) } : {}),
  }
}

const NAME = { minLength: 1, maxLength: 64, pattern: '\\S' }

export function requiredOfParties({ min }: PartiesPolicy): string[] {
  return [OWN_ROLE, ...(min > 0 ? [PARTIES] : [])]
}

/** The applicant first, then the others. Throws HUB_VALIDATION for one named twice, and for shares that make no whole. */
export function partiesIn(policy: PartiesPolicy, asker: Asker, input: Readonly<Record<string, unknown>>): readonly [Party, ...Party[]] {
  const others = (input[PARTIES] ?? []) as readonly Party[]
  const who = asker.enterprise ? { name: asker.enterprise.name, idNumber: asker.enterprise.uscc } : asker.person
  if (!who) throw new HubError('HUB_REAL_NAME_REQUIRED')
  const own: Party = {
    name: who.name,
    idNumber: who.idNumber,
    role: String(input[OWN_ROLE]),
    share: input[OWN_SHARE] as number | undefined,
  }
  const numbers = [own, ...others].map(({ idNumber }) => idNumber)
  const twice = others.flatMap(({ idNumber }, index) => (numbers.indexOf(idNumber) < index + 1 ? [index] : []))
  if (twice.length > 0)
    throw new HubError('HUB_VALIDATION', {
      errors: twice.map((index) => ({ pointer: `/body/${PARTIES}/${index}/idNumber`, detail: '申请人和其他当事人不能重复' })),
    })
  assertWhole(policy, [own, ...others])
  return [own, ...others]
}

/** Of each role either nobody has a share, or all have, and they make a whole. */
function assertWhole({ keys, roles }: PartiesPolicy, parties: readonly Party[]): void {
  if (!keys.share) return
  for (const [role, title] of Object.entries(roles.values)) {
    const shares = parties.filter((party) => party.role === role).map(({ share }) => share)
    const sum = shares.reduce<number>((total, share) => total + Math.round((share ?? 0) * 100), 0)
    if (shares.some((share) => share !== undefined) && (sum !== 10_000 || shares.includes(undefined)))
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer: `/body/${PARTIES}`, detail: `${title}的份额合计须为 100%` }] })
  }
}

/** Writes down whose consent a filing waits for; the applicant's is in the filing itself. */
export async function insertParties(
  transaction: Knex.Transaction,
  vault: Vault,
  parties: readonly Party[],
  { submissionId, userId, at, expiresAt }: { submissionId: string; userId: string; at: number; expiresAt: number },
): Promise<void> {
  const { now: key } = await holdIndexes(transaction, vault)
  for (const [place, party] of parties.entries()) {
    const id = randomUUID()
    await transaction('filing_parties').insert({
      id,
      submission_id: submissionId,
      person_hash: personHash(key, party.idNumber),
      place,
      party_sealed: vault.seal(JSON.stringify(party), partyContext(id)),
      state: place === 0 ? 'agreed' : 'pending',
      user_id: place === 0 ? userId : null,
      expires_at: expiresAt,
      answered_at: place === 0 ? at : null,
    })
  }
}

/** The list that goes to the agency: who they are, and when each agreed (Beijing time, `YYYYMMDDHHmmss`). */
export function partyList({ keys }: PartiesPolicy, parties: readonly (Party & { agreedAt: number })[]): Record<string, unknown>[] {
  return parties.map(({ name, idNumber, role, share, agreedAt }) => ({
    [keys.name]: name,
    [keys.idNumber]: idNumber,
    [keys.role]: role,
    ...(keys.share && share !== undefined ? { [keys.share]: share } : {}),
    ...(keys.agreedAt ? { [keys.agreedAt]: new Date(agreedAt + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14) } : {}),
  }))
}

export function checkParties({ contract, report }: KindSubject): void {
  const policy = contract.submission?.parties
  if (!policy) return
  const at = '.submission.parties'
  const { min, max, days, roles } = policy
  if (!(min >= 0 && max >= Math.max(1, min) && max <= 20)) report('min and max must lie between 0 and 20, max above 0', at)
  if (!(days >= 1 && days <= 60)) report('days must lie between 1 and 60', at)
  if (Object.keys(roles.values).length === 0) report('needs a list of roles', at)
  for (const name of [PARTIES, OWN_ROLE, OWN_SHARE]) if (contract.inputs[name]) report('the input name belongs to the hub', `.${name}`)
  if (Object.values(contract.inputs).some(({ notes }) => notes.codes.includes(policy.code))) report(`the key is taken: ${policy.code}`, at)
  if (['none', 'login'].includes(contract.identity)) report('parties need an applicant who is known by name', at)
}
