import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { sealOf } from '../audit/chain.ts'
import { readHeads } from '../audit/store.ts'
import { identityHash } from '../store/identity-hash.ts'
import { readIndexes } from '../store/indexes.ts'
import { readSchema } from '../store/schema.ts'
import { sealedColumns } from './personal-data.ts'

/** `master`: nothing that is sealed opens. `lookup`: it does, but the hashes were made with another key. */
type KeyVerdict = 'fit' | 'master' | 'lookup'

const SAMPLE = 5

const SAID: Readonly<Record<KeyVerdict, string | null>> = {
  fit: null,
  master:
    '主密钥不对：库里的密文，用设置的 MASTER_KEY（和 MASTER_KEYS_OLD）一处也解不开。\n请改用写入这个库时的主密钥；开发环境的主密钥在 DATA_DIR 的 master.key 里，换了 DATA_DIR 就换了密钥。\n若确信密钥没有错，则库里的数据已被改动。',
  lookup:
    '查找密钥不对：主密钥能解开库里的密文，但查找哈希对不上。\n换过主密钥的，LOOKUP_KEY 须是更换之前 hub keys lookup 显示的那一个。\n若确信密钥没有错，则库里的数据已被改动。',
}

/** The keys of the settings are not those that the store was written with; the message is for an operator to read. */
export class KeyError extends Error {}

/** Throws {@link KeyError} where the keys don't fit: what is written with others could never be read again. `need`: see {@link checkKeys}. */
export async function assertKeys(database: Database, vault: Vault, need: 'both' | 'lookup' = 'both'): Promise<void> {
  const said = SAID[await checkKeys(database, vault, need)]
  if (said !== null) throw new KeyError(said)
}

/**
 * Whether the keys are those that the store was written with, judged by what the store holds already. A text
 * that opens or a seal that fits proves a key, for nobody without it could have made them; a store in which some
 * do and some don't was altered, which is for the audit's check to say. That check needs no more than `lookup`.
 */
async function checkKeys(database: Database, vault: Vault, need: 'both' | 'lookup' = 'both'): Promise<KeyVerdict> {
  const heads = await readHeads(database)
  const looksUp = heads.some((head) => head.seal === sealOf(vault, head))
  if (looksUp && need === 'lookup') return 'fit'
  const sealed = await tryTexts(database, vault)
  if (sealed === 'closed') return 'master'
  if (looksUp || heads.length === 0 || sealed === 'none') return 'fit'
  return (await tryHashes(database, vault)) === 'differ' ? 'lookup' : 'fit'
}

async function tryTexts(database: Database, vault: Vault): Promise<'opens' | 'closed' | 'none'> {
  let tried = 0
  // A store that is being restored has the structure of its backup, maybe an older one.
  const there = new Set((await readSchema(database)).map(({ table, column }) => `${table}.${column}`))
  for (const { table, column, key, context } of sealedColumns) {
    if (!there.has(`${table}.${column}`)) continue
    const rows: Record<string, string>[] = await database(table).whereNotNull(column).limit(SAMPLE).select(key, column)
    for (const row of rows) {
      tried++
      if (canOpen(vault, String(row[column]), context(String(row[key])))) return 'opens'
    }
  }
  return tried === 0 ? 'none' : 'closed'
}

/** People's numbers are there sealed and hashed: what opens tells what the hash must be. Hashed under a key of their own, they say nothing for this one. */
async function tryHashes(database: Database, vault: Vault): Promise<'agree' | 'differ' | 'none'> {
  if ((await readIndexes(database, vault)).now !== vault) return 'differ'
  const rows: { id: string; id_type: string; id_number_sealed: string; id_number_hash: string }[] = await database('users')
    .whereNotNull('id_number_sealed')
    .whereNotNull('id_number_hash')
    .limit(SAMPLE)
    .select('id', 'id_type', 'id_number_sealed', 'id_number_hash')
  let compared = 0
  for (const { id, id_type, id_number_sealed, id_number_hash } of rows) {
    const context = `users.id_number:${id}`
    if (!canOpen(vault, id_number_sealed, context)) continue
    compared++
    if (identityHash(vault, id_type, vault.open(id_number_sealed, context)) === id_number_hash) return 'agree'
  }
  return compared === 0 ? 'none' : 'differ'
}

function canOpen(vault: Vault, sealed: string, context: string): boolean {
  try {
    vault.open(sealed, context)
    return true
  } catch {
    return false
  }
}
