import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { readIndexes } from '../store/indexes.ts'
import { sameName } from './agents.ts'
import { type Actor, changeMandate, holderKey, holderOf, insertMandate, type MandateRow, newMandate, termsOf } from './mandates.ts'

export interface KinDraft {
  name: string
  /** Check digit verified. */
  idNumber: string
  scope: string
  starts_at: number
  ends_at: number
}

export type Relative = ReturnType<typeof termsOf> & { name: string | null }

/** 家庭成员: whom somebody lets see his own records. He alone grants it, under his own login, and takes it back when he likes. */
export interface Kin {
  /** Throws HUB_VALIDATION where nobody is verified under that name and number, or it is the user himself, HUB_MANDATE_EXISTS. */
  admit(userId: string, draft: KinDraft, actor: Actor): Promise<Relative>
  /** Those whom the user let see his records, in force or not. */
  list(userId: string): Promise<Relative[]>
  /** Throws HUB_NO_RECORD for one that is not (or no longer) the user's own to take back. */
  dismiss(userId: string, id: string, actor: Actor): Promise<void>
}

export function createKin(database: Database, vault: Vault): Kin {
  const present = (row: MandateRow): Relative => ({ ...termsOf(row), name: holderOf(vault, row).name })

  async function find(name: string, idNumber: string): Promise<{ id: string; name: string } | null> {
    const idHashes = (await readIndexes(database, vault)).each((key) => identityHash(key, IDENTITY_CARD, idNumber))
    const row = await database('users').whereIn('id_number_hash', idHashes).where({ level: 'real-name' }).first('id', 'name_sealed')
    const held = row?.name_sealed ? vault.open(row.name_sealed, `users.name:${row.id}`) : null
    return held !== null && sameName(held, name) ? { id: String(row.id), name: held } : null
  }

  return {
    async admit(userId, { name, idNumber, scope, starts_at, ends_at }, actor) {
      const relative = await find(name, idNumber)
      // One answer to whoever tries names and numbers.
      if (!relative || relative.id === userId)
        throw new HubError('HUB_VALIDATION', {
          errors: [{ pointer: '/body/idNumber', detail: '没有与姓名和身份证号相符的另一位实名用户，请对方先完成实名认证' }],
        })
      const holder_key = holderKey(vault, 'kin', userId, relative.id)
      const row = newMandate({ role: 'kin', scope, status: 'active', granted_by: 'self', starts_at, ends_at, holder_key })
      row.user_id = relative.id
      row.subject_user_id = userId
      row.name_sealed = vault.seal(relative.name, `mandates.name:${row.id}`)
      try {
        await transact(database, async (transaction) => {
          // A term that has run out is no obstacle to a new one.
          const past: MandateRow[] = await transaction('mandates').where({ holder_key }).andWhere('ends_at', '<=', Date.now()).forUpdate()
          for (const each of past) await changeMandate(transaction, each, { status: 'disabled' }, 'disabled', actor)
          await insertMandate(transaction, row, actor)
        })
      } catch (error) {
        throw isDuplicate(error) ? new HubError('HUB_MANDATE_EXISTS') : error
      }
      return present(row)
    },
    async list(userId) {
      const rows: MandateRow[] = await database('mandates')
        .where({ subject_user_id: userId, role: 'kin' })
        .orderBy(['created_at', 'id'])
        .limit(200)
      return rows.map(present)
    },
    dismiss: (userId, id, actor) =>
      transact(database, async (transaction) => {
        const row: MandateRow | undefined = await transaction('mandates')
          .where({ id, subject_user_id: userId, role: 'kin', status: 'active' })
          .forUpdate()
          .first()
        if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项同意，或它已经撤回。' })
        await changeMandate(transaction, row, { status: 'disabled' }, 'disabled', actor)
      }),
  }
}
