import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { inForce } from './in-force.ts'
import type { MandateRow } from './mandates.ts'

/** An enterprise for which somebody acts, as the register has it. Names are those that a third party reads. */
export interface EnterpriseClaim {
  name: string
  uscc: string
  /** 法定代表人; null where he has not bound the enterprise, or no longer. */
  legal_person: string | null
  role: 'legal-representative' | 'agent'
}

type Held = Pick<MandateRow, 'id' | 'name_sealed'>

/** → the enterprises that the user may act for now: with mandates in force, and not frozen. */
export async function enterpriseClaims(database: Database, vault: Vault, userId: string): Promise<EnterpriseClaim[]> {
  const now = Date.now()
  const rows: { id: string; name: string; uscc: string; role: EnterpriseClaim['role'] }[] = await database('mandates')
    .join('enterprises', 'enterprises.id', 'mandates.enterprise_id')
    .where({ 'mandates.user_id': userId, 'enterprises.status': 'active' })
    .whereIn('mandates.role', ['legal-representative', 'agent'])
    .modify(inForce, now)
    .orderBy(['enterprises.uscc', 'mandates.role'])
    .select('enterprises.id', 'enterprises.name', 'enterprises.uscc', 'mandates.role')
  // Who is both is the representative, the later of the two names.
  const byId = new Map(rows.map((row) => [row.id, row]))
  return Promise.all(
    [...byId.values()].map(async ({ id, name, uscc, role }) => {
      const held: Held | undefined = await database('mandates')
        .where({ 'mandates.enterprise_id': id, 'mandates.role': 'legal-representative' })
        .modify(inForce, now)
        .first('id', 'name_sealed')
      return { name, uscc, legal_person: held?.name_sealed ? vault.open(held.name_sealed, `mandates.name:${held.id}`) : null, role }
    }),
  )
}
